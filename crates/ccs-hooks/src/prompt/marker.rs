//! Marks by which a prompt says that something is a secret, and what to call it: `/key NAME=VALUE`
//! alone or as a line, and `KEY:NAME=VALUE` within a text.
//!
//! The value of a command goes to the end of its line, the other to the next white space; either
//! may be quoted.

use std::ops::Range;

use super::find::{Hit, What};

/// Commands that take a name and a value, as lines begin with them.
const COMMANDS: [&str; 2] = ["/key-add", "/key"];
/// What a mark within a text begins with.
const INLINE: &str = "KEY:";

/// Every marked value.
pub(crate) fn find(text: &str) -> Vec<Hit> {
    let mut hits = Vec::new();
    if text.contains("/key") {
        commands(text, &mut hits);
    }
    for (at, _) in text.match_indices(INLINE) {
        let is_word = text[..at].chars().next_back().is_some_and(is_name);
        if !is_word && hits.iter().all(|hit: &Hit| hit.range.end <= at) {
            hits.extend(assignment(text, at + INLINE.len(), false));
        }
    }
    hits.sort_by_key(|hit| hit.range.start);
    hits
}

fn commands(text: &str, hits: &mut Vec<Hit>) {
    let mut start = 0;
    for line in text.split_inclusive('\n') {
        let indent = line.len() - line.trim_start().len();
        let command = COMMANDS.iter().find_map(|command| {
            let rest = line[indent..].strip_prefix(command)?;
            rest.starts_with([' ', '\t']).then_some(command.len())
        });
        if let Some(length) = command {
            let at = start + indent + length;
            let space = line[indent + length..].len() - line[indent + length..].trim_start().len();
            hits.extend(assignment(text, at + space, true));
        }
        start += line.len();
    }
}

/// `NAME=VALUE` at a place.
fn assignment(text: &str, at: usize, whole_line: bool) -> Option<Hit> {
    let rest = &text[at..];
    let name = &rest[..rest.find(|letter| !is_name(letter))?];
    let value = rest[name.len()..].strip_prefix('=')?;
    let range = value_range(value, whole_line);
    let start = at + name.len() + 1;
    let is_whole = !name.is_empty() && !range.is_empty();
    is_whole.then(|| Hit {
        range: start + range.start..start + range.end,
        what: What::Marked(name.to_owned()),
    })
}

fn value_range(value: &str, whole_line: bool) -> Range<usize> {
    for quote in ['"', '\'', '`'] {
        let inner = value.strip_prefix(quote);
        if let Some(end) = inner.and_then(|inner| inner.find(quote)) {
            return 1..1 + end;
        }
    }
    let line = &value[..value.find('\n').unwrap_or(value.len())];
    let end = if whole_line {
        line.trim_end().len()
    } else {
        line.find(char::is_whitespace).unwrap_or(line.len())
    };
    // a reference put in a value's place is no value
    let is_reference = line.starts_with("<<secret:") || line.starts_with('$');
    if is_reference { 0..0 } else { 0..end }
}

fn is_name(letter: char) -> bool {
    letter.is_ascii_alphanumeric() || letter == '_' || letter == '-' || letter == '.'
}

#[cfg(test)]
mod tests {
    use super::*;

    fn marked(text: &str) -> Vec<(String, &str)> {
        let hits = find(text).into_iter();
        hits.map(|hit| match hit.what {
            What::Marked(name) => (name, &text[hit.range]),
            other => panic!("{other:?}"),
        })
        .collect()
    }

    #[test]
    fn a_command_takes_the_rest_of_its_line() {
        for (text, value) in [
            ("/key DB_PASSWORD=my horse", "my horse"),
            ("/key-add DB_PASSWORD=my horse  \nand go on", "my horse"),
            ("please\n  /key  DB_PASSWORD='a b'", "a b"),
        ] {
            assert_eq!(marked(text), [("DB_PASSWORD".to_owned(), value)], "{text}");
        }
    }

    #[test]
    fn a_mark_within_a_text_takes_a_word() {
        assert_eq!(
            marked("use KEY:A=x1 and (KEY:B=\"y 2\")"),
            [("A".to_owned(), "x1"), ("B".to_owned(), "y 2")]
        );
    }

    #[test]
    fn what_only_resembles_a_mark_is_none() {
        for text in [
            "/keyboard A=b",
            "see /key A=b",
            "/key",
            "/key A",
            "/key =b",
            "MONKEY:A=b",
            "KEY: A=b",
            "KEY:A=",
            "KEY:A=$HOME",
            "/key-rm A=b",
            "KEY:A=<<secret:A>>",
        ] {
            assert_eq!(marked(text), [], "{text}");
        }
    }
}
