//! What strings hold: phrases, and statements of SQL.

use super::language::Language;

/// The longest string that is looked at, in bytes.
const MAX: usize = 4_000;

/// Whether a text holds a phrase as whole words, in any case.
pub(super) fn says(text: &str, phrase: &str) -> bool {
    let text = head(text);
    let (bytes, wanted) = (text.as_bytes(), phrase.as_bytes());
    if wanted.is_empty() || bytes.len() < wanted.len() {
        return false;
    }
    let is_word = |byte: Option<&u8>| byte.is_some_and(|b| b.is_ascii_alphanumeric() || *b == b'_');
    (0..=bytes.len() - wanted.len()).any(|at| {
        bytes[at..at + wanted.len()].eq_ignore_ascii_case(wanted)
            && !(is_word(wanted.first()) && at > 0 && is_word(bytes.get(at - 1)))
            && !(is_word(wanted.last()) && is_word(bytes.get(at + wanted.len())))
    })
}

fn head(text: &str) -> &str {
    if text.len() <= MAX {
        return text;
    }
    let end = (0..=MAX).rev().find(|&at| text.is_char_boundary(at));
    &text[..end.unwrap_or_default()]
}

/// How statements begin, and a word that must come later.
const STATEMENTS: &[(&str, &str)] = &[
    ("SELECT ", "FROM "),
    ("INSERT INTO ", ""),
    ("INSERT OR ", "INTO "),
    ("REPLACE INTO ", ""),
    ("UPDATE ", "SET "),
    ("DELETE FROM ", ""),
    ("MERGE INTO ", ""),
];

/// Whether a string is a statement of SQL. Prose begins with such words too, but not in capitals
/// or with their second word in its place.
pub(super) fn is_sql(text: &str) -> bool {
    let upper = head(text).trim_start().to_ascii_uppercase();
    let upper = upper.split_whitespace().collect::<Vec<_>>().join(" ") + " ";
    STATEMENTS.iter().any(|(first, later)| {
        let rest = upper.strip_prefix(first);
        rest.is_some_and(|rest| rest.contains(later))
    }) && has_shape(text)
}

/// Whether what follows looks like columns and values, and not like a sentence.
fn has_shape(text: &str) -> bool {
    let text = text.trim();
    let capitals = text
        .chars()
        .take_while(|c| c.is_ascii_alphabetic())
        .all(|c| c.is_ascii_uppercase());
    capitals || text.contains(['=', '*', '(', '`'])
}

/// Whether code in a statement may put a value into it. Names of tables and columns are put there
/// by code that knows them, as constants or under names that say so.
pub(super) fn is_open_sql(text: &str, language: Language) -> bool {
    is_sql(text) && holes(text, language).iter().any(|hole| is_value(hole))
}

/// The code between the marks.
fn holes(text: &str, language: Language) -> Vec<&str> {
    let text = head(text);
    let (open, close) = match language {
        Language::Python | Language::CSharp => ("{", '}'),
        Language::Ruby => ("#{", '}'),
        Language::Swift => ("\\(", ')'),
        Language::JavaScript => ("${", '}'),
        _ => ("$", ' '),
    };
    let mut holes = Vec::new();
    for (at, _) in text.match_indices(open) {
        let rest = &text[at + open.len()..];
        let rest = rest.strip_prefix('{').unwrap_or(rest);
        let is_end =
            |c: char| c == close || close == ' ' && !(c.is_alphanumeric() || "_->.[]".contains(c));
        holes.push(&rest[..rest.find(is_end).unwrap_or(rest.len())]);
    }
    holes
}

