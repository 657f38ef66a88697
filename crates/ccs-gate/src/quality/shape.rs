//! What no pattern can tell: it takes a look at what is around.

use std::ops::Range;

use super::backtrack;
use super::code::Code;
use super::language::Language;
use super::lex::Kind;
use super::rule::Shape;
use super::string;

/// The places of this shape in a file.
pub(super) fn find(shape: Shape, code: &Code<'_>) -> Vec<Range<usize>> {
    let tokens = 0..code.tokens.len();
    let found = |token: usize| match shape {
        Shape::UnfinishedRaise => is_unfinished(code, token),
        Shape::SlowRegex => is_slow(code, token),
    };
    let range = |token: usize| code.tokens[token].start..code.tokens[token].end;
    tokens.filter(|&token| found(token)).map(range).collect()
}

/// `raise NotImplementedError` as all that a function does, unless it is there for a subclass to
/// replace.
fn is_unfinished(code: &Code<'_>, token: usize) -> bool {
    if !(code.is(token, "NotImplementedError") && token > 0 && code.is(token - 1, "raise")) {
        return false;
    }
    let Some(def) = enclosing(code, token - 1, "def") else {
        return false;
    };
    if !is_whole_body(code, def, token - 1) || is_decorated(code, def) {
        return false;
    }
    let message = (token..token + 5).map(|at| code.content(at));
    let words = [
        "subclass",
        "subclasses",
        "override",
        "overridden",
        "abstract",
        "derived",
        "must be implemented",
        "interface",
    ];
    if message
        .chain(docstring(code, def))
        .any(|text| words.iter().any(|word| string::says(text, word)))
    {
        return false;
    }
    enclosing(code, def, "class").is_none_or(|class| !is_base(code, class))
}

/// The `word` that the line of a token stands in, by indentation.
fn enclosing(code: &Code<'_>, token: usize, word: &str) -> Option<usize> {
    let mut indent = code.indent(token);
    for at in (0..token).rev() {
        if code.begins_line(at)
            && code.line_of(at) < code.line_of(token)
            && code.indent(at) < indent
        {
            indent = code.indent(at);
            let keyword = if code.is(at, "async") { at + 1 } else { at };
            if code.is(keyword, word) {
                return Some(keyword);
            }
            if code.is(keyword, "def") || code.is(keyword, "class") {
                return None;
            }
        }
    }
    None
}

/// The token behind the head of a `def`.
fn body(code: &Code<'_>, def: usize) -> Option<usize> {
    let mut at = code.partner(def + 2)? + 1;
    while !code.is(at, ":") {
        (at < code.tokens.len()).then_some(())?;
        at += 1;
    }
    Some(at + 1)
}

fn docstring<'t>(code: &Code<'t>, def: usize) -> Option<&'t str> {
    let at = body(code, def)?;
    matches!(code.kind(at), Some(Kind::Text { .. })).then(|| code.content(at))
}

fn is_whole_body(code: &Code<'_>, def: usize, raise: usize) -> bool {
    let Some(first) = body(code, def) else {
        return false;
    };
    let first = first + usize::from(docstring(code, def).is_some());
    first == raise
}

fn is_decorated(code: &Code<'_>, def: usize) -> bool {
    let line = code.line_of(def);
    line > 1 && code.line_text(line - 1).trim_start().starts_with('@')
}

/// Whether a class is there for others to build on: it says so, or another one of the file does.
fn is_base(code: &Code<'_>, class: usize) -> bool {
    let name = code.str(class + 1);
    let says = |text: &str| {
        [
            "Base",
            "Abstract",
            "ABC",
            "Interface",
            "Mixin",
            "Protocol",
            "Template",
            "Generic",
        ]
        .iter()
        .any(|word| text.contains(word))
    };
    let end = code.partner(class + 2).unwrap_or(class + 1);
    let described = code.content(end + 2).to_ascii_lowercase();
    let describes = ["abstract", "base class", "interface", "subclass"];
    (class + 1..=end).any(|at| says(code.str(at)))
        || describes.iter().any(|word| described.contains(word))
        || is_built_on(code, class, name)
}

fn is_built_on(code: &Code<'_>, class: usize, name: &str) -> bool {
    (class + 2..code.tokens.len()).any(|at| {
        code.is(at, "class")
            && code
                .partner(at + 2)
                .is_some_and(|end| (at + 3..end).any(|base| code.is(base, name)))
    })
}

/// What a regular expression is handed to, in a language whose engine goes back.
fn is_slow(code: &Code<'_>, token: usize) -> bool {
    match code.kind(token) {
        Some(Kind::Regex) => backtrack::is_exponential(code.content(token)),
        Some(Kind::Text { dynamic: false }) if is_expression(code, token) => {
            let raw = code.str(token).starts_with(['r', 'R', '@']);
            let content = code.content(token);
            if raw {
                return backtrack::is_exponential(content);
            }
            backtrack::is_exponential(&content.replace("\\\\", "\\"))
        }
        _ => false,
    }
}

fn is_expression(code: &Code<'_>, token: usize) -> bool {
    let before = |back: usize| token.checked_sub(back).map_or("", |at| code.str(at));
    if before(1) != "(" {
        return code.language == Language::Kotlin
            && code.is(token + 1, ".")
            && code.is(token + 2, "toRegex");
    }
    let (function, owner) = (before(2), before(4));
    match code.language {
        Language::Python => {
            matches!(owner, "re" | "regex")
                && matches!(
                    function,
                    "compile"
                        | "match"
                        | "search"
                        | "fullmatch"
                        | "sub"
                        | "subn"
                        | "findall"
                        | "finditer"
                        | "split"
                )
        }
        Language::JavaScript => function == "RegExp",
        Language::Java => {
            owner == "Pattern" && matches!(function, "compile" | "matches")
                || function == "replaceAll"
        }
        Language::CSharp | Language::Kotlin => function == "Regex",
        Language::Php => function.starts_with("preg_"),
        _ => false,
    }
}
