//! The pattern language of command rules: its text form and its tokens.
//!
//! A pattern's text is already its compiled form: tokens with one blank between them, checked
//! when it was made. Reading it again at match time costs less than loading a table of tokens,
//! and the shipped patterns stay plain strings in the binary.
//!
//! The build script compiles this file too, so it leans on nothing else in the crate.

use std::borrow::Cow;
use std::fmt::Write as _;

use serde::{Deserialize, Serialize};

/// The most tokens that stand for words in one pattern.
pub(crate) const MAX_WORDS: usize = 24;

/// Patterns of which any one may match.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(into = "Vec<String>", try_from = "Vec<String>")]
pub(crate) struct Patterns {
    /// One pattern a line.
    lines: Cow<'static, str>,
}

/// One part of a pattern.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Token<'p> {
    /// The next word is (or is not) one of the alternatives, each a glob.
    Word { any: &'p str, not: bool },
    /// Any number of words.
    Gap,
    /// No further words.
    End,
    /// The `--` that ends options.
    Dashes,
    /// One of the options occurs (or does not) anywhere, perhaps with one of the values.
    Flag {
        any: &'p str,
        value: Option<&'p str>,
        not: bool,
    },
}

impl Patterns {
    /// Patterns that were checked when the crate was built, one a line.
    pub(crate) const fn known(lines: &'static str) -> Self {
        Self {
            lines: Cow::Borrowed(lines),
        }
    }

    /// Reads and checks patterns. Blanks around and between tokens do not count.
    ///
    /// # Errors
    ///
    /// A sentence that names the pattern and what is wrong with it.
    pub(crate) fn parse<S: AsRef<str>>(patterns: &[S]) -> Result<Self, String> {
        let mut lines = String::new();
        for (at, pattern) in patterns.iter().enumerate() {
            let pattern = pattern.as_ref();
            check(pattern).map_err(|what| format!("pattern `{pattern}`: {what}"))?;
            let tokens: Vec<&str> = pattern.split_whitespace().collect();
            let between = if at == 0 { "" } else { "\n" };
            let _ = write!(lines, "{between}{}", tokens.join(" "));
        }
        // an empty pattern among others is an empty line; alone it must differ from no pattern
        if patterns.len() == 1 && lines.is_empty() {
            lines.push_str("...");
        }
        Ok(Self {
            lines: Cow::Owned(lines),
        })
    }

    /// Each pattern's text.
    pub(crate) fn iter(&self) -> impl Iterator<Item = &str> {
        let none = self.lines.is_empty();
        self.lines.split('\n').filter(move |_| !none)
    }

    /// Which first words the patterns ask for, as a filter: a word without its [`trace`] in it
    /// begins no match. All ones if a match may begin in any way.
    pub(crate) fn first_words(&self) -> u64 {
        let none = if self.is_empty() { u64::MAX } else { 0 };
        self.iter()
            .fold(none, |seen, pattern| seen | first_words(pattern))
    }

    /// True if there is no pattern at all.
    pub(crate) fn is_empty(&self) -> bool {
        self.lines.is_empty()
    }
}

impl From<Patterns> for Vec<String> {
    fn from(patterns: Patterns) -> Self {
        patterns.iter().map(str::to_owned).collect()
    }
}

impl TryFrom<Vec<String>> for Patterns {
    type Error = String;

    fn try_from(patterns: Vec<String>) -> Result<Self, String> {
        Self::parse(&patterns)
    }
}

/// One bit that a word leaves in a filter, whatever its ASCII case.
pub(crate) fn trace(word: &str) -> u64 {
    let mix = |sum: u32, byte: u8| {
        sum.wrapping_mul(31)
            .wrapping_add(byte.to_ascii_lowercase().into())
    };
    1 << (word.bytes().fold(0, mix) % 61)
}

fn first_words(pattern: &str) -> u64 {
    let first = tokens(pattern).find(|token| !matches!(token, Token::Flag { .. }));
    match first {
        Some(Token::Word { any, not: false }) if !any.contains(['*', '?']) => {
            any.split('|').fold(0, |seen, word| seen | trace(word))
        }
        _ => u64::MAX,
    }
}

/// The tokens of one pattern.
pub(crate) fn tokens(pattern: &str) -> impl Iterator<Item = Token<'_>> {
    pattern
        .split(' ')
        .filter(|text| !text.is_empty())
        .map(token)
}

fn token(text: &str) -> Token<'_> {
    match text {
        "..." => return Token::Gap,
        "$" => return Token::End,
        "--" => return Token::Dashes,
        _ => {}
    }
    if let Some(any) = text.strip_prefix('\\') {
        return Token::Word { any, not: false };
    }
    let (not, text) = match text.strip_prefix('!') {
        Some(rest) => (true, rest),
        None => (false, text),
    };
    if text.len() < 2 || !text.starts_with('-') {
        return Token::Word { any: text, not };
    }
    let (any, value) = match text.split_once('=') {
        Some((any, value)) => (any, Some(value)),
        None => (text, None),
    };
    Token::Flag { any, value, not }
}

