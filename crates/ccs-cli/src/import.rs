//! Damage-control files of the Python guard, turned into a policy.
//!
//! Such a file has `bashToolPatterns`, each with `pattern`, `reason` and perhaps `ask: true`, and
//! the lists `zeroAccessPaths`, `readOnlyPaths` and `noDeletePaths`. Its patterns are Python's,
//! tried anywhere in the command line and without regard to case. Ours know no lookaround:
//! a `(?!…)` becomes the rule's `unless`; a pattern that cannot be taken over is named.

use std::collections::BTreeMap;

use anyhow::Context;
use ccs_gate::Decision;
use serde::{Deserialize, Serialize};
use serde_yaml::Value;

/// A policy text and what there is to say about it.
#[derive(Debug)]
pub(crate) struct Imported {
    pub(crate) yaml: String,
    /// What was changed or left out.
    pub(crate) notes: Vec<String>,
    /// Nothing was left out.
    pub(crate) is_complete: bool,
}

/// Turns the text of a damage-control file into a policy.
///
/// # Errors
///
/// If it is not YAML of that shape, or has none of its keys.
pub(crate) fn convert(text: &str) -> anyhow::Result<Imported> {
    let source: Source = serde_yaml::from_str(text)?;
    anyhow::ensure!(
        source.is_any(),
        "none of the keys of a damage-control file is there"
    );
    let mut notes = Vec::new();
    let mut is_complete = true;
    let mut rules = Vec::new();
    for (index, pattern) in source.bash_tool_patterns.iter().enumerate() {
        match rule(index + 1, pattern) {
            Ok((rule, note)) => {
                rules.push(rule);
                notes.extend(note);
            }
            Err(error) => {
                is_complete = false;
                notes.push(format!("left out `{}`: {error}", pattern.pattern));
            }
        }
    }
    for key in source.other.keys() {
        is_complete = false;
        notes.push(format!("left out `{key}`, which is not known"));
    }
    let policy = Policy {
        mode: "standard",
        rules,
        paths: Paths {
            zero_access: source.zero_access_paths,
            read_only: source.read_only_paths,
            no_delete: source.no_delete_paths,
        },
    };
    let yaml = serde_yaml::to_string(&policy).context("the policy cannot be written")?;
    Ok(Imported {
        yaml: format!("# Imported by `ccs policy import`.\n{yaml}"),
        notes,
        is_complete,
    })
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase", default)]
#[derive(Default)]
struct Source {
    bash_tool_patterns: Vec<SourcePattern>,
    zero_access_paths: Vec<String>,
    read_only_paths: Vec<String>,
    no_delete_paths: Vec<String>,
    #[serde(flatten)]
    other: BTreeMap<String, Value>,
}

impl Source {
    fn is_any(&self) -> bool {
        !self.bash_tool_patterns.is_empty()
            || !self.zero_access_paths.is_empty()
            || !self.read_only_paths.is_empty()
            || !self.no_delete_paths.is_empty()
    }
}

#[derive(Debug, Deserialize)]
struct SourcePattern {
    pattern: String,
    #[serde(default)]
    reason: Option<String>,
    #[serde(default)]
    ask: bool,
}

#[derive(Serialize)]
struct Policy {
    mode: &'static str,
    rules: Vec<Rule>,
    paths: Paths,
}

#[derive(Debug, PartialEq, Eq, Serialize)]
struct Rule {
    id: String,
    title: String,
    severity: &'static str,
    decision: Decision,
    pattern: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    unless: Option<String>,
    why: String,
}

#[derive(Serialize)]
struct Paths {
    zero_access: Vec<String>,
    read_only: Vec<String>,
    no_delete: Vec<String>,
}

fn rule(number: usize, source: &SourcePattern) -> anyhow::Result<(Rule, Option<String>)> {
    let Pattern { pattern, unless } = translate(&source.pattern)?;
    let reason = source
        .reason
        .as_deref()
        .map(str::trim)
        .filter(|reason| !reason.is_empty());
    let title = reason.unwrap_or("Matches an imported pattern").to_owned();
    let id = format!("imported.{number:03}");
    let note = unless.as_ref().map(|unless| {
        format!(
            "{id}: the lookahead in `{}` became unless: `{unless}`",
            source.pattern
        )
    });
    let rule = Rule {
        id,
        severity: "high",
        decision: if source.ask {
            Decision::Ask
        } else {
            Decision::Deny
        },
        pattern,
        unless,
        why: format!("{title} (from the imported policy)."),
        title,
    };
    Ok((rule, note))
}

#[derive(Debug, PartialEq, Eq)]
struct Pattern {
    pattern: String,
    unless: Option<String>,
}

/// A Python pattern as one of ours.
fn translate(python: &str) -> anyhow::Result<Pattern> {
    let mut pattern = python.replace(r"\Z", r"\z");
    let mut exceptions = Vec::new();
    while let Some(start) = pattern.find("(?!") {
        let end = start + closing(&pattern[start..]).context("a bracket is not closed")?;
        let before = &pattern[..start];
        let open = depth(before);
        exceptions.push(format!(
            "{before}{}{}",
            &pattern[start + 3..end],
            ")".repeat(open)
        ));
        pattern.replace_range(start..=end, "");
    }
    let unless = (!exceptions.is_empty()).then(|| format!("(?i){}", exceptions.join("|")));
    let pattern = format!("(?i){pattern}");
    for text in [Some(&pattern), unless.as_ref()].into_iter().flatten() {
        regex::Regex::new(text).map_err(|error| anyhow::anyhow!(last_line(&error)))?;
    }
    Ok(Pattern { pattern, unless })
}

fn last_line(error: &regex::Error) -> String {
    let text = error.to_string();
    let line = text.lines().last().unwrap_or_default();
    line.trim_start_matches("error: ").to_owned()
}

/// Where the bracket closes that `text` starts with.
fn closing(text: &str) -> Option<usize> {
    let mut depth = 0_usize;
    for (at, sign) in brackets(text) {
        match sign {
            b'(' => depth += 1,
            _ => depth = depth.checked_sub(1)?,
        }
        if depth == 0 {
            return Some(at);
        }
    }
    None
}

/// How many groups are open at the end of `text`.
fn depth(text: &str) -> usize {
    brackets(text).fold(0, |depth: usize, (_, sign)| match sign {
        b'(' => depth + 1,
        _ => depth.saturating_sub(1),
    })
}

/// The round brackets that group: not escaped, and not in a character class.
fn brackets(text: &str) -> impl Iterator<Item = (usize, u8)> {
    let mut escaped = false;
    let mut class = false;
    text.bytes().enumerate().filter(move |&(_, byte)| {
        let is_plain = !escaped;
        escaped = byte == b'\\' && is_plain;
        match byte {
            b'[' if is_plain => class = true,
            b']' if is_plain => class = false,
            b'(' | b')' => return is_plain && !class,
            _ => {}
        }
        false
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    const FILE: &str = r"
bashToolPatterns:
  - pattern: '\brm\s+-rf\b'
    reason: rm with recursive or force flags
  - pattern: '\bgit\s+stash\s+drop\b'
    reason: Permanently deletes a stash
    ask: true
  - pattern: '\bgit\s+push\s+.*--force(?!-with-lease)'
    reason: git push --force
  - pattern: '(?<!x)y'
zeroAccessPaths: ['.env', '~/.ssh/', '*.pem']
readOnlyPaths: [/etc/]
noDeletePaths: [.git/]
";

    fn matches(pattern: &Pattern, text: &str) -> bool {
        let is_match = |pattern: &str| regex::Regex::new(pattern).expect(pattern).is_match(text);
        is_match(&pattern.pattern) && !pattern.unless.as_deref().is_some_and(is_match)
    }

    #[test]
    fn patterns_paths_and_questions_are_taken_over() {
        let imported = convert(FILE).expect("valid");
        let value: Value = serde_yaml::from_str(&imported.yaml).expect("YAML");

        let rules = value["rules"].as_sequence().expect("a list");
        let decisions: Vec<_> = rules.iter().map(|rule| rule["decision"].as_str()).collect();
        assert_eq!(decisions, [Some("deny"), Some("ask"), Some("deny")]);
        assert_eq!(
            rules[1]["title"].as_str(),
            Some("Permanently deletes a stash")
        );
        assert_eq!(value["paths"]["zero_access"][2].as_str(), Some("*.pem"));
        assert_eq!(value["paths"]["read_only"][0].as_str(), Some("/etc/"));
        assert_eq!(value["paths"]["no_delete"][0].as_str(), Some(".git/"));
    }

    #[test]
    fn a_pattern_that_cannot_be_taken_over_is_named() {
        let imported = convert(FILE).expect("valid");
        assert!(!imported.is_complete);
        assert!(
            imported
                .notes
                .iter()
                .any(|note| note.starts_with("left out `(?<!x)y`"))
        );
    }

    #[test]
    fn a_negative_lookahead_becomes_an_exception() {
        let pattern = translate(r"\bgit\s+push\s+.*--force(?!-with-lease)").expect("valid");
        assert!(matches(&pattern, "git push origin --FORCE"));
        assert!(!matches(&pattern, "git push origin --force-with-lease"));
    }

    #[test]
    fn a_lookahead_inside_a_group_keeps_the_groups_whole() {
        let pattern = translate(r"(rm|del(?!ta)) [(](x)").expect("valid");
        assert!(matches(&pattern, "del (x"));
        assert!(!matches(&pattern, "rm x"));
        assert_eq!(pattern.unless.as_deref(), Some("(?i)(rm|delta)"));
    }

    #[test]
    fn a_file_of_another_kind_is_refused() {
        for text in ["", "rules: []", "- a", "bashToolPatterns: 7"] {
            assert!(convert(text).is_err(), "{text}");
        }
    }

    #[test]
    fn a_key_that_is_not_known_is_named() {
        let imported = convert("zeroAccessPaths: [x]\nwebPatterns: []\n").expect("valid");
        assert_eq!(
            imported.notes,
            ["left out `webPatterns`, which is not known"]
        );
    }
}
