//! A policy from YAML, checked.

use std::collections::BTreeMap;

use serde::Deserialize;
use serde_yaml::{Mapping, Value};

use super::{Approve, Hosts, Mode, Paths, Policy, Quality, Secrets, Taint};
use crate::rule::{self, Meta, Rules, TextRule, own};
use crate::secret::{Filter, FilterError, FilterText};
use crate::verdict::{Decision, Severity};

/// Why a text is not a policy.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// It is not YAML, or not of the shape of a policy; the source says where.
    #[error("not a policy")]
    Shape(#[from] serde_yaml::Error),
    /// An entry of a list cannot be understood.
    #[error("line {line}: {list}: `{entry}`: {what}")]
    Entry {
        /// Where the entry stands, from 1.
        line: usize,
        /// The key of the list.
        list: &'static str,
        /// The entry as written.
        entry: String,
        /// What is wrong with it.
        what: String,
    },
    /// There is no shipped rule of this name.
    #[error("line {line}: overrides: there is no rule `{id}`{}", hint.as_ref().map_or(String::new(), |hint| format!("; did you mean `{hint}`?")))]
    UnknownRule {
        /// Where the name stands, from 1.
        line: usize,
        /// The name as written.
        id: String,
        /// A rule with a similar name.
        hint: Option<String>,
    },
    /// An own rule is wrong, or disagrees with one of its examples.
    #[error("rules: {0}")]
    Rules(String),
}

/// The file as it is written.
#[derive(Deserialize, Default)]
#[serde(default, deny_unknown_fields)]
struct File {
    mode: Mode,
    rewrites: bool,
    approve: Approve,
    allow: Vec<String>,
    ask: Vec<String>,
    deny: Vec<String>,
    overrides: BTreeMap<String, Decision>,
    paths: Paths,
    hosts: Hosts,
    secrets: Secrets,
    quality: Quality,
    taint: Taint,
    programs: Value,
    sets: Value,
    rules: Value,
    patterns: Vec<Pattern>,
}

/// A rule about the text of a command.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Pattern {
    id: String,
    title: String,
    #[serde(default = "high")]
    severity: Severity,
    decision: Decision,
    pattern: String,
    #[serde(default)]
    unless: String,
    #[serde(default)]
    why: String,
    instead: Option<String>,
}

fn high() -> Severity {
    Severity::High
}

/// The shipped policy file, with a comment on every key. It compiles to the default policy.
#[must_use]
pub fn example() -> &'static str {
    include_str!("policy.yaml")
}

/// Reads a policy and checks everything in it: names of rules, patterns, and the examples of own
/// rules.
///
/// # Errors
///
/// [`Error`] with the first entry that is wrong.
pub fn compile(yaml: &str) -> Result<Policy, Error> {
    let file: Option<File> = serde_yaml::from_str(yaml)?; // an empty text is an empty policy
    let file = file.unwrap_or_default();
    file.overrides.keys().try_for_each(|id| known(id, yaml))?;
    file.secrets
        .filters
        .iter()
        .try_for_each(|one| usable(one, yaml))?;
    file.quality
        .off
        .iter()
        .try_for_each(|rule| known_quality(rule, yaml))?;
    let mut rules = own_rules(&file)?;
    let lists = [
        ("allow", &file.allow, &own::ALLOWED),
        ("ask", &file.ask, &own::ASKED),
        ("deny", &file.deny, &own::DENIED),
    ];
    for (list, entries, meta) in lists {
        for entry in entries {
            let wrong = |what| Error::Entry {
                line: line_of(yaml, entry),
                list,
                entry: entry.clone(),
                what,
            };
            rules.list(entry, meta).map_err(wrong)?;
        }
    }
    Ok(Policy {
        mode: file.mode,
        rewrites: file.rewrites,
        approve: file.approve,
        overrides: file.overrides,
        paths: file.paths,
        hosts: file.hosts,
        secrets: file.secrets,
        quality: file.quality,
        taint: file.taint,
        rules,
        patterns: file
            .patterns
            .into_iter()
            .map(|entry| text_rule(entry, yaml))
            .collect::<Result<_, _>>()?,
    })
}

