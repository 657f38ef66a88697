//! Keeps secrets out of the audit trail.
//!
//! Of what the gate and the vault recognise, only the place where it stood is kept. In commands and
//! what findings quote, two more kinds of text are masked: what follows a name that promises a secret (`--password x`,
//! `token=x`, `Authorization: Bearer x`, `https://user:x@host`), and long tokens that look random.
//! It is made to mask too much rather than too little.

use std::cell::OnceCell;
use std::path::{Path, PathBuf};

use ccs_audit::Redact;
use serde_json::{Value, json};

use crate::secrets::{MARKS, Secrets, Taken};
use crate::trail::Key;

const MASK: &str = "[masked]";
/// Parts of names whose values are masked, in lower case and without `-` and `_`.
const NAMES: &[&str] = &[
    "password",
    "passwd",
    "passphrase",
    "pwd",
    "secret",
    "token",
    "apikey",
    "accesskey",
    "privatekey",
    "credential",
    "authorization",
    "bearer",
    "cookie",
    "sshpass",
];
/// The shortest token that may look random.
const MIN_TOKEN: usize = 20;

/// What the trail applies to every target and to the details, before anything is hashed. Details
/// are an object as JSON; without a key nothing is kept of them.
pub(crate) fn for_trail(state: &Path, key: &Key) -> Redact {
    let known = Known::new(state);
    let withhold = key.is_missing();
    Box::new(move |text| match serde_json::from_str::<Value>(text) {
        Ok(Value::Object(_)) if withhold => {
            json!({"withheld": "the key of the details is missing"}).to_string()
        }
        Ok(mut details @ Value::Object(_)) => {
            known.redact_all(&mut details);
            details.to_string()
        }
        _ => known.redact(text),
    })
}

/// What is known to be secret: by its looks, or because it is in the vault. The vault is asked
/// with the first text.
struct Known {
    state: PathBuf,
    secrets: OnceCell<Secrets>,
}

impl Known {
    fn new(state: &Path) -> Self {
        Self {
            state: state.to_owned(),
            secrets: OnceCell::new(),
        }
    }

    fn redact(&self, text: &str) -> String {
        // fingerprints that cannot be read are the vault's own finding
        let state = Some(self.state.as_path());
        let secrets = self
            .secrets
            .get_or_init(|| Secrets::without_exceptions(state));
        let redacted = secrets.redact(text, &mut Taken::default());
        redacted.unwrap_or_else(|| text.to_owned())
    }

    fn redact_all(&self, value: &mut Value) {
        match value {
            Value::String(text) => *text = self.redact(text),
            Value::Array(items) => items.iter_mut().for_each(|item| self.redact_all(item)),
            Value::Object(fields) => fields.values_mut().for_each(|field| self.redact_all(field)),
            _ => {}
        }
    }
}

/// The text with what looks secret masked. What already stands for a secret (`[secret:KIND]`,
/// `[ccs:NAME]`) stays.
pub(crate) fn redact(text: &str) -> String {
    let mark = MARKS.iter().filter_map(|mark| text.find(mark)).min();
    let (Some(start), Some(length)) = (mark, mark.and_then(|at| text[at..].find(']'))) else {
        return masked(text);
    };
    let (mark, rest) = text[start..].split_at(length + 1);
    if looks_random(mark) || mark.contains(char::is_whitespace) {
        return masked(text);
    }
    [&masked(&text[..start]), mark, &redact(rest)].concat()
}

fn masked(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut armed = false;
    let mut rest = text;
    while !rest.is_empty() {
        let (word, separator, after) = next_word(rest);
        let is_value = armed && !word.is_empty() && !is_scheme(word);
        out.push_str(if is_value || looks_random(word) {
            MASK
        } else {
            word
        });
        out.push_str(separator);
        armed = arms(armed, word, separator);
        rest = after;
    }
    out
}

/// A word up to the next separator, that separator, and the rest.
fn next_word(text: &str) -> (&str, &str, &str) {
    let end = text.find(is_separator).unwrap_or(text.len());
    let length = text[end..].chars().next().map_or(0, char::len_utf8);
    (
        &text[..end],
        &text[end..end + length],
        &text[end + length..],
    )
}

fn is_separator(letter: char) -> bool {
    letter.is_whitespace() || "=:\"'`&,;|<>(){}[]@?".contains(letter)
}

