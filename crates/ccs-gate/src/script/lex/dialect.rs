//! How the languages' tokens differ, as data where it is data.

use super::Language;
use super::quote::{Embed, Escape, Style};

/// Where the end of a line means something.
#[derive(Clone, Copy)]
pub(super) enum Lines {
    Never,
    /// Outside of brackets.
    Outside,
    /// The parser decides.
    Always,
}

/// The surface of one language.
pub(super) struct Dialect {
    language: Language,
    /// What opens a comment to the end of the line.
    pub(super) comments: &'static [&'static str],
    /// What opens and closes a comment.
    pub(super) blocks: &'static [(&'static str, &'static str)],
    /// Characters besides letters, digits and `_` that names may have.
    extra: &'static str,
    /// Whether `/…/` is a regular expression.
    pub(super) slashes: bool,
    /// Where the end of a line means something.
    pub(super) lines: Lines,
    /// Operators of this language that mean something else, or nothing, in the others.
    own: &'static [&'static str],
}

const C: &[(&str, &str)] = &[("/*", "*/")];

const fn plain(language: Language, comments: &'static [&'static str]) -> Dialect {
    Dialect {
        language,
        comments,
        blocks: &[],
        extra: "",
        slashes: false,
        lines: Lines::Always,
        own: &[],
    }
}

static PYTHON: Dialect = Dialect {
    lines: Lines::Outside,
    own: &["//"],
    ..plain(Language::Python, &["#"])
};
static JAVASCRIPT: Dialect = Dialect {
    blocks: C,
    extra: "$",
    slashes: true,
    own: &["?."],
    ..plain(Language::JavaScript, &["//"])
};
static PERL: Dialect = Dialect {
    slashes: true,
    lines: Lines::Never,
    own: &["//", "//=", "..", "...", ".="],
    ..plain(Language::Perl, &["#"])
};
static RUBY: Dialect = Dialect {
    slashes: true,
    own: &["&.", "..", "..."],
    ..plain(Language::Ruby, &["#"])
};
static PHP: Dialect = Dialect {
    blocks: C,
    extra: "\\",
    lines: Lines::Never,
    own: &["?->", ".="],
    ..plain(Language::Php, &["#", "//"])
};
static AWK: Dialect = Dialect {
    slashes: true,
    own: &["|&", ">>"],
    ..plain(Language::Awk, &["#"])
};
static LUA: Dialect = Dialect {
    blocks: &[("--[[", "]]"), ("--[==[", "]==]")],
    lines: Lines::Never,
    own: &["..", "..."],
    ..plain(Language::Lua, &["--"])
};
static R: Dialect = Dialect {
    extra: ".",
    own: &["<-", "<<-", "|>"],
    ..plain(Language::R, &["#"])
};
static JAVA: Dialect = Dialect {
    blocks: C,
    extra: "$",
    own: &["?.", "..", "*."],
    ..plain(Language::Java, &["//"])
};

/// Words after which a slash opens a pattern.
pub(super) const BEFORE_PATTERN: &[&str] = &[
    "return", "typeof", "case", "in", "of", "delete", "void", "throw", "new", "do", "else",
    "await", "yield", "and", "or", "not", "if", "unless", "while", "until", "when", "split",
    "elsif", "grep", "puts", "print",
];

/// Operators of more than one character that all languages may have.
const COMMON: &[&str] = &[
    "===", "!==", "**=", "...", "<=>", "<<=", ">>=", "||=", "&&=", "??=", ">>>", "->", "=>", "::",
    "==", "!=", "<=", ">=", "&&", "||", "??", "++", "--", "+=", "-=", "*=", "/=", "%=", "|=", "&=",
    "^=", "**", "<<", ">>", "=~", "!~", ":=", "~=",
];

/// Every character of one byte that can be an operator.
const SINGLE: &str = "!#$%&()*+,-./:;<=>?@[\\]^{|}~";

pub(super) fn of(language: Language) -> &'static Dialect {
    match language {
        Language::Python => &PYTHON,
        Language::JavaScript => &JAVASCRIPT,
        Language::Perl => &PERL,
        Language::Ruby => &RUBY,
        Language::Php => &PHP,
        Language::Awk => &AWK,
        Language::Lua => &LUA,
        Language::R => &R,
        Language::Java | Language::PowerShell | Language::Tcl => &JAVA,
    }
}

impl Dialect {
    pub(super) fn begins_name(&self, c: char) -> bool {
        c.is_alphabetic() || c == '_' || self.extra.contains(c)
    }