/// The rules that are written out, after their examples were tried.
fn own_rules(file: &File) -> Result<Rules, Error> {
    let mut part = Mapping::new();
    for (key, value) in [
        ("programs", &file.programs),
        ("sets", &file.sets),
        ("rules", &file.rules),
    ] {
        if !value.is_null() {
            part.insert(key.into(), value.clone());
        }
    }
    if part.is_empty() {
        return Ok(Rules::default());
    }
    let yaml = serde_yaml::to_string(&part)?;
    let wrong = |error: rule::Error| Error::Rules(error.what);
    let report = rule::check(&yaml).map_err(wrong)?;
    match report.disagreements.first() {
        Some(disagreement) => Err(Error::Rules(disagreement.clone())),
        None => Rules::parse(&yaml).map_err(wrong),
    }
}

fn text_rule(entry: Pattern, yaml: &str) -> Result<TextRule, Error> {
    let id = entry.id.clone();
    let meta = Meta {
        id: entry.id.into(),
        title: entry.title.into(),
        severity: entry.severity,
        decision: entry.decision,
        why: entry.why.into(),
        instead: entry.instead.map(Into::into),
    };
    let wrong = |what| Error::Entry {
        line: line_of(yaml, &id),
        list: "patterns",
        entry: id.clone(),
        what,
    };
    TextRule::new(meta, &entry.pattern, &entry.unless).map_err(wrong)
}

/// Whether the pattern of a filter is a regular expression.
fn usable(text: &FilterText, yaml: &str) -> Result<(), Error> {
    let wrong = |error: FilterError| Error::Entry {
        line: line_of(yaml, &text.name),
        list: "secrets: filters",
        entry: text.name.clone(),
        what: std::error::Error::source(&error)
            .map_or_else(|| error.to_string(), ToString::to_string),
    };
    Filter::try_from(text.clone()).map(drop).map_err(wrong)
}

/// The first line that holds the text, from 1.
fn line_of(yaml: &str, text: &str) -> usize {
    let at = yaml.lines().position(|line| line.contains(text));
    at.map_or(1, |at| at + 1)
}

fn known(id: &str, yaml: &str) -> Result<(), Error> {
    if rule::metas().any(|meta| meta.id == id) {
        return Ok(());
    }
    let family = format!("{}.", id.split('.').next().unwrap_or(id));
    let hint = rule::metas()
        .find(|meta| meta.id.starts_with(&family))
        .map(|meta| meta.id.into_owned());
    Err(Error::UnknownRule {
        line: line_of(yaml, id),
        id: id.to_owned(),
        hint,
    })
}

/// Whether a pattern in `quality: off` names any rule.
fn known_quality(pattern: &str, yaml: &str) -> Result<(), Error> {
    if crate::quality::is_rule(pattern) {
        return Ok(());
    }
    Err(Error::Entry {
        line: line_of(yaml, pattern),
        list: "quality: off",
        entry: pattern.to_owned(),
        what: "there is no such rule; `ccs quality --rules` lists them".into(),
    })
}

#[cfg(test)]
mod tests {
    use super::{Error, compile, example};
    use crate::{Call, Decision, Facts, Gate, Policy};

    fn judged(policy: &str, command: &str) -> Decision {
        let gate = Gate::new(compile(policy).expect("a policy"));
        let facts = Facts {
            home: Some("/home/dev"),
            cwd: Some("/home/dev/shop"),
            ..Facts::default()
        };
        gate.judge(&Call::command(command), &facts).decision
    }

    #[test]
    fn the_shipped_file_is_the_default_policy() {
        assert_eq!(compile(example()).expect("a policy"), Policy::default());
        assert_eq!(compile("").expect("a policy"), Policy::default());
    }

    #[test]
    fn listed_commands_are_denied_asked_about_and_allowed() {
        let policy =
            "deny: [terraform apply]\nask: [npm publish --tag]\nallow: [git reset --hard]\n";

        assert_eq!(
            judged(policy, "sudo terraform apply -auto-approve"),
            Decision::Deny
        );
        assert_eq!(judged(policy, "terraform plan"), Decision::Allow);
        assert_eq!(judged(policy, "git reset --hard HEAD~1"), Decision::Allow);
        assert_eq!(judged(policy, "git clean -fdx"), Decision::Ask);
    }

    #[test]
    fn allowing_a_command_lifts_no_deny() {
        assert_eq!(judged("allow: [rm]", "rm -rf /"), Decision::Deny);
        assert_eq!(judged("allow: [rm]", "rm -rf ~/old"), Decision::Allow);
        assert_eq!(
            judged("allow: [find]", "find ~/old -exec rm -rf {} +"),
            Decision::Ask
        );
    }

