//! Pure functions of texts, shared by the languages.

use std::rc::Rc;

use super::budget::TEXT;
use super::decode;

/// The characters with these numbers; NUL where there is none.
pub(super) fn from_codes(codes: &[i64]) -> String {
    let code = |n: &i64| {
        u32::try_from(*n)
            .ok()
            .and_then(char::from_u32)
            .unwrap_or('\0')
    };
    codes.iter().take(TEXT).map(code).collect()
}

/// `items[from:to:step]` with Python's rules.
pub(super) fn slice<T: Clone>(items: &[T], [from, to, step]: [Option<i64>; 3]) -> Vec<T> {
    let len = items.len() as i64;
    let step = step.unwrap_or(1);
    let place = |n: i64, low: i64, high: i64| {
        let n = if n < 0 { n.saturating_add(len) } else { n };
        n.clamp(low, high)
    };
    let mut picked = Vec::new();
    if step > 0 {
        let mut n = place(from.unwrap_or(0), 0, len);
        let end = place(to.unwrap_or(len), 0, len);
        while n < end {
            picked.push(items[n as usize].clone());
            n = n.saturating_add(step);
        }
    } else if step < 0 {
        let mut n = from.map_or(len - 1, |n| place(n, -1, len - 1));
        let end = to.map_or(-1, |n| place(n, -1, len - 1));
        while n > end {
            picked.push(items[n as usize].clone());
            n = n.saturating_add(step);
        }
    }
    picked
}

/// `text` with `find` replaced by `put`; `None` if `find` cannot be followed.
pub(super) fn replace(text: &str, find: &str, put: &str, regular: bool) -> Option<String> {
    if find.is_empty() || find.contains('\0') {
        return None;
    }
    let result = if regular {
        match Simple::parse(find)? {
            Simple::Literal(literal) => text.replace(&literal, put),
            Simple::Class { class, not, many } => replace_class(text, &class, not, many, put),
        }
    } else {
        text.replace(find, put)
    };
    (result.len() <= TEXT).then_some(result)
}

/// The regular expressions that are followed: a literal, or one class of characters.
enum Simple {
    Literal(String),
    Class {
        class: Vec<(char, char)>,
        not: bool,
        many: bool,
    },
}

impl Simple {
    fn parse(pattern: &str) -> Option<Simple> {
        // PHP writes its patterns with delimiters.
        let pattern = match pattern.strip_prefix('/') {
            Some(rest) => rest.rsplit_once('/').map_or(rest, |(body, _)| body),
            None => pattern,
        };
        let single = pattern.strip_suffix(['+', '*']).unwrap_or(pattern);
        let many = single.len() < pattern.len();
        let class = single
            .strip_prefix('[')
            .and_then(|rest| rest.strip_suffix(']'));
        if let Some(class) = class.filter(|class| !class.contains('[')) {
            let (class, not) = match class.strip_prefix('^') {
                Some(class) => (class, true),
                None => (class, false),
            };
            let class = ranges(class);
            return Some(Simple::Class { class, not, many });
        }
        match single {
            "\\s" => Some(Simple::class(" \t\n\r", false, many)),
            "\\d" => Some(Simple::class("0-9", false, many)),
            "\\D" => Some(Simple::class("0-9", true, many)),
            "\\w" => Some(Simple::class("a-zA-Z0-9_", false, many)),
            "\\W" => Some(Simple::class("a-zA-Z0-9_", true, many)),
            _ => literal(pattern).map(Simple::Literal),
        }
    }

    fn class(text: &str, not: bool, many: bool) -> Simple {
        Simple::Class {
            class: ranges(text),
            not,
            many,
        }
    }
}

/// A pattern without any magic as the text it matches.
fn literal(pattern: &str) -> Option<String> {
    let mut out = String::new();
    let mut chars = pattern.chars();
    while let Some(c) = chars.next() {
        match c {
            '\\' => match chars.next()? {
                c if c.is_alphanumeric() => return None,
                c => out.push(c),
            },
            '.' | '*' | '+' | '?' | '(' | ')' | '[' | ']' | '{' | '}' | '|' | '^' | '$' => {
                return None;
            }
            c => out.push(c),
        }
    }
    (!out.is_empty()).then_some(out)
}

