//! Everything the command line asks the gate, in one place.

use std::path::{Path, PathBuf};

use ccs_gate::policy::{self, bundle};
use ccs_gate::rule::{self, Meta, Report};
use ccs_gate::{Gate, Policy, Resolve};
use ccs_hooks::install::Record;
use ccs_integrity::file;

use crate::exit::{Code, Stop};
use crate::hex;
use crate::places::Places;

/// The names of the policy's files in the state folder.
pub(crate) const POLICY: &str = "policy.yaml";
pub(crate) const BUNDLE: &str = "policy.bundle";
pub(crate) const PUBLIC: &str = "policy.pub";
pub(crate) const SECRET: &str = "policy.key";
/// What a project may add, below its root; the hook program reads it too.
const PROJECT: &str = ".claude/ccs-policy.json";

/// Checks a policy and turns it into what the gate judges by.
///
/// # Errors
///
/// What is wrong with it, and where.
pub(crate) fn compile(yaml: &str) -> anyhow::Result<Policy> {
    Ok(policy::compile(yaml)?)
}

/// What the shipped rules say about themselves, by id.
pub(crate) fn rules() -> Vec<Meta> {
    let mut rules: Vec<Meta> = rule::metas().collect();
    rules.sort_by(|a, b| a.id.cmp(&b.id));
    rules
}

/// Tries the examples in a rule file.
///
/// # Errors
///
/// What is wrong with the file, and in which line.
pub(crate) fn check_rules(yaml: &str) -> anyhow::Result<Report> {
    Ok(rule::check(yaml)?)
}

/// Tries the examples of the shipped rules.
pub(crate) fn test_rules() -> Report {
    rule::test()
}

/// The gate that judges on this machine, and where its policy comes from.
pub(crate) struct Guard {
    pub(crate) gate: Gate,
    /// The bundle in force; `None` if the shipped rules alone apply.
    pub(crate) bundle: Option<PathBuf>,
    /// The file with which the project tightens it.
    pub(crate) project: Option<PathBuf>,
}

impl Guard {
    /// The gate under the policy in force, or as shipped if there is none.
    ///
    /// # Errors
    ///
    /// If there is half a policy, or one whose signature is wrong.
    pub(crate) fn in_force(places: &Places) -> anyhow::Result<Self> {
        let policy = policy_in_force(places)?;
        Ok(Guard {
            bundle: policy.is_some().then(|| places.in_state(BUNDLE)),
            gate: policy.map_or_else(Gate::builtin, Gate::new),
            project: None,
        })
    }

    /// The same in a project, which may tighten the policy.
    ///
    /// # Errors
    ///
    /// If the project's part cannot be read; the hook program asks about every call then.
    pub(crate) fn within(self, project: &Path) -> anyhow::Result<Self> {
        let path = project.join(PROJECT);
        let Some(bytes) = file::read(&path)? else {
            return Ok(self);
        };
        let tighter: Policy = serde_json::from_slice(&bytes).map_err(|error| {
            let what = format!("`{}`: {error}", path.display());
            let next = "correct that place; until then every call in this project is asked about";
            Stop::new(Code::Refused, what).next(next)
        })?;
        let policy = self.gate.policy().clone().tightened_by(&tighter);
        Ok(Guard {
            gate: Gate::new(policy),
            project: Some(path),
            ..self
        })
    }
}

/// The verified policy; `None` if the shipped rules alone apply.
pub(crate) fn policy_in_force(places: &Places) -> anyhow::Result<Option<Policy>> {
    let (path, public) = (places.in_state(BUNDLE), places.in_state(PUBLIC));
    match (file::read(&path)?, read_key(&public)?) {
        // As the hook program does: setup wrote both, so somebody took them away.
        (None, None) if places.in_state(Record::FILE).exists() => {
            Err(unverified(&path, "is missing").into())
        }
        (None, None) => Ok(None),
        (Some(bytes), Some(key)) => {
            let policy = bundle::open(&bytes, &key).map(Some);
            policy.map_err(|error| {
                unverified(&path, &format!("is not to be trusted: {error}")).into()
            })
        }
        (None, Some(_)) => Err(unverified(&path, "is missing").into()),
        (Some(_), None) => Err(unverified(&public, "is missing").into()),
    }
}

fn unverified(path: &Path, what: &str) -> Stop {
    Stop::new(Code::Unproven, format!("`{}` {what}", path.display()))
        .next("ccs policy compile, if policy.yaml is as you left it")
}

/// Reads a key of 64 hexadecimal digits; `None` if there is no such file.
pub(crate) fn read_key(path: &Path) -> anyhow::Result<Option<[u8; 32]>> {
    let Some(bytes) = file::read(path)? else {
        return Ok(None);
    };
    let key = std::str::from_utf8(&bytes)
        .ok()
        .and_then(|text| hex::key(text.trim()));
    match key {
        Some(key) => Ok(Some(key)),
        None => Err(unverified(path, "is not a key").into()),
    }
}

/// A key as text.
pub(crate) fn write_key(key: &[u8; 32]) -> Vec<u8> {
    format!("{}\n", hex::text(key)).into_bytes()
}

/// Follows links on this machine.
pub(crate) struct Links;

impl Resolve for Links {
    fn real_path(&self, path: &str) -> Option<String> {
        let path = Path::new(path);
        let (mut existing, mut rest) = (path, Vec::new());
        loop {
            match std::fs::canonicalize(existing) {
                Ok(mut real) => {
                    real.extend(rest.iter().rev());
                    return real.into_os_string().into_string().ok();
                }
                Err(error) if error.kind() == std::io::ErrorKind::NotFound => {
                    // A link that leads nowhere would be created at its end, which is not known.
                    if existing.is_symlink() {
                        return None;
                    }
                    rest.push(existing.file_name()?);
                    existing = existing.parent()?;
                }
                Err(_) => return None,
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_empty_policy_is_the_default_one() {
        assert_eq!(compile("# nothing\n").expect("valid"), Policy::default());
    }

    #[test]
    fn a_setting_that_does_not_exist_is_refused_with_its_line() {
        let error = compile("mode: strict\nmood: good\n").expect_err("unknown");
        assert!(format!("{error:#}").contains("line 2"), "{error:#}");
    }
}
