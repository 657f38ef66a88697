//! Variables that a file of lines sets: shell start-up files, `.envrc`, `.env`, mise's tables.

/// One variable.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Assignment<'a> {
    /// Where its line begins, in bytes.
    pub(super) offset: usize,
    pub(super) name: &'a str,
    pub(super) value: &'a str,
}

/// Words in front of a variable that make it known to other programs.
const EXPORTS: &[&str] = &[
    "export ",
    "declare -x ",
    "declare -gx ",
    "typeset -x ",
    "set -gx ",
    "set -Ux ",
    "set -x ",
    "setenv ",
    "readonly ",
    "$env:",
];

/// Every variable that a line of its own sets to something.
pub(super) fn assignments(text: &str) -> Vec<Assignment<'_>> {
    let mut found = Vec::new();
    let mut offset = 0;
    for line in text.split_inclusive('\n') {
        of_line(
            line.trim().trim_start_matches('\u{feff}'),
            offset,
            &mut found,
        );
        offset += line.len();
    }
    found
}

fn of_line<'a>(line: &'a str, offset: usize, found: &mut Vec<Assignment<'a>>) {
    if line.starts_with('#') {
        return;
    }
    let exported = EXPORTS.iter().find_map(|word| line.strip_prefix(word));
    let rest = exported.unwrap_or(line).trim_start();
    // `set -gx NAME value`
    let (cut, spaced) = match rest.find(['=', ' ']) {
        Some(at) if rest.as_bytes()[at] == b'=' => (at, false),
        Some(at) if rest[at..].trim_start().starts_with('=') => (at, true),
        Some(at) if line.starts_with("set ") || line.starts_with("setenv ") => (at, true),
        _ => return,
    };
    let name = rest[..cut].trim_matches(['"', '\'']);
    if name.is_empty() || !name.chars().all(|c| c.is_ascii_alphanumeric() || c == '_') {
        return;
    }
    let value = rest[cut..].trim_start();
    let value = value.strip_prefix('=').unwrap_or(value).trim_start();
    // A table of mise: `NAME = { value = "…", … }`.
    let table = value.strip_prefix('{').filter(|_| spaced);
    let member = table.and_then(|table| table.split_once("value"));
    let value = member.map_or(value, |(_, rest)| rest.trim_start_matches([' ', '=']));
    let (value, after) = first_value(value, spaced);
    found.push(Assignment {
        offset,
        name,
        value,
    });
    // `export A=1 B=2`
    if exported.is_some() && !spaced && after.contains('=') {
        of_line(after.trim_start(), offset, found);
    }
}

/// A value without its quotes, and what follows it on the line.
fn first_value(text: &str, spaced: bool) -> (&str, &str) {
    if let Some(quote) = text.chars().next().filter(|c| matches!(c, '"' | '\'')) {
        let inner = &text[1..];
        let end = inner.find(quote).unwrap_or(inner.len());
        return (&inner[..end], inner.get(end + 1..).unwrap_or_default());
    }
    let end = match spaced {
        true => text.find(';'),
        false => text.find([' ', ';', '\t']),
    };
    let end = end.unwrap_or(text.len());
    (text[..end].trim_end(), &text[end..])
}

#[cfg(test)]
mod tests {
    use super::assignments;

    fn pairs(text: &str) -> Vec<(&str, &str)> {
        let found = assignments(text);
        found.iter().map(|one| (one.name, one.value)).collect()
    }

    #[test]
    fn every_spelling_of_a_variable_is_read() {
        let cases: &[(&str, &[(&str, &str)])] = &[
            ("export A=1 B='x y'\r\n", &[("A", "1"), ("B", "x y")]),
            (
                "declare -x A=https://x.example",
                &[("A", "https://x.example")],
            ),
            ("A = \"x\"", &[("A", "x")]),
            ("set -gx A b c", &[("A", "b c")]),
            ("A=1; export A", &[("A", "1")]),
            ("# export A=1\n  export B=2", &[("B", "2")]),
            ("if [ \"$A\" = 1 ]; then", &[]),
            ("echo a=b", &[]),
        ];
        for (text, expected) in cases {
            assert_eq!(pairs(text), *expected, "{text}");
        }
    }
}
