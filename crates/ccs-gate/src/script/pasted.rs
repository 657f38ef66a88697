//! Shell text that was given to an interpreter of another language.
//!
//! `perl -e "rm -rf /"` does nothing in Perl, but what was meant is plain. A text that cannot be
//! the language and reads as a program with its arguments is taken as that command.

use super::Language;
use super::table::Table;

/// Longest text that can be a pasted command.
const LONGEST: usize = 4096;

/// Words that begin a statement in one of the languages.
const STATEMENTS: &[&str] = &[
    "print",
    "puts",
    "p",
    "say",
    "echo",
    "printf",
    "use",
    "require",
    "import",
    "from",
    "include",
    "return",
    "if",
    "unless",
    "while",
    "until",
    "for",
    "foreach",
    "do",
    "begin",
    "def",
    "class",
    "module",
    "function",
    "sub",
    "fn",
    "let",
    "const",
    "var",
    "my",
    "our",
    "local",
    "new",
    "not",
    "del",
    "pass",
    "raise",
    "throw",
    "try",
    "with",
    "async",
    "await",
    "lambda",
    "yield",
    "assert",
    "global",
    "package",
    "public",
    "static",
    "final",
    "int",
    "String",
    "exec",
    "eval",
    "system",
    "die",
    "exit",
    "warn",
    "require_relative",
    "load",
    "loop",
    "case",
    "switch",
    "typeof",
    "delete",
    "void",
    "export",
    "defined",
    "ref",
    "shift",
    "pop",
    "push",
    "keys",
    "values",
    "sort",
    "reverse",
    "map",
    "grep",
    "join",
    "split",
    "chomp",
    "chop",
    "lc",
    "uc",
    "length",
    "substr",
    "undef",
    "pp",
    "jj",
    "gem",
    "catch",
    "include_once",
    "require_once",
    "namespace",
    "abstract",
];

/// Whether `source` is no text of `language` but a command line.
pub(super) fn is_command_line(language: Language, source: &str) -> bool {
    let commands = matches!(
        language,
        Language::Awk | Language::PowerShell | Language::Tcl
    );
    let text = source.trim();
    if commands || text.len() > LONGEST || text.contains(['\n', '\0']) {
        return false;
    }
    let mut words = text.split([' ', '\t']).filter(|word| !word.is_empty());
    let (Some(program), Some(first)) = (words.next(), words.next()) else {
        return false;
    };
    is_program(program)
        && is_free(language, program, text)
        && is_argument(first)
        && !has_syntax(text)
}

fn is_program(word: &str) -> bool {
    let path = word.starts_with(['/', '.', '~']) && word.contains('/');
    let name = word.starts_with(|c: char| c.is_ascii_lowercase());
    let plain = word
        .chars()
        .all(|c| c.is_ascii_alphanumeric() || "-_./~+".contains(c));
    (path || name) && plain && !STATEMENTS.contains(&word)
}

/// Whether the language has no function of that name, or `text` is no call of it: options and
/// words, but neither quotes nor commas.
fn is_free(language: Language, word: &str, text: &str) -> bool {
    let call = text.contains(['"', '\'', ',', '$']) || !text.contains(" -");
    Table::of(language).find(word).is_none() || !call
}

/// Whether `word` is how a command's first argument looks and an operand does not.
fn is_argument(word: &str) -> bool {
    let option = word.strip_prefix('-').is_some_and(|rest| {
        rest.trim_start_matches('-')
            .starts_with(|c: char| c.is_ascii_alphabetic())
    });
    let path = word.starts_with(['/', '~', '.']) && !word.starts_with("..");
    let operator = matches!(
        word,
        "if" | "unless"
            | "while"
            | "until"
            | "and"
            | "or"
            | "in"
            | "is"
            | "not"
            | "for"
            | "do"
            | "of"
            | "as"
            | "x"
            | "eq"
            | "ne"
            | "cmp"
            | "lt"
            | "gt"
            | "instanceof"
            | "rescue"
    );
    let bare = word.starts_with(|c: char| c.is_ascii_alphabetic())
        && word
            .chars()
            .all(|c| c.is_ascii_alphanumeric() || "-_./:@=".contains(c));
    option || (path && word.len() < 200) || (bare && !operator)
}

/// Whether the text has what programs are made of and command lines are not.
fn has_syntax(text: &str) -> bool {
    text.contains(['(', ')', '{', '}', ';', '[', ']'])
        || text.contains(" = ")
        || text.contains("=>")
        || text.contains("==")
        || text.contains(" += ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_command_line_is_no_program_text() {
        for text in [
            "rm -rf /",
            "git push --force",
            "chmod -R 777 /",
            "/bin/rm -r x",
            "cat a b",
        ] {
            assert!(is_command_line(Language::Perl, text), "{text}");
        }
    }

    #[test]
    fn statements_expressions_and_calls_are_no_command_line() {
        for text in [
            "print foo",
            "x = y",
            "exit unless foo",
            "a - b",
            "x if y",
            "system('rm -rf /')",
            "kill 9, 1",
            "import os",
            "puts 'rm -rf /'",
            "length > 80",
            "rm",
            "",
        ] {
            assert!(!is_command_line(Language::Perl, text), "{text}");
        }
    }

    #[test]
    fn a_language_of_commands_is_never_taken_for_another() {
        assert!(!is_command_line(Language::Tcl, "exec rm -rf /"));
        assert!(!is_command_line(Language::PowerShell, "rm -rf /"));
    }
}
