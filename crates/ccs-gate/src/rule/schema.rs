//! The shape of a rule file, read from YAML and checked.
//!
//! The build script compiles this file too: what it accepts is what users' rule files may hold.

use std::collections::{BTreeMap, BTreeSet};

use serde::Deserialize;

use super::pattern::Patterns;
use crate::verdict::{Decision, Severity};

/// Sets that every file may use: verbs with which command lines of services spell the same acts.
const SETS: [(&str, &str); 3] = [
    (
        "destroy",
        "delete delete-* delete_* *-delete *:delete *.delete delete:* del rm *:rm remove remove-* \
         *:remove remove:* destroy destroy-* *:destroy destroy:* purge purge-* *:purge drop drop-* \
         *:drop wipe erase terminate terminate-* *:terminate obliterate deregister deregister-* \
         unpublish truncate flush flush-* flushall nuke teardown",
    ),
    (
        "disrupt",
        "reset reset-* *:reset revoke revoke-* *:revoke rotate *:rotate roll disable disable-* \
         *:disable deactivate stop *:stop suspend kill shutdown uninstall undeploy archive clear \
         *:clear prune rollback cancel detach unlink failover",
    ),
    (
        "read",
        "list list-* ls get get-* describe describe-* show show-* status info view search query \
         find help diff preview validate lint inspect read cat print explain completion doctor \
         init create create-* add",
    ),
];

/// A rule file.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct File {
    /// How programs read their arguments.
    #[serde(default)]
    pub(crate) programs: Vec<Program>,
    /// Named alternatives: `@name` in a pattern stands for them.
    #[serde(default)]
    sets: BTreeMap<String, String>,
    /// The rules.
    #[serde(default)]
    pub(crate) rules: Vec<Entry>,
}

/// How programs of these names read their arguments.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub(crate) struct Program {
    pub(crate) names: Vec<String>,
    #[serde(default)]
    pub(crate) values: Vec<String>,
    #[serde(default)]
    pub(crate) before: Vec<String>,
    #[serde(default)]
    pub(crate) after: BTreeMap<String, Vec<String>>,
    #[serde(default)]
    pub(crate) flags: Vec<String>,
    #[serde(default)]
    pub(crate) single_dash: bool,
    #[serde(default)]
    pub(crate) admin: bool,
    #[serde(default)]
    pub(crate) unless: Vec<String>,
    #[serde(default)]
    pub(crate) runs: Vec<String>,
}

/// One rule.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Entry {
    pub(crate) id: String,
    pub(crate) title: String,
    pub(crate) severity: Severity,
    pub(crate) decision: Decision,
    #[serde(default)]
    pub(crate) program: Vec<String>,
    #[serde(default)]
    pub(crate) args: Vec<String>,
    #[serde(default)]
    pub(crate) unless: Vec<String>,
    #[serde(default)]
    pub(crate) general: bool,
    pub(crate) why: String,
    pub(crate) instead: Option<String>,
    pub(crate) rewrite: Option<Rewrite>,
    pub(crate) hits: Vec<String>,
    pub(crate) misses: Vec<String>,
}

/// An option that a safer one can replace.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Rewrite {
    pub(crate) replace: String,
    pub(crate) with: String,
}

/// Why a rule file cannot be used.
#[derive(Debug, thiserror::Error)]
#[error("line {line}: {what}")]
pub struct Error {
    /// The line it is about, from 1.
    pub line: usize,
    /// What is wrong there.
    pub what: String,
}

impl File {
    /// Reads a rule file, puts sets and defaults in place and checks everything but the examples.
    ///
    /// # Errors
    ///
    /// The first thing that is wrong, with its line.
    pub(crate) fn parse(text: &str) -> Result<Self, Error> {
        let mut file: File = serde_yaml::from_str(text).map_err(|error| Error {
            line: error.location().map_or(1, |at| at.line()),
            what: error.to_string(),
        })?;
        file.settle().map_err(|(near, what)| Error {
            line: line_of(text, &near),
            what: format!("{near}: {what}"),
        })?;
        Ok(file)
    }

    fn settle(&mut self) -> Result<(), (String, String)> {
        for program in &self.programs {
            program
                .check()
                .map_err(|what| (program.names.join(", "), what))?;
        }
        let every: Vec<String> = self.programs.iter().flat_map(|p| p.names.clone()).collect();
        let mut ids = BTreeSet::new();
        for rule in &mut self.rules {
            let refuse = |what| (rule.id.clone(), what);
            if !ids.insert(rule.id.clone()) {
                return Err(refuse("this id is used twice".into()));
            }
            if rule.program.is_empty() {
                rule.program.clone_from(&every);
            }
            expand(&mut rule.args, &self.sets).map_err(refuse)?;
            expand(&mut rule.unless, &self.sets).map_err(refuse)?;
            rule.check().map_err(refuse)?;
        }
        Ok(())
    }
}

