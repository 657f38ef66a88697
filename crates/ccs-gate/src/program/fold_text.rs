//! `echo` and `printf`: text from arguments.

use crate::shell::{unescape, unescape_printf};
use crate::value::{HOLE, Value};

/// What `echo` prints.
pub(super) fn echo(args: &[Value]) -> Value {
    let mut rest = args;
    let (mut escapes, mut newline) = (false, true);
    while let Some((first, after)) = rest.split_first() {
        let Some(letters) = first
            .text
            .strip_prefix('-')
            .filter(|letters| !letters.is_empty())
        else {
            break;
        };
        if !letters
            .chars()
            .all(|letter| matches!(letter, 'n' | 'e' | 'E'))
        {
            break;
        }
        newline &= !letters.contains('n');
        escapes |= letters.contains('e');
        rest = after;
    }
    let mut out = Value::default();
    for (index, value) in rest.iter().enumerate() {
        if index > 0 {
            out.push_str(" ");
        }
        out.push(value);
    }
    if escapes {
        out.text = unescape(&out.text).into_owned();
    }
    if newline {
        out.push_str("\n");
    }
    out
}

/// What `printf FORMAT ARGS…` prints: the format is used again while arguments are left.
pub(super) fn printf(args: &[Value]) -> Value {
    let args = if args.first().is_some_and(|first| first.text == "--") {
        &args[1..]
    } else {
        args
    };
    let Some((format, mut rest)) = args.split_first() else {
        return Value::default();
    };
    let mut out = Value {
        text: String::new(),
        labels: format.labels,
    };
    for _ in 0..64 {
        let before = rest.len();
        one_round(&format.text, &mut rest, &mut out);
        if rest.is_empty() || rest.len() == before {
            return out;
        }
    }
    out.labels = rest
        .iter()
        .fold(out.labels, |all, value| all.and(value.labels));
    out.push_str("\0");
    out
}

fn one_round(format: &str, args: &mut &[Value], out: &mut Value) {
    let mut pieces = format.split('%');
    out.push_str(&format_text(pieces.next().unwrap_or("")));
    let mut literal = false;
    for piece in pieces {
        if literal || piece.is_empty() {
            // "%%" splits into an empty piece and the text after it
            if literal {
                out.push_str(&format_text(piece));
            } else {
                out.push_str("%");
            }
            literal = !literal;
            continue;
        }
        let end = piece
            .find(|c: char| c.is_ascii_alphabetic())
            .unwrap_or(piece.len());
        let kind = piece[end..].chars().next().unwrap_or(' ');
        out.push(&converted(kind, args));
        out.push_str(&format_text(
            &piece[(end + kind.len_utf8()).min(piece.len())..],
        ));
    }
}

fn format_text(text: &str) -> String {
    unescape_printf(text).into_owned()
}

fn converted(kind: char, args: &mut &[Value]) -> Value {
    let Some((first, rest)) = args.split_first() else {
        return Value::known(if matches!(kind, 'd' | 'i' | 'u' | 'x' | 'o') {
            "0"
        } else {
            ""
        });
    };
    *args = rest;
    let text = match kind {
        's' | 'd' | 'i' | 'u' => first.text.clone(),
        'q' => crate::eval::invoke::quoted(&first.text),
        'b' => unescape(&first.text).into_owned(),
        'c' => first.text.chars().take(1).collect(),
        'x' => first
            .text
            .parse::<u64>()
            .map_or(HOLE.to_string(), |number| format!("{number:x}")),
        'o' => first
            .text
            .parse::<u64>()
            .map_or(HOLE.to_string(), |number| format!("{number:o}")),
        _ => HOLE.to_string(),
    };
    Value {
        text,
        labels: first.labels,
    }
}

#[cfg(test)]
mod tests {
    use super::{echo, printf};
    use crate::value::Value;

    fn args(all: &[&str]) -> Vec<Value> {
        all.iter().map(|text| Value::known(*text)).collect()
    }

    #[test]
    fn echo_joins_its_arguments() {
        assert_eq!(echo(&args(&["a", "b"])).text, "a b\n");
        assert_eq!(echo(&args(&["-ne", r"\x72m"])).text, "rm");
        assert_eq!(echo(&args(&["-x"])).text, "-x\n");
    }

    #[test]
    fn printf_repeats_its_format() {
        assert_eq!(printf(&args(&["%s\\n", "a", "b"])).text, "a\nb\n");
        assert_eq!(printf(&args(&[r"\162\155"])).text, "rm");
        assert_eq!(
            printf(&args(&["#!/bin/bash\\n%s\\n", "rm"])).text,
            "#!/bin/bash\nrm\n"
        );
        assert_eq!(printf(&args(&["%s\\0", "~", "x"])).text, "~\0x\0");
        assert_eq!(printf(&args(&["100%%"])).text, "100%");
        assert_eq!(printf(&args(&["%x", "255"])).text, "ff");
        assert_eq!(printf(&args(&["plain"])).text, "plain");
    }
}
