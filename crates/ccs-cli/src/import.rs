//! Damage-control files of the Python guard, turned into a policy.
//!
//! Such a file has `bashToolPatterns`, each with `pattern`, `reason` and perhaps `ask: true`, and
//! the lists `zeroAccessPaths`, `readOnlyPaths` and `noDeletePaths`. What cannot be said in a
//! policy, or means less there, is named.

mod path;
mod pattern;

use std::collections::BTreeMap;
use std::fmt::Display;

use anyhow::Context;
use ccs_gate::Decision;
use serde::{Deserialize, Serialize};
use serde_yaml::Value;

use crate::gate;
use pattern::Pattern;

/// What the text begins with.
const HEAD: &str = "\
# Imported by `ccs policy import`. `ccs policy show` prints a policy with every key there is.
";

/// A policy text and what there is to say about it.
#[derive(Debug)]
pub(crate) struct Imported {
    pub(crate) yaml: String,
    /// What is said in another way now.
    pub(crate) changed: Vec<String>,
    /// What is lost.
    pub(crate) lost: Vec<String>,
}

/// Turns the text of a damage-control file into a policy, which compiles.
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
    let mut notes = Notes::default();
    let policy = Policy {
        patterns: rules(&source.bash_tool_patterns, &mut notes),
        paths: Paths {
            zero_access: places(&source.zero_access_paths, &mut notes),
            read_only: places(&source.read_only_paths, &mut notes),
            no_delete: places(&source.no_delete_paths, &mut notes),
        },
    };
    for key in source.other.keys() {
        notes.left_out(key, "this key is not known");
    }
    let yaml = serde_yaml::to_string(&policy).context("the policy cannot be written")?;
    Ok(Imported {
        yaml: format!("{HEAD}{yaml}"),
        changed: notes.changed,
        lost: notes.lost,
    })
}

#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
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

/// What a policy file holds of what can be imported.
#[derive(Serialize)]
struct Policy {
    patterns: Vec<Rule>,
    paths: Paths,
}

#[derive(Clone, Serialize)]
struct Rule {
    id: String,
    title: String,
    decision: Decision,
    #[serde(flatten)]
    pattern: Pattern,
    why: String,
}

#[derive(Default, Serialize)]
struct Paths {
    zero_access: Vec<String>,
    read_only: Vec<String>,
    no_delete: Vec<String>,
}

#[derive(Default)]
struct Notes {
    changed: Vec<String>,
    lost: Vec<String>,
}

impl Notes {
    fn left_out(&mut self, what: &str, why: impl Display) {
        self.lost.push(format!("left out `{what}`: {why}"));
    }
}

fn rules(sources: &[SourcePattern], notes: &mut Notes) -> Vec<Rule> {
    let mut rules = Vec::new();
    for (index, source) in sources.iter().enumerate() {
        match rule(index + 1, source) {
            Ok(rule) => {
                remark(&rule, &source.pattern, notes);
                rules.push(rule);
            }
            Err(error) => notes.left_out(&source.pattern, error),
        }
    }
    rules
}

/// The rule for a pattern, if the gate takes it.
fn rule(number: usize, source: &SourcePattern) -> anyhow::Result<Rule> {
    let reason = source.reason.as_deref().unwrap_or_default();
    let reason = reason.lines().next().unwrap_or_default().trim();
    let title = match reason.trim_end_matches('.') {
        "" => "Matches an imported pattern",
        reason => reason,
    };
    let rule = Rule {
        id: format!("imported.pattern-{number:03}"),
        title: title.to_owned(),
        decision: if source.ask {
            Decision::Ask
        } else {
            Decision::Deny
        },
        pattern: Pattern::translate(&source.pattern)?,
        why: format!("It matches the imported pattern `{}`.", source.pattern),
    };
    let alone = Policy {
        patterns: vec![rule.clone()],
        paths: Paths::default(),
    };
    gate::compile(&serde_yaml::to_string(&alone)?)?;
    Ok(rule)
}

