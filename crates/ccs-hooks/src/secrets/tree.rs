//! Secrets in a JSON value, at any depth.
//!
//! Only strings that hold a secret change: the shape, the order of keys and everything else stay
//! as they are, because the client ignores an output of another shape than the tool's own.

use std::borrow::Cow;
use std::ops::Range;

use super::{Secrets, Spot, Taken};
use crate::protocol::json::{Object, Value};

/// How the base64 of pictures and of PDF begins.
const PICTURES: &[&str] = &["iVBORw0KGgo", "/9j/", "R0lGOD", "UklGR", "JVBERi0"];
/// Shorter text under a key that names pictures is looked at all the same.
const SMALLEST_PICTURE: usize = 64;
/// Parts of keys whose values are secret where the value alone does not tell.
const TELLING: &[&str] = &[
    "pass", "pwd", "secret", "token", "key", "cred", "auth", "cookie", "private", "session",
];
/// No value that only its key gives away is longer, in bytes.
const LONGEST_NAMED: usize = 512;
/// Shorter keys hold no secret themselves.
const SHORTEST_KEY: usize = 16;

/// The value with a mark in the place of each secret, as JSON text; `None` if it holds none.
pub(crate) fn redacted(secrets: &Secrets, value: &Value<'_>, taken: &mut Taken) -> Option<String> {
    let clean = Walk { secrets, taken }.value("", value)?;
    serde_json::to_string(&clean).ok()
}

/// Calls `seen` with every string that may hold a secret.
pub(crate) fn each_text<'v>(key: &str, value: &'v Value<'_>, seen: &mut dyn FnMut(&'v str)) {
    match value {
        Value::String(text) if !is_picture(key, text) => seen(text),
        Value::Array(items) => items.iter().for_each(|item| each_text(key, item, seen)),
        Value::Object(object) => {
            for (key, value) in &object.pairs {
                each_text(key, value, seen);
            }
        }
        _ => {}
    }
}

struct Walk<'s> {
    secrets: &'s Secrets,
    taken: &'s mut Taken,
}

