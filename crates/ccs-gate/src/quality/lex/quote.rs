//! How each language writes strings, and what code stands in them.

use Holds::{Backslash, Brace, Dollar, DollarBrace, HashBrace, Nothing};

use super::Language;

/// What stands in a string that is code.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Holds {
    Nothing,
    /// `$name` and `${…}`; with `$(…)` in a shell.
    Dollar,
    /// `${…}` only.
    DollarBrace,
    /// `#{…}`
    HashBrace,
    /// `\(…)`
    Backslash,
    /// `{…}`
    Brace,
}

/// A way to write a string.
#[derive(Clone, Copy)]
pub(super) struct Quote {
    pub(super) mark: &'static str,
    /// A backslash takes away the meaning of the next character.
    pub(super) escapes: bool,
    /// It may hold line breaks.
    pub(super) lines: bool,
    pub(super) holds: Holds,
}

pub(super) const fn quote(mark: &'static str, escapes: bool, lines: bool, holds: Holds) -> Quote {
    Quote {
        mark,
        escapes,
        lines,
        holds,
    }
}

/// Longer marks first.
pub(super) fn quotes(language: Language) -> &'static [Quote] {
    const PLAIN: Quote = quote("\"", true, false, Nothing);
    const SINGLE: Quote = quote("'", true, false, Nothing);
    const TRIPLE: Quote = quote("\"\"\"", true, true, Nothing);
    match language {
        Language::Rust => const { &[quote("\"", true, true, Nothing)] },
        Language::Python => const { &[TRIPLE, quote("'''", true, true, Nothing), PLAIN, SINGLE] },
        Language::JavaScript => const { &[PLAIN, SINGLE, quote("`", true, true, DollarBrace)] },
        Language::Go => const { &[PLAIN, SINGLE, quote("`", false, true, Nothing)] },
        Language::Java | Language::CSharp => const { &[TRIPLE, PLAIN, SINGLE] },
        Language::Ruby => {
            const {
                &[
                    quote("\"", true, true, HashBrace),
                    quote("'", true, true, Nothing),
                    quote("`", true, true, HashBrace),
                ]
            }
        }
        Language::Php => {
            const {
                &[
                    quote("\"", true, true, Dollar),
                    quote("'", true, true, Nothing),
                ]
            }
        }
        Language::Shell => {
            const {
                &[
                    quote("\"", true, true, Dollar),
                    quote("'", false, true, Nothing),
                ]
            }
        }
        Language::C => const { &[PLAIN, SINGLE] },
        Language::Kotlin => {
            const {
                &[
                    quote("\"\"\"", false, true, Dollar),
                    quote("\"", true, false, Dollar),
                    SINGLE,
                ]
            }
        }
        Language::Swift => {
            const {
                &[
                    quote("\"\"\"", true, true, Backslash),
                    quote("\"", true, false, Backslash),
                ]
            }
        }
        Language::Other => &[],
    }
}

/// The code that begins here within a string: the length of what opens it and what closes it.
pub(super) fn hole(holds: Holds, rest: &[u8], language: Language) -> Option<(usize, Option<u8>)> {
    let brace = Some((2, Some(b'}')));
    match holds {
        Nothing => None,
        Dollar if rest.starts_with(b"${") || rest.starts_with(b"{$") => brace,
        Dollar if language == Language::Shell && rest.starts_with(b"$(") => Some((2, Some(b')'))),
        Dollar => {
            let next = rest.get(1).copied().unwrap_or_default();
            let named = next.is_ascii_alphabetic() || next == b'_';
            let shell =
                language == Language::Shell && (next.is_ascii_digit() || b"@*".contains(&next));
            (rest[0] == b'$' && (named || shell)).then_some((2, None))
        }
        DollarBrace => rest.starts_with(b"${").then_some(brace?),
        HashBrace => rest.starts_with(b"#{").then_some(brace?),
        Backslash => rest.starts_with(b"\\(").then_some((2, Some(b')'))),
        Brace => {
            let opens = rest[0] == b'{' && rest.get(1).is_some_and(|&byte| byte != b'{');
            opens.then_some((1, Some(b'}')))
        }
    }
}