fn replace_class(text: &str, class: &[(char, char)], not: bool, many: bool, put: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut inside = false;
    for c in text.chars() {
        let matches = class.iter().any(|(from, to)| (*from..=*to).contains(&c)) != not;
        if !matches {
            out.push(c);
        } else if !(many && inside) {
            out.push_str(put);
        }
        inside = matches;
    }
    out
}

/// The ranges of a class or of `tr`: `a-z\n_`.
fn ranges(class: &str) -> Vec<(char, char)> {
    let mut plain = Vec::new();
    let mut chars = class.chars();
    while let Some(c) = chars.next() {
        let c = match c {
            '\\' => match chars.next() {
                Some('n') => '\n',
                Some('t') => '\t',
                Some('r') => '\r',
                Some(other) => other,
                None => break,
            },
            other => other,
        };
        plain.push(c);
    }
    let mut ranges = Vec::new();
    let mut at = 0;
    while let Some(&from) = plain.get(at) {
        match (plain.get(at + 1), plain.get(at + 2)) {
            (Some('-'), Some(&to)) if to >= from => {
                ranges.push((from, to));
                at += 3;
            }
            _ => {
                ranges.push((from, from));
                at += 1;
            }
        }
    }
    ranges
}

/// `tr`: each character of `from` becomes the one at the same place in `to`.
pub(super) fn translate(text: &str, from: &str, to: &str) -> String {
    let expand = |text: &str| -> Vec<char> {
        ranges(text)
            .into_iter()
            .flat_map(|(from, to)| from..=to)
            .take(4096)
            .collect()
    };
    let (from, to) = (expand(from), expand(to));
    text.chars()
        .map(|c| match from.iter().position(|f| *f == c) {
            Some(at) => to.get(at).or(to.last()).copied().unwrap_or(c),
            None => c,
        })
        .collect()
}

/// C's `printf` with texts for values; NUL for a value that is missing.
pub(super) fn printf(format: &str, values: &[Rc<str>], named: &dyn Fn(&str) -> String) -> String {
    let mut out = String::new();
    let mut values = values.iter();
    let mut rest = format;
    while let Some(at) = rest.find('%') {
        out.push_str(&rest[..at]);
        rest = &rest[at + 1..];
        if out.len() > TEXT {
            out.push('\0');
            return out;
        }
        if let Some(after) = rest.strip_prefix('%') {
            out.push('%');
            rest = after;
            continue;
        }
        // %(name)s, %<name>s, %{name}
        let close = match rest.as_bytes().first() {
            Some(b'(') => Some(')'),
            Some(b'<') => Some('>'),
            Some(b'{') => Some('}'),
            _ => None,
        };
        let mut value = None;
        if let Some((name, after)) = close.and_then(|close| rest[1..].split_once(close)) {
            value = Some(named(name));
            rest = after;
            if close == Some('}') {
                out.push_str(value.as_deref().unwrap_or(""));
                continue;
            }
        }
        let flags = rest.find(|c: char| !"0123456789.-+# $lhz*".contains(c));
        let Some(kind) = flags.and_then(|at| rest[at..].chars().next()) else {
            out.push('%');
            continue;
        };
        rest = &rest[flags.unwrap_or(0) + kind.len_utf8()..];
        let value = value.unwrap_or_else(|| match values.next() {
            Some(value) => value.to_string(),
            None => "\0".to_owned(),
        });
        out.push_str(&converted(kind, value));
    }
    out.push_str(rest);
    out
}

fn converted(kind: char, value: String) -> String {
    match (kind, value.parse::<i64>()) {
        ('c', Ok(n)) => from_codes(&[n]),
        ('x', Ok(n)) => format!("{n:x}"),
        ('X', Ok(n)) => format!("{n:X}"),
        ('o', Ok(n)) => format!("{n:o}"),
        _ => value,
    }
}