impl Walk<'_> {
    /// The value without its secrets, if it holds any.
    fn value<'v>(&mut self, key: &str, value: &Value<'v>) -> Option<Value<'v>> {
        match value {
            Value::String(text) => self.string(key, text).map(Cow::Owned).map(Value::String),
            Value::Array(items) => self.list(key, items).map(Value::Array),
            Value::Object(object) => self.object(object).map(Value::Object),
            Value::Null | Value::Bool(_) | Value::Number(_) => None,
        }
    }

    fn object<'v>(&mut self, object: &Object<'v>) -> Option<Object<'v>> {
        let mut clean: Option<Vec<_>> = None;
        for (at, (key, value)) in object.pairs.iter().enumerate() {
            if let Some(value) = self.value(key, value) {
                clean.get_or_insert_with(|| object.pairs.clone())[at].1 = value;
            }
            if key.len() >= SHORTEST_KEY
                && let Some(key) = self.secrets.redact(key, self.taken)
            {
                clean.get_or_insert_with(|| object.pairs.clone())[at].0 = key.into();
            }
        }
        clean.map(|pairs| Object { pairs, raw: "" })
    }

    fn list<'v>(&mut self, key: &str, items: &[Value<'v>]) -> Option<Vec<Value<'v>>> {
        let lines: Option<Vec<&str>> = items.iter().map(Value::as_str).collect();
        if let (Some(lines), 2..) = (lines, items.len()) {
            let clean = self.lines(key, &lines)?;
            let strings = clean.into_iter().map(Cow::Owned).map(Value::String);
            return Some(strings.collect());
        }
        let mut clean: Option<Vec<_>> = None;
        for (at, item) in items.iter().enumerate() {
            if let Some(item) = self.value(key, item) {
                clean.get_or_insert_with(|| items.to_vec())[at] = item;
            }
        }
        clean
    }

    /// A text kept as a list of its lines, read as a whole: a key may go over several. Lines of a
    /// patch are read without their first character.
    fn lines(&mut self, key: &str, lines: &[&str]) -> Option<Vec<String>> {
        let signed = key == "lines" && lines.iter().all(|line| line.starts_with(['+', '-', ' ']));
        let head = usize::from(signed);
        let bodies: Vec<&str> = lines.iter().map(|line| &line[head..]).collect();
        let text = bodies.join("\n");
        let clean = match self.secrets.redact(&text, self.taken) {
            // a mark has the line breaks of what it replaces, so the lines stay the same
            Some(clean) => clean,
            None => return self.each_line(key, lines),
        };
        let mut rest = clean.split('\n');
        let line = |line: &&str| {
            let count = line.matches('\n').count() + 1;
            let body: Vec<&str> = rest.by_ref().take(count).collect();
            format!("{}{}", &line[..head], body.join("\n"))
        };
        Some(lines.iter().map(line).collect())
    }

    /// Strings of which none tells without its key.
    fn each_line(&mut self, key: &str, lines: &[&str]) -> Option<Vec<String>> {
        let clean: Vec<Option<String>> = lines.iter().map(|line| self.string(key, line)).collect();
        clean.iter().any(Option::is_some).then(|| {
            let pairs = clean.into_iter().zip(lines);
            pairs
                .map(|(clean, line)| clean.unwrap_or_else(|| (*line).to_owned()))
                .collect()
        })
    }

    fn string(&mut self, key: &str, text: &str) -> Option<String> {
        if is_picture(key, text) {
            return None;
        }
        self.secrets
            .redact(text, self.taken)
            .or_else(|| self.named(key, text))
    }

    /// A value that is secret because its key says so.
    fn named(&mut self, key: &str, text: &str) -> Option<String> {
        let fits = (6..=LONGEST_NAMED).contains(&text.len()) && !text.contains('\n');
        if !fits || !is_telling(key) {
            return None;
        }
        let before = format!("\"{key}\": \"");
        let pair = format!("{before}{text}\"");
        let inside = before.len()..before.len() + text.len();
        let spots = self.secrets.find(None, &pair).into_iter();
        let spots: Vec<Spot<'_>> = spots
            .filter(Spot::is_likely)
            .filter_map(|spot| within(spot, &inside))
            .collect();
        (!spots.is_empty()).then(|| self.secrets.replaced(text, &spots, self.taken))
    }
}

/// The place counted from the start of `inside`, if it lies there.
fn within<'s>(mut spot: Spot<'s>, inside: &Range<usize>) -> Option<Spot<'s>> {
    let lies = inside.start <= spot.range.start && spot.range.end <= inside.end;
    spot.range = spot.range.start.checked_sub(inside.start)?..spot.range.end - inside.start;
    lies.then_some(spot)
}

fn is_telling(key: &str) -> bool {
    let key = key.to_ascii_lowercase();
    key.len() <= 64 && TELLING.iter().any(|word| key.contains(word))
}

/// Whether a string is a picture or a document in base64, which holds no text to look at.
fn is_picture(key: &str, text: &str) -> bool {
    if !matches!(key, "data" | "base64" | "stdout" | "url") || text.len() < SMALLEST_PICTURE {
        return false;
    }
    let body = match text.strip_prefix("data:") {
        Some(rest) => rest.split_once(";base64,").map_or("", |(_, body)| body),
        None => text,
    };
    let is_base64 = |byte: u8| byte.is_ascii_alphanumeric() || b"+/=\n\r".contains(&byte);
    PICTURES.iter().any(|start| body.starts_with(start)) && body.bytes().all(is_base64)
}

#[cfg(test)]
mod tests {
    use super::super::tests::{STORED, TOKEN, secrets};
    use super::*;
    use crate::protocol::json;

