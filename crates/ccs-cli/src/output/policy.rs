//! A policy as its owner would write it.
//!
//! A compiled policy holds the lists as rules, and of own rules no examples: it can be read and
//! compared, and for policies without own rules it can be compiled again.

use std::collections::BTreeMap;

use ccs_gate::policy::{Approve, Paths};
use ccs_gate::rule::{Rule, When};
use ccs_gate::{Decision, Mode, Policy, Severity};
use serde::{Deserialize, Serialize};

/// The policy as YAML.
pub(crate) fn yaml(policy: &Policy) -> anyhow::Result<String> {
    Ok(serde_yaml::to_string(&File::of(policy)?)?)
}

#[derive(Serialize)]
struct File<'a> {
    mode: Mode,
    rewrites: bool,
    approve: &'a Approve,
    allow: Vec<String>,
    ask: Vec<String>,
    deny: Vec<String>,
    overrides: &'a BTreeMap<String, Decision>,
    paths: Lists<'a>,
    #[serde(skip_serializing_if = "is_nothing")]
    programs: serde_json::Value,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    rules: Vec<Own<'a>>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    patterns: Vec<Text>,
}

/// The paths, with the lists that are empty.
#[derive(Serialize)]
struct Lists<'a> {
    zero_access: &'a [String],
    read_only: &'a [String],
    no_delete: &'a [String],
    exempt: &'a [String],
}

#[derive(Serialize)]
struct Own<'a> {
    id: &'a str,
    title: &'a str,
    severity: Severity,
    decision: Decision,
    program: Vec<&'a str>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    args: Vec<&'a str>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    unless: Vec<&'a str>,
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    general: bool,
    why: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    instead: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    rewrite: Option<Rewrite<'a>>,
}

/// A rule about text, without what was found out about it.
#[derive(Serialize, Deserialize)]
struct Text {
    id: String,
    title: String,
    severity: Severity,
    decision: Decision,
    pattern: String,
    #[serde(default, skip_serializing_if = "String::is_empty")]
    unless: String,
    why: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    instead: Option<String>,
}

#[derive(Serialize)]
struct Rewrite<'a> {
    replace: &'a str,
    with: &'a str,
}

fn is_nothing(value: &serde_json::Value) -> bool {
    value.as_array().is_none_or(Vec::is_empty)
}

impl<'a> File<'a> {
    fn of(policy: &'a Policy) -> anyhow::Result<Self> {
        let listed = |id: &str| {
            let rules = policy.rules.iter().filter(|rule| rule.id == id);
            rules.filter_map(line).collect()
        };
        let Paths {
            zero_access,
            read_only,
            no_delete,
            exempt,
        } = &policy.paths;
        // These have no other form.
        let patterns = serde_json::to_value(&policy.patterns)?;
        let mut rules = serde_json::to_value(&policy.rules)?;
        Ok(File {
            mode: policy.mode,
            rewrites: policy.rewrites,
            approve: &policy.approve,
            allow: listed(LISTS[0]),
            ask: listed(LISTS[1]),
            deny: listed(LISTS[2]),
            overrides: &policy.overrides,
            paths: Lists {
                zero_access,
                read_only,
                no_delete,
                exempt,
            },
            programs: rules["programs"].take(),
            rules: policy.rules.iter().filter_map(own).collect(),
            patterns: serde_json::from_value(patterns)?,
        })
    }
}

/// The rules that the lists of commands become.
const LISTS: [&str; 3] = ["policy.allow", "policy.ask", "policy.deny"];

/// A listed command as it was listed.
fn line(rule: &Rule) -> Option<String> {
    let When::Command(command) = &rule.when else {
        return None;
    };
    let mut words: Vec<&str> = command.programs().collect();
    words.extend(command.args());
    Some(words.join(" "))
}

/// A rule that is not from a list.
fn own(rule: &Rule) -> Option<Own<'_>> {
    let When::Command(command) = &rule.when else {
        return None;
    };
    if LISTS.contains(&rule.id.as_ref()) {
        return None;
    }
    Some(Own {
        id: &rule.id,
        title: &rule.title,
        severity: rule.severity,
        decision: rule.decision,
        program: command.programs().collect(),
        args: command.args().collect(),
        unless: command.unless().collect(),
        general: command.is_general(),
        why: &rule.why,
        instead: rule.instead.as_deref(),
        rewrite: rule
            .rewrite
            .as_ref()
            .map(|(replace, with)| Rewrite { replace, with }),
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::gate::compile;

    #[test]
    fn a_policy_without_own_rules_compiles_to_itself_again() {
        let policy = compile(
            "mode: strict\nallow: [git reset --hard]\ndeny: ['terraform apply', 'rm']\n\
             overrides: {git.clean: deny}\npaths: {zero_access: ['vault/**']}\n\
             patterns: [{id: a.b, title: t, decision: deny, pattern: 'xy+', unless: z}]\n",
        )
        .expect("a policy");

        let again = compile(&yaml(&policy).expect("text")).expect("a policy");

        assert_eq!(again, policy);
    }

    #[test]
    fn own_rules_and_programs_are_shown() {
        let policy = compile(
            "programs: [{names: [shopctl], values: [-n]}]\nrules:\n- {id: shop.drop, title: Drops a shop, \
             severity: high, decision: deny, program: [shopctl], args: [drop], why: It is gone., \
             hits: [shopctl drop a, shopctl -n x drop], misses: [shopctl list]}\n",
        )
        .expect("a policy");

        let text = yaml(&policy).expect("text");

        for shown in ["shopctl", "id: shop.drop", "- drop", "deny: []"] {
            assert!(text.contains(shown), "{shown}\n{text}");
        }
    }
}