fn check(pattern: &str) -> Result<(), String> {
    if pattern.contains('\0') {
        return Err("holds a NUL".into());
    }
    let all: Vec<&str> = pattern.split_whitespace().collect();
    let mut words = 0;
    let mut before = None;
    for (at, text) in all.iter().enumerate() {
        let token = token(text);
        check_token(token, text)?;
        if token == Token::End && at + 1 != all.len() {
            return Err("`$` is not at its end".into());
        }
        if token == Token::Gap && before == Some(Token::Gap) {
            return Err("`...` stands twice in a row".into());
        }
        words += usize::from(!matches!(token, Token::Flag { .. }));
        before = Some(token);
    }
    if words > MAX_WORDS {
        return Err(format!("has more than {MAX_WORDS} words"));
    }
    Ok(())
}

fn check_token(token: Token<'_>, text: &str) -> Result<(), String> {
    let (any, option) = match token {
        Token::Word { any, .. } if text.starts_with('\\') => {
            return if any.is_empty() {
                Err("`\\` stands alone".into())
            } else {
                Ok(())
            };
        }
        Token::Word { any, .. } => (any, false),
        Token::Flag { any, value, .. } => {
            if value.is_some_and(|value| value.split('|').any(str::is_empty)) {
                return Err(format!("`{text}` has an empty value"));
            }
            (any, true)
        }
        Token::Gap | Token::End | Token::Dashes => return Ok(()),
    };
    for name in any.split('|') {
        let dashed = name.len() > 1 && name.starts_with('-');
        if name.trim_start_matches('-').is_empty() && name != "-" {
            return Err(format!("`{text}` has an empty alternative"));
        }
        if dashed != option {
            return Err(format!("`{text}` mixes words and options"));
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::{Patterns, Token, tokens, trace};

    #[test]
    fn each_kind_of_token_is_told_apart() {
        let seen: Vec<_> = tokens("a|b !c ... -- -f|--force --to=x|y !--dry-run $").collect();
        let flag = |any, value, not| Token::Flag { any, value, not };
        assert_eq!(
            seen,
            [
                Token::Word {
                    any: "a|b",
                    not: false
                },
                Token::Word {
                    any: "c",
                    not: true
                },
                Token::Gap,
                Token::Dashes,
                flag("-f|--force", None, false),
                flag("--to", Some("x|y"), false),
                flag("--dry-run", None, true),
                Token::End,
            ]
        );
    }

    #[test]
    fn a_backslash_makes_a_word_of_anything() {
        for text in ["\\-f", "\\!sh", "\\$", "\\..."] {
            let word = Token::Word {
                any: &text[1..],
                not: false,
            };
            assert!(tokens(text).eq([word]), "{text}");
        }
    }

    #[test]
    fn the_first_words_of_patterns_leave_a_trace() {
        let filter = |patterns: &[&str]| {
            Patterns::parse(patterns)
                .expect("well formed")
                .first_words()
        };
        assert_eq!(
            filter(&["a|B c", "-f d"]),
            trace("A") | trace("b") | trace("D")
        );
        for any in ["a*", "!a", "...", "-f", "$", "-- a", ""] {
            assert_eq!(filter(&["a", any]), u64::MAX, "{any}");
        }
    }

    #[test]
    fn a_malformed_pattern_says_what_is_wrong_with_it() {
        for (pattern, what) in [
            ("a $ b", "`$` is not at its end"),
            ("a ... ... b", "twice in a row"),
            ("a|", "empty alternative"),
            ("-f|force", "mixes words and options"),
            ("force|-f", "mixes words and options"),
            ("--to=", "empty value"),
            ("!", "empty alternative"),
            ("\\", "stands alone"),
        ] {
            let refused = Patterns::parse(&[pattern]).expect_err(pattern);
            assert!(refused.contains(what), "{pattern}: {refused}");
        }
    }

    #[test]
    fn a_pattern_survives_being_written_and_read() {
        let patterns = Patterns::parse(&["delete   ns ", "-f"]).expect("well formed");
        let json = serde_json::to_string(&patterns).expect("strings");
        assert_eq!(json, r#"["delete ns","-f"]"#);
        assert_eq!(serde_json::from_str::<Patterns>(&json).ok(), Some(patterns));
        assert!(serde_json::from_str::<Patterns>(r#"["a||b"]"#).is_err());
    }

    #[test]
    fn the_empty_pattern_is_not_the_absence_of_patterns() {
        assert_eq!(
            Patterns::parse(&[""]).expect("well formed").iter().count(),
            1
        );
        assert_eq!(Patterns::default().iter().count(), 0);
    }
}
