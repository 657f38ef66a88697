//! A user's own patterns, from a file.

use std::fs;
use std::path::Path;

use anyhow::Context;
use ccs_gate::secret::Filter;
use serde_json::Value;

use crate::exit::{Code, Stop};

/// The patterns in a file: a list of them, or settings that hold one at `security.filters`.
///
/// # Errors
///
/// If the file cannot be read, holds no list, or a pattern cannot be used.
pub(crate) fn read(file: &Path) -> anyhow::Result<Vec<Filter>> {
    let failed = || format!("cannot read `{}`", file.display());
    let text = fs::read_to_string(file).with_context(failed)?;
    of_text(&text).with_context(|| format!("`{}`", file.display()))
}

fn of_text(text: &str) -> anyhow::Result<Vec<Filter>> {
    let value: Value = serde_json::from_str(text).map_err(|error| wrong(&error.to_string()))?;
    let filters = ["/security/filters", "/filters"]
        .iter()
        .find_map(|place| value.pointer(place))
        .unwrap_or(&value);
    if filters.get("enabled") == Some(&Value::Bool(false)) {
        return Ok(Vec::new());
    }
    let list = filters.get("patterns").unwrap_or(filters);
    if !list.is_array() {
        return Err(wrong("it holds no list of patterns").into());
    }
    let patterns = list.as_array().into_iter().flatten();
    let each = patterns.map(|one| serde_json::from_value(one.clone()));
    each.map(|one| one.map_err(|error: serde_json::Error| wrong(&error.to_string()).into()))
        .collect()
}

fn wrong(what: &str) -> Stop {
    let next = r#"write {"patterns": [{"name": …, "regex": …, "replacement": …}]}"#;
    Stop::new(Code::Usage, what).next(next)
}

#[cfg(test)]
mod tests {
    use ccs_gate::secret::Scanner;

    use super::*;

    /// As Claude Code's settings are written about elsewhere.
    const SETTINGS: &str = r#"{"security": {"filters": {"enabled": true, "patterns": [
        {"name": "email", "regex": "[a-zA-Z0-9._%+-]+@[a-zA-Z0-9.-]+\\.[a-zA-Z]{2,}", "replacement": "[EMAIL]"},
        {"name": "phone", "regex": "\\d{3}-\\d{3}-\\d{4}", "replacement": "[PHONE]"},
        {"name": "ssn", "regex": "\\d{3}-\\d{2}-\\d{4}", "replacement": "[SSN]"},
        {"name": "credit_card", "regex": "\\d{4}[\\s-]?\\d{4}[\\s-]?\\d{4}[\\s-]?\\d{4}", "replacement": "[CARD]"}
    ]}}}"#;

    #[test]
    fn the_four_usual_patterns_load_as_they_are_and_replace() {
        let filters = of_text(SETTINGS).expect("four patterns");
        assert_eq!(filters.len(), 4);
        let scanner = filters
            .into_iter()
            .fold(Scanner::builtin(), Scanner::filter);
        let text = "ann@example.org 555-867-5309 078-05-1120 4111 1111 1111 1111";
        assert_eq!(scanner.redact(text).0, "[EMAIL] [PHONE] [SSN] [CARD]");
    }

    #[test]
    fn patterns_that_are_switched_off_are_none() {
        let off = SETTINGS.replace("\"enabled\": true", "\"enabled\": false");
        assert_eq!(of_text(&off).map(|filters| filters.len()).ok(), Some(0));
    }

    #[test]
    fn a_pattern_that_cannot_be_used_is_named() {
        let text = r#"[{"name": "deep", "regex": "(?=x)", "replacement": "y"}]"#;
        let error = of_text(text).expect_err("no look-around");
        assert!(format!("{error:#}").contains("deep"), "{error:#}");
        assert!(of_text("{}").is_err() && of_text("nonsense").is_err());
    }
}