    #[test]
    fn a_shipped_rule_can_be_given_another_decision() {
        assert_eq!(
            judged("overrides: {git.reset-hard: deny}", "git reset --hard"),
            Decision::Deny
        );
        assert_eq!(
            judged("overrides: {git.reset-hard: allow}", "git reset --hard"),
            Decision::Allow
        );
        assert!(matches!(
            compile("overrides: {git.no-such: deny}"),
            Err(Error::UnknownRule { .. })
        ));
    }

    #[test]
    fn own_paths_are_protected_and_shipped_ones_exempted() {
        let policy =
            "paths: {zero_access: ['vault/**'], read_only: [docs/api.md], exempt: ['.env.local']}";

        assert_eq!(judged(policy, "cat vault/a/b"), Decision::Deny);
        assert_eq!(judged(policy, "cat docs/api.md"), Decision::Allow);
        assert_eq!(judged(policy, "echo x > docs/api.md"), Decision::Deny);
        assert_eq!(judged(policy, "cat .env.local"), Decision::Allow);
        assert_eq!(judged(policy, "cat .env"), Decision::Ask);
    }

    #[test]
    fn modes_are_as_strict_as_they_say() {
        assert_eq!(
            judged("mode: allowlist", "git status && ls"),
            Decision::Allow
        );
        assert_eq!(
            judged("mode: allowlist", "git status; curl https://x.example"),
            Decision::Deny
        );
        assert_eq!(
            judged("mode: allowlist\nallow: [cargo test]", "cargo test -p x"),
            Decision::Allow
        );
        assert_eq!(judged("mode: readonly", "cat src/a.rs"), Decision::Allow);
        assert_eq!(judged("mode: readonly", "echo a > b"), Decision::Deny);
        assert_eq!(judged("mode: paranoid", "git reset --hard"), Decision::Deny);
        assert_eq!(judged("mode: strict", "sudo ls"), Decision::Ask);
    }

    #[test]
    fn patterns_see_the_command_without_its_disguise() {
        let policy = "patterns: [{id: shop.deploy, title: Deploys, decision: deny, pattern: 'shopctl\\s+deploy'}]";

        assert_eq!(
            judged(policy, "sudo bash -c 'shopctl  \"deploy\"'"),
            Decision::Deny
        );
        assert_eq!(judged(policy, "echo 'shopctl deploy'"), Decision::Deny);
        assert_eq!(judged(policy, "shopctl status"), Decision::Allow);
    }

    #[test]
    fn patterns_with_operators_see_the_whole_text() {
        let policy = "patterns: [{id: shop.pipe, title: Pipes, decision: deny, pattern: 'shopctl.*\\|\\s*mail'}]";

        assert_eq!(judged(policy, "shopctl list | mail -s x a"), Decision::Deny);
        assert_eq!(judged(policy, "shopctl list"), Decision::Allow);
    }

    #[test]
    fn own_paths_are_found_however_they_are_written() {
        let policy = "paths: {zero_access: ['~/Work/keys/', 'a/**/z.txt']}";
        let gate = Gate::new(compile(policy).expect("a policy"));
        let facts = Facts {
            home: Some("/srv/Dev"),
            cwd: Some("/srv/Dev/shop"),
            ..Facts::default()
        };

        for path in ["~/Work/keys/x", "~/work/keys", "a/b/c/z.txt", "a/z.txt"] {
            let verdict = gate.judge(&Call::Read { path }, &facts);
            assert_eq!(verdict.decision, Decision::Deny, "{path}");
        }
        let verdict = gate.judge(&Call::Read { path: "~/Work/x" }, &facts);
        assert_eq!(verdict.decision, Decision::Allow);
    }

    #[test]
    fn what_is_wrong_is_named() {
        for (yaml, part) in [
            ("mode: lax", "mode"),
            ("deny: ['']", "deny"),
            ("unknown: 1", "unknown"),
            (
                "patterns: [{id: a.b, title: t, decision: deny, pattern: '('}]",
                "(",
            ),
            ("rules: [{id: a.b}]", "rules"),
        ] {
            let error = compile(yaml).expect_err(yaml);
            let text = format!(
                "{error}: {:?}",
                std::error::Error::source(&error).map(ToString::to_string)
            );
            assert!(text.contains(part), "{yaml}: {text}");
        }
    }
}