/// Parts of names that stand for a piece of a statement and no value.
const PIECES: &[&str] = &[
    "table",
    "tables",
    "tbl",
    "column",
    "columns",
    "col",
    "cols",
    "field",
    "fields",
    "schema",
    "placeholder",
    "placeholders",
    "marks",
    "qmarks",
    "binds",
    "clause",
    "clauses",
    "where",
    "order",
    "limit",
    "offset",
    "filter",
    "filters",
    "condition",
    "conditions",
    "conds",
    "select",
    "join",
    "joins",
    "query",
    "sql",
    "database",
    "db",
    "prefix",
    "suffix",
    "fragment",
    "returning",
    "values",
    "updates",
    "assignments",
    "direction",
    "sort",
    "index",
    "quote",
    "quoted",
    "escape",
    "escaped",
    "ident",
    "view",
    "alias",
    "sep",
    "expr",
    "group",
    "statement",
    "stmt",
    "predicate",
    "len",
    "int",
    "num",
    "count",
    "size",
];

/// Whether code yields a value that came from elsewhere, as far as its name tells.
fn is_value(code: &str) -> bool {
    let letters = || code.chars().filter(|c| c.is_alphabetic());
    let constant = letters().all(char::is_uppercase);
    !constant
        && !parts(code)
            .iter()
            .any(|part| PIECES.contains(&part.as_str()))
}

/// The words of names: `userId`, `user_id` and `user.id` have two.
fn parts(code: &str) -> Vec<String> {
    let mut parts = vec![String::new()];
    let mut lower = false;
    for letter in code.chars() {
        if !letter.is_alphanumeric() || lower && letter.is_uppercase() {
            parts.push(String::new());
        }
        lower = letter.is_lowercase();
        if letter.is_alphanumeric()
            && let Some(last) = parts.last_mut()
        {
            last.extend(letter.to_lowercase());
        }
    }
    parts
}

/// Whether a formatter would put text into a statement: `= %s`, `'{}'`, `VALUES (%s`. A place for
/// the name of a table is none.
pub(super) fn is_formatted_sql(text: &str) -> bool {
    if !is_sql(text) {
        return false;
    }
    let compact: String = head(text).chars().filter(|c| !c.is_whitespace()).collect();
    let upper = compact.to_ascii_uppercase();
    [
        "='%S", "='{", "'%S'", "'{}'", "\"%S\"", "LIKE'%", "'%V'", "=%S", "={", "=%V", "=%D'",
        "IN({", "VALUES({", "VALUES('",
    ]
    .iter()
    .any(|mark| upper.contains(mark))
        && (upper.contains("%S") || upper.contains("%V") || upper.contains('{'))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_phrase_is_whole_words_in_any_case() {
        assert!(says("Not Implemented yet", "not implemented"));
        assert!(!says("cannot implemented", "not implemented"));
        assert!(says("x: TODO", "todo") && !says("todos", "todo"));
    }

    #[test]
    fn sentences_are_no_statements() {
        for text in [
            "SELECT a FROM b",
            "select * from t",
            "DELETE FROM x",
            "Update t set a = 1",
        ] {
            assert!(is_sql(text), "{text}");
        }
        for text in [
            "Select a file from the list",
            "Update the settings",
            "insert coin",
            "",
        ] {
            assert!(!is_sql(text), "{text}");
        }
    }

    #[test]
    fn names_of_tables_are_no_values() {
        for (text, open) in [
            ("SELECT * FROM users WHERE name = '{name}'", true),
            ("SELECT * FROM {TABLE}", false),
            ("SELECT * FROM {table_name} WHERE id = ?", false),
            ("SELECT * FROM t WHERE id IN ({placeholders})", false),
            ("DELETE FROM t WHERE id = {request.args['id']}", true),
        ] {
            assert_eq!(is_open_sql(text, Language::Python), open, "{text}");
        }
        assert!(is_open_sql(
            "SELECT * FROM t WHERE a = '$name'",
            Language::Php
        ));
        assert!(is_formatted_sql("SELECT * FROM t WHERE a = '%s'"));
        assert!(!is_formatted_sql("SELECT * FROM %s WHERE a = ?"));
    }
}