    fn clean(text: &str) -> Option<String> {
        let value = json::parse(text).expect("JSON");
        redacted(&secrets().1, &value, &mut Taken::default())
    }

    #[test]
    fn only_the_string_that_holds_a_secret_changes() {
        let text = format!(
            r#"{{"b":[1.50,null,true,"x\n"],"a":{{"deep":["{TOKEN}"]}},"a":"said twice","n":-0}}"#
        );
        let expected = r#"{"b":[1.5,null,true,"x\n"],"a":{"deep":["[secret:github.personal-token]"]},"a":"said twice","n":0}"#;
        assert_eq!(clean(&text).as_deref(), Some(expected));
        assert_eq!(clean(r#"{"stdout":"clean","n":[1,2]}"#), None);
    }

    #[test]
    fn a_value_whose_key_says_that_it_is_secret_is_taken_out() {
        let text = r#"{"db":{"password":"Gx7!kq9vTz2w","name":"Gx7!kq9vTz2w"}}"#;
        let clean = clean(text).expect("found");
        assert!(
            clean.starts_with(r#"{"db":{"password":"[secret:"#),
            "{clean}"
        );
        assert!(clean.ends_with(r#","name":"Gx7!kq9vTz2w"}}"#), "{clean}");
    }

    #[test]
    fn a_key_over_several_lines_of_a_patch_is_taken_out_and_the_lines_stay() {
        let body = "MIIEowIBAAKCAQEA7v9XqkzR2mT5wYb8LcJ4hGdF6sAe1uVoXiKq5BZk3vR8pLm2";
        let text = format!(
            r#"{{"lines":[" a","+-----BEGIN RSA PRIVATE KEY-----","+{body}","+{body}","+-----END RSA PRIVATE KEY-----","-b"]}}"#
        );
        let expected = r#"{"lines":[" a","+[secret:private-key]","+","+","+","-b"]}"#;
        let clean = clean(&text).expect("found");
        let mark = clean.find("[secret:").expect("a mark");
        let end = mark + clean[mark..].find(']').expect("its end") + 1;
        let clean = clean.replace(&clean[mark..end], "[secret:private-key]");
        assert_eq!(clean, expected);
    }

    #[test]
    fn a_picture_is_left_alone_and_text_that_claims_to_be_one_is_not() {
        let picture = format!("iVBORw0KGgo{}", "AbC9/+".repeat(40));
        assert_eq!(
            clean(&format!(r#"{{"type":"image","data":"{picture}"}}"#)),
            None
        );
        let url = format!("data:image/png;base64,{picture}");
        assert_eq!(
            clean(&format!(r#"{{"isImage":true,"stdout":"{url}"}}"#)),
            None
        );

        let text = format!("iVBORw0KGgo {} {TOKEN}", "x".repeat(80));
        assert!(clean(&format!(r#"{{"type":"image","data":"{text}"}}"#)).is_some());
    }

    #[test]
    fn a_secret_that_is_a_key_of_an_object_is_taken_out() {
        let clean = clean(&format!(r#"{{"{STORED}":1}}"#));
        assert_eq!(clean.as_deref(), Some(r#"{"[ccs:DEPLOY_KEY]":1}"#));
    }

    #[test]
    fn escapes_of_json_hide_nothing() {
        let hidden: String = TOKEN
            .chars()
            .map(|c| format!("\\u{:04x}", c as u32))
            .collect();
        let clean = clean(&format!(r#"["{hidden}"]"#));
        assert_eq!(
            clean.as_deref(),
            Some(r#"["[secret:github.personal-token]"]"#)
        );
    }

    #[test]
    fn strings_with_line_breaks_of_their_own_are_kept_apart() {
        let text = format!(r#"["a\nb","{TOKEN}","c\n"]"#);
        let expected = r#"["a\nb","[secret:github.personal-token]","c\n"]"#;
        assert_eq!(clean(&text).as_deref(), Some(expected));
    }
}