/// `{}`, `{0}`, `{name}` with texts for values.
pub(super) fn braces(format: &str, values: &[Rc<str>], named: &[(Rc<str>, Rc<str>)]) -> String {
    let mut out = String::new();
    let mut next = 0;
    let mut rest = format;
    while let Some(at) = rest.find(['{', '}']) {
        out.push_str(&rest[..at]);
        let brace = &rest[at..=at];
        rest = &rest[at + 1..];
        if out.len() > TEXT {
            out.push('\0');
            return out;
        }
        if let Some(after) = rest.strip_prefix(brace) {
            out.push_str(brace);
            rest = after;
            continue;
        }
        let Some((field, after)) = rest.split_once('}').filter(|_| brace == "{") else {
            out.push_str(brace);
            continue;
        };
        rest = after;
        let name = field.split([':', '!', ',', '.', '[']).next().unwrap_or("");
        let value = match name.parse::<usize>() {
            Ok(at) => values.get(at),
            Err(_) if name.is_empty() => {
                next += 1;
                values.get(next - 1)
            }
            Err(_) => named
                .iter()
                .find(|(key, _)| &**key == name)
                .map(|(_, value)| value),
        };
        out.push_str(value.map_or("\0", |value| value));
    }
    out.push_str(rest);
    out
}

/// Perl's and Ruby's `pack` for the templates that build text.
pub(super) fn pack(template: &str, items: &[Rc<str>]) -> Option<String> {
    let numbers = || {
        items
            .iter()
            .map(|item| item.parse().ok())
            .collect::<Option<Vec<i64>>>()
    };
    let first = items.first()?;
    match template.chars().next()? {
        'H' => decode::hex(&items.concat()),
        'C' | 'c' | 'U' | 'W' => Some(from_codes(&numbers()?)),
        'm' => Some(decode::to_base64(first)),
        'A' | 'a' | 'Z' => Some(items.concat()),
        _ => None,
    }
}

/// `unpack` for the templates that decode text.
pub(super) fn unpack(template: &str, text: &str) -> Option<String> {
    match template.chars().next()? {
        'm' => decode::base64(text),
        'u' => decode::uu(text),
        'H' => Some(decode::to_hex(text)),
        'A' | 'a' | 'Z' => Some(text.to_owned()),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn slices_follow_python() {
        let items: Vec<char> = "abcdef".chars().collect();
        let cut = |bounds| slice(&items, bounds).into_iter().collect::<String>();
        assert_eq!(cut([None, None, Some(-1)]), "fedcba");
        assert_eq!(cut([Some(1), Some(-1), None]), "bcde");
        assert_eq!(cut([None, None, Some(2)]), "ace");
        assert_eq!(cut([Some(9), None, None]), "");
        assert_eq!(cut([Some(i64::MIN), Some(i64::MAX), Some(i64::MAX)]), "a");
    }

    #[test]
    fn simple_patterns_are_replaced_and_others_are_not_guessed() {
        let all = |text, find, put| replace(text, find, put, true);
        assert_eq!(all("r-m -r-f", "[-]", "").as_deref(), Some("rm rf"));
        assert_eq!(all("a1b22c", "\\d+", "#").as_deref(), Some("a#b#c"));
        assert_eq!(all("a.b", "\\.", "").as_deref(), Some("ab"));
        assert_eq!(all("ab", "(a|b)", ""), None);
    }

    #[test]
    fn formats_take_values_by_order_place_and_name() {
        let values = [Rc::from("rm"), Rc::from("114")];
        let none = |_: &str| "?".to_owned();
        assert_eq!(printf("%s -%c 100%% %s", &values, &none), "rm -r 100% \0");
        assert_eq!(printf("%(x)s %{y}", &values, &none), "? ?");
        let named = [(Rc::from("x"), Rc::from("/"))];
        assert_eq!(braces("{1}{0}{x}{{}}{}", &values, &named), "114rm/{}rm");
    }

    #[test]
    fn translation_knows_ranges() {
        assert_eq!(translate("ez -es", "a-z", "n-za-m"), "rm -rf");
    }
}