fn remark(rule: &Rule, python: &str, notes: &mut Notes) {
    let id = &rule.id;
    if let Some(unless) = &rule.pattern.unless {
        let text = format!("{id}: the lookahead in `{python}` became `unless: {unless}`");
        notes.changed.push(text);
    }
    if let Some(sign) = rule.pattern.joins() {
        let text = format!(
            "{id}: `{python}` needs a `{sign}` between commands, but each command is judged by \
             itself: only a quoted `{sign}` is found"
        );
        notes.lost.push(text);
    }
}

fn places(sources: &[String], notes: &mut Notes) -> Vec<String> {
    let mut places = Vec::new();
    for source in sources {
        match path::translate(source) {
            Ok(place) => {
                if path::is_narrower(&place) {
                    let text = format!("`{place}`: a `*` does not reach into folders below");
                    notes.changed.push(text);
                }
                places.push(place);
            }
            Err(error) => notes.left_out(source, error),
        }
    }
    places
}

#[cfg(test)]
mod tests {
    use ccs_gate::{Call, Facts, Gate};

    use super::*;

    const FILE: &str = r"
bashToolPatterns:
  - pattern: '\bfrobnicate\s+-rf\b'
    reason: Frobnicates for good.
  - pattern: '\bshopctl\s+drop\b'
    reason: Drops a shop
    ask: true
  - pattern: '\bshopctl\s+push\s+.*--force(?!-with-lease)'
  - pattern: '(?<!x)y'
zeroAccessPaths: ['~/.frob/', '*.frob', '~other/x']
readOnlyPaths: [/etc/frob/]
noDeletePaths: [.frobs/]
";

    fn decided(call: &Call<'_>) -> Decision {
        let imported = convert(FILE).expect("valid");
        let gate = Gate::new(gate::compile(&imported.yaml).expect("a policy"));
        let facts = Facts {
            home: Some("/home/dev"),
            cwd: Some("/home/dev/shop"),
            ..Facts::default()
        };
        gate.judge(call, &facts).decision
    }

    #[test]
    fn patterns_deny_or_ask_as_they_did() {
        for (command, expected) in [
            ("frobnicate -rf x", Decision::Deny),
            ("sudo FROBNICATE -rf x", Decision::Deny),
            ("frobnicate -n x", Decision::Allow),
            ("shopctl drop main", Decision::Ask),
            ("shopctl push origin --force", Decision::Deny),
            ("shopctl push origin --force-with-lease", Decision::Allow),
        ] {
            assert_eq!(decided(&Call::command(command)), expected, "{command}");
        }
    }

    #[test]
    fn paths_are_guarded_as_they_were() {
        let write = |path| Call::Write { path, text: "" };
        for (call, expected) in [
            (
                Call::Read {
                    path: "~/.frob/a/b",
                },
                Decision::Deny,
            ),
            (Call::Read { path: "x/a.frob" }, Decision::Deny),
            (write("/etc/frob/frob.conf"), Decision::Deny),
            (
                Call::Read {
                    path: "/etc/frob/frob.conf",
                },
                Decision::Allow,
            ),
            (Call::command("rm .frobs/x"), Decision::Deny),
            (write(".frobs/x"), Decision::Allow),
        ] {
            assert_eq!(decided(&call), expected, "{call:?}");
        }
    }

    #[test]
    fn what_cannot_be_taken_over_is_named() {
        let lost = convert(FILE).expect("valid").lost;
        assert_eq!(lost.len(), 2, "{lost:?}");
        assert!(lost[0].starts_with("left out `(?<!x)y`: "), "{lost:?}");
        assert!(lost[1].starts_with("left out `~other/x`: "), "{lost:?}");
    }

    #[test]
    fn a_pattern_about_two_commands_is_named() {
        let file = r"bashToolPatterns: [{pattern: 'frob.*\|\s*sh'}, {pattern: 'a|b'}]";
        let lost = convert(file).expect("valid").lost;
        assert_eq!(lost.len(), 1, "{lost:?}");
        assert!(lost[0].contains("needs a `|` between commands"), "{lost:?}");
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
            imported.lost,
            ["left out `webPatterns`: this key is not known"]
        );
    }
}