impl Program {
    /// What takes a value after a word, as the tables hold it: a word and its options a line.
    pub(crate) fn after(&self) -> String {
        let lines = self.after.iter();
        let lines = lines.map(|(word, options)| format!("{word} {}", options.join(" ")));
        lines.collect::<Vec<_>>().join("\n")
    }

    fn check(&self) -> Result<(), String> {
        check_names(&self.names)?;
        let lists = [&self.values, &self.before, &self.flags];
        let all = lists.into_iter().chain(self.after.values()).flatten();
        for option in all {
            if !option.starts_with('-') || option.contains(char::is_whitespace) {
                return Err(format!("`{option}` is not an option"));
            }
        }
        Patterns::parse(&self.unless)?;
        Patterns::parse(&self.runs).map(drop)
    }
}

impl Entry {
    fn check(&self) -> Result<(), String> {
        check_id(&self.id)?;
        check_names(&self.program)?;
        Patterns::parse(&self.args)?;
        Patterns::parse(&self.unless)?;
        if self.decision == Decision::Allow {
            return Err("a rule asks or denies".into());
        }
        if self.title.ends_with('.') || self.title.is_empty() {
            return Err("the title is one line without a full stop".into());
        }
        if !self.why.ends_with('.') {
            return Err("`why` is a sentence".into());
        }
        if self.hits.len() < 2 || self.misses.is_empty() {
            return Err("it needs two hits and a miss or more".into());
        }
        Ok(())
    }
}

fn check_id(id: &str) -> Result<(), String> {
    let part = |part: &str| {
        let mut bytes = part.bytes();
        bytes.next().is_some_and(|b| b.is_ascii_lowercase())
            && bytes.all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-')
    };
    match id.split_once('.') {
        Some((family, what)) if part(family) && part(what) => Ok(()),
        _ => Err("an id is `family.what-happens`".into()),
    }
}

fn check_names(names: &[String]) -> Result<(), String> {
    if names.is_empty() {
        return Err("no program is named".into());
    }
    let bad = |name: &&String| {
        name.is_empty() || name.contains(|c: char| c.is_ascii_uppercase() || c.is_whitespace())
    };
    match names.iter().find(bad) {
        Some(name) => Err(format!("`{name}` is not a program's name in lower case")),
        None => Ok(()),
    }
}

/// Puts the alternatives of a set wherever a pattern names it.
fn expand(patterns: &mut [String], sets: &BTreeMap<String, String>) -> Result<(), String> {
    for pattern in patterns {
        let tokens = pattern.split_whitespace();
        let tokens: Result<Vec<_>, _> = tokens.map(|token| expand_token(token, sets)).collect();
        *pattern = tokens?.join(" ");
    }
    Ok(())
}

fn expand_token(token: &str, sets: &BTreeMap<String, String>) -> Result<String, String> {
    let bare = token.trim_start_matches('!');
    let fixed = if bare.starts_with('-') {
        token.find('=').map_or(token.len(), |at| at + 1)
    } else {
        token.len() - bare.len()
    };
    let (fixed, any) = token.split_at(fixed);
    let parts = any.split('|').map(|part| match part.strip_prefix('@') {
        Some(name) => alternatives(name, sets),
        None => Ok(part.to_owned()),
    });
    let parts: Vec<_> = parts.collect::<Result<_, _>>()?;
    Ok(format!("{fixed}{}", parts.join("|")))
}

fn alternatives(name: &str, sets: &BTreeMap<String, String>) -> Result<String, String> {
    let shared = SETS.iter().find(|(set, _)| *set == name);
    let words = sets
        .get(name)
        .map(String::as_str)
        .or(shared.map(|(_, words)| *words));
    let words = words.ok_or(format!("there is no set `@{name}`"))?;
    Ok(words.split_whitespace().collect::<Vec<_>>().join("|"))
}

/// The line that names `near`, or the first.
fn line_of(text: &str, near: &str) -> usize {
    let id = format!("id: {near}");
    let first = near.split(", ").next().unwrap_or(near);
    let found = |line: &str| {
        line.trim_end().ends_with(&id) || line.contains("names:") && line.contains(first)
    };
    text.lines().position(found).map_or(1, |at| at + 1)
}

#[cfg(test)]
#[path = "schema/tests.rs"] // the build script, too, must find it
mod tests;
