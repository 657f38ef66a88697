//! What leaves the machine as evidence says how things were set, not what was secret in it.

use ccs_gate::secret::Scanner;
use serde_json::Value;

/// What stands in the place of a value.
const HIDDEN: &str = "[hidden]";
/// Objects whose values are secrets or may be: variables and headers.
const HOLDERS: [&str; 3] = ["env", "headers", "environment"];
/// Words in the name of a field that holds a secret.
const NAMES: [&str; 6] = [
    "token",
    "secret",
    "password",
    "apikey",
    "api_key",
    "credential",
];

/// Takes secrets out of settings and texts.
pub(crate) struct Redactor {
    scanner: Scanner,
}

impl Redactor {
    pub(crate) fn new() -> Self {
        Redactor {
            scanner: Scanner::builtin(),
        }
    }

    /// The text without secrets.
    pub(crate) fn text(&self, text: &str) -> String {
        self.scanner.redact(text).0
    }

    /// Settings without the values of variables and headers, and without secrets elsewhere. What is
    /// not JSON is taken for text.
    pub(crate) fn settings(&self, bytes: &[u8]) -> Vec<u8> {
        match serde_json::from_slice::<Value>(bytes) {
            Ok(mut value) => {
                self.value(&mut value);
                let text = serde_json::to_vec_pretty(&value);
                text.unwrap_or_default()
            }
            Err(_) => self.text(&String::from_utf8_lossy(bytes)).into_bytes(),
        }
    }

    fn value(&self, value: &mut Value) {
        match value {
            Value::String(text) => *text = self.text(text),
            Value::Array(all) => all.iter_mut().for_each(|one| self.value(one)),
            Value::Object(fields) => {
                for (name, value) in fields {
                    let lower = name.to_lowercase();
                    if HOLDERS.contains(&lower.as_str()) {
                        hide_all(value);
                    } else if value.is_string() && NAMES.iter().any(|word| lower.contains(word)) {
                        *value = Value::String(HIDDEN.to_owned());
                    } else {
                        self.value(value);
                    }
                }
            }
            _ => {}
        }
    }
}

/// Every value below, whatever it is; names stay.
fn hide_all(value: &mut Value) {
    match value {
        Value::Object(fields) => fields.values_mut().for_each(hide_all),
        Value::Array(all) => all.iter_mut().for_each(hide_all),
        other => *other = Value::String(HIDDEN.to_owned()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_stay_and_values_of_variables_and_headers_go() {
        let settings = br#"{"env":{"A":"one","B":{"C":2}},"apiKeyHelper":"/bin/x","model":"m",
            "mcpServers":{"s":{"headers":{"Authorization":"Bearer x"},"args":["--token=abc"]}},
            "accessToken":"plain"}"#;
        let shown = String::from_utf8(Redactor::new().settings(settings)).expect("UTF-8");
        for gone in ["one", "Bearer", "plain"] {
            assert!(!shown.contains(gone), "{shown}");
        }
        for kept in ["\"A\"", "\"C\"", "\"m\"", "Authorization", "accessToken"] {
            assert!(shown.contains(kept), "{shown}");
        }
    }

    #[test]
    fn a_secret_in_another_field_goes_as_well() {
        // put together here, so that no scanner takes this file for a leak
        let token = format!("ghp_{}", "Zk3vQ9mX2pRt7LwN8bYc4HdF6sJg1Ka5uTeW");
        let settings = format!("{{\"statusLine\":\"curl -H {token}\"}}");
        let shown = Redactor::new().settings(settings.as_bytes());
        assert!(!String::from_utf8_lossy(&shown).contains(&token));
        let text = Redactor::new().settings(format!("not json {token}").as_bytes());
        assert!(!String::from_utf8_lossy(&text).contains(&token));
    }
}