/// Whether what comes next is a secret: a name arms, and quotes, spaces and `Bearer` between it
/// and the value keep it so. The `user:` of an address arms as well.
fn arms(armed: bool, word: &str, separator: &str) -> bool {
    if ["&", ";", "|", ",", "<", ">", "(", ")"].contains(&separator) {
        return false;
    }
    let goes_on = armed && (word.is_empty() || is_scheme(word));
    goes_on || is_name(word) || (word.starts_with("//") && separator == ":")
}

fn is_name(word: &str) -> bool {
    let plain: String = word
        .chars()
        .filter(|letter| letter.is_ascii_alphanumeric())
        .map(|letter| letter.to_ascii_lowercase())
        .collect();
    plain.len() <= 40 && NAMES.iter().any(|name| plain.contains(name))
}

fn is_scheme(word: &str) -> bool {
    ["basic", "bearer", "token", "digest"].contains(&word.to_ascii_lowercase().as_str())
}

/// Whether some part of a word is long and mixes digits with letters.
fn looks_random(word: &str) -> bool {
    word.split(['/', '.', '-', '~', '$', '%', '*']).any(|part| {
        part.len() >= MIN_TOKEN
            && part.bytes().any(|byte| byte.is_ascii_digit())
            && part.bytes().any(|byte| byte.is_ascii_alphabetic())
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn what_follows_a_telling_name_is_masked() {
        for (text, masked) in [
            (
                "mysql --password hunter2 -u me",
                "mysql --password [masked] -u me",
            ),
            ("mysql --password=hunter2", "mysql --password=[masked]"),
            ("API_KEY='abc' run", "API_KEY='[masked]' run"),
            ("x?access_token=abc&y=1", "x?access_token=[masked]&y=1"),
            (
                r#"{"client_secret": "abc", "a": 1}"#,
                r#"{"client_secret": "[masked]", "a": 1}"#,
            ),
            (
                "-H 'Authorization: Bearer abc'",
                "-H 'Authorization: Bearer [masked]'",
            ),
            (
                "-H 'Authorization: Basic abc'",
                "-H 'Authorization: Basic [masked]'",
            ),
            (
                "git clone https://me:abc@host/x",
                "git clone https://me:[masked]@host/x",
            ),
        ] {
            assert_eq!(redact(text), masked);
        }
    }

    #[test]
    fn a_long_random_token_is_masked_without_a_name() {
        for token in [
            "ghp_1234567890abcdefghijABCDEFGHIJ123456",
            "0123456789abcdef0123456789abcdef",
            "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxMjM0In0.dozjgNryP4J3jVmNHl0w5N",
            "AKIA1234567890ABCDEF",
        ] {
            assert_eq!(
                redact(&format!("curl -d {token} x.example")),
                "curl -d [masked] x.example"
            );
        }
    }

    #[test]
    fn what_stands_for_a_secret_stays() {
        let text = "curl -u a:[secret:github.personal-token] --token=[ccs:DEPLOY_KEY] -p hunter2";
        assert_eq!(redact(text), text);
        assert_eq!(redact("password=[ccs:x y] z"), "password=[[masked]:x y] z");
        assert_eq!(
            redact("[ccs:0123456789abcdef0123456789] a"),
            "[ccs:[masked]] a"
        );
    }

    #[test]
    fn ordinary_commands_stay_readable() {
        for text in [
            "rm -rf /home/dev/work/build-2024/target",
            "cargo test --workspace --all-features",
            "git push --force origin feature/new-parser",
            "docker run --rm -v /srv/data:/data postgres:16",
            "",
        ] {
            assert_eq!(redact(text), text);
        }
    }

    proptest! {
        #[test]
        fn a_named_value_never_stays(value in "[a-z0-9]{1,12}", name in "(--password|DB_TOKEN|api-key)[= ]") {
            let text = format!("run {name}{value} end");
            let redacted = redact(&text);
            prop_assert!(redacted.starts_with(&format!("run {name}[masked]")), "{redacted}");
        }

        #[test]
        fn any_text_is_redacted_without_growing_beyond_the_mask(text: String) {
            prop_assert!(redact(&text).len() <= (text.len() + 1) * (MASK.len() + 1));
        }
    }
}