    /// The length of the name `text` starts with.
    pub(super) fn name_len(&self, text: &str) -> usize {
        let inner = |c: char| c.is_alphanumeric() || c == '_' || self.extra.contains(c);
        let mut len = text.find(|c: char| !inner(c)).unwrap_or(text.len());
        if self.language == Language::Perl {
            while let Some(more) = text[len..].strip_prefix("::") {
                len += 2 + more.find(|c: char| !inner(c)).unwrap_or(more.len());
            }
        }
        let after = &text.as_bytes()[len..];
        if self.language == Language::Ruby
            && matches!(after.first(), Some(b'?' | b'!'))
            && !matches!(after.get(1), Some(b'=' | b':'))
        {
            len += 1;
        }
        len
    }

    /// Whether `word` glued to a quote changes the string and is no name.
    pub(super) fn is_prefix(&self, word: &str) -> bool {
        match self.language {
            Language::Python => word.len() <= 2 && word.bytes().all(|b| b"rRbBuUfFtT".contains(&b)),
            Language::R => matches!(word, "r" | "R"),
            _ => false,
        }
    }

    /// The longest operator `text` starts with.
    pub(super) fn operator(&self, text: &str) -> Option<&'static str> {
        let first = *text.as_bytes().first()?;
        if b"()[]{},;".contains(&first) {
            let at = SINGLE.find(char::from(first))?;
            return SINGLE.get(at..=at);
        }
        let fits = |op: &&&str| {
            if op.as_bytes()[0] != first {
                return false;
            }
            let slice = self.language == Language::Python && **op == "::";
            text.starts_with(**op) && !slice
        };
        let own = self.own.iter().filter(fits).max_by_key(|op| op.len());
        let common = COMMON.iter().filter(fits).max_by_key(|op| op.len());
        let foreign = |op: &str| {
            matches!(
                (self.language, op),
                (Language::Awk, ">>=") | (Language::Lua, "~=")
            )
        };
        match (own, common) {
            (Some(own), Some(common)) if common.len() > own.len() && !foreign(common) => {
                Some(common)
            }
            (Some(own), _) => Some(own),
            (None, Some(common)) => Some(common),
            (None, None) => {
                let at = SINGLE.find(text.chars().next()?)?;
                SINGLE.get(at..=at)
            }
        }
    }

    /// How the string reads that `text` opens, after the letters `prefix`.
    pub(super) fn style(&self, text: &str, prefix: &str) -> Option<Style<'static>> {
        let triple = ["\"\"\"", "'''"].into_iter().find(|q| text.starts_with(q));
        let quote = match text.as_bytes().first()? {
            b'"' => "\"",
            b'\'' => "'",
            b'`' => "`",
            _ => return None,
        };
        let style = |escape, embed, lines| {
            Some(Style {
                close: quote,
                open: None,
                escape,
                embed,
                lines,
            })
        };
        match (self.language, quote) {
            (Language::Python, "'" | "\"") => Some(python(triple.unwrap_or(quote), prefix)),
            (Language::JavaScript, "`") => style(Escape::Full, Embed::DollarBrace, true),
            (Language::JavaScript, "'" | "\"") | (Language::Awk, "\"") => {
                style(Escape::Full, Embed::None, false)
            }
            (Language::Lua, "'" | "\"") => style(Escape::Decimal, Embed::None, false),
            (Language::Perl | Language::Ruby | Language::Php, "'") => {
                style(Escape::Quote, Embed::None, true)
            }
            (Language::Perl, _) => style(Escape::Full, Embed::Perl, true),
            (Language::Ruby, _) => style(Escape::Full, Embed::HashBrace, true),
            (Language::Php, _) => style(Escape::Full, Embed::Php, true),
            (Language::R, _) if prefix.is_empty() => style(Escape::Full, Embed::None, true),
            (Language::R, _) => style(Escape::Raw, Embed::None, true),
            (Language::Java, "'" | "\"") => Some(java(triple.unwrap_or(quote))),
            _ => None,
        }
    }
}

fn python(close: &'static str, prefix: &str) -> Style<'static> {
    let has = |letter: u8| prefix.bytes().any(|b| b.eq_ignore_ascii_case(&letter));
    Style {
        close,
        open: None,
        escape: if has(b'r') {
            Escape::Kept
        } else {
            Escape::Full
        },
        embed: if has(b'f') {
            Embed::Format
        } else {
            Embed::None
        },
        lines: close.len() == 3,
    }
}

fn java(close: &'static str) -> Style<'static> {
    Style {
        close,
        open: None,
        escape: Escape::Full,
        embed: if close.starts_with('"') {
            Embed::Groovy
        } else {
            Embed::None
        },
        lines: close.len() == 3,
    }
}
