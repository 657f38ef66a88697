//! A policy prepared for judging.

use std::borrow::Cow;

use super::Policy;
use crate::rule::{Access, Meta, PathRule, Rule, RuleSet, TextRule, own, path_matches};

/// The owner's own rules, in the form that is matched. Nothing is built for what the policy does
/// not have.
#[derive(Debug, Default)]
pub(crate) struct Ready {
    commands: Option<RuleSet>,
    paths: Vec<PathRule>,
    exempt: Vec<String>,
}

impl Ready {
    pub(crate) fn new(policy: &Policy) -> Self {
        let paths = &policy.paths;
        let rule = |meta: &'static Meta, access: [bool; 3], globs: &[String]| {
            let globs: Vec<Cow<'static, str>> =
                globs.iter().map(|glob| Cow::Owned(normal(glob))).collect();
            (!globs.is_empty()).then(|| PathRule::new(meta.clone(), access, globs))
        };
        let paths = [
            rule(&own::ZERO_ACCESS, [true, true, true], &paths.zero_access),
            rule(&own::READ_ONLY_PATH, [false, true, true], &paths.read_only),
            rule(&own::NO_DELETE, [false, false, true], &paths.no_delete),
        ];
        Self {
            commands: (!policy.rules.is_empty()).then(|| policy.rules.clone().into_set()),
            paths: paths.into_iter().flatten().collect(),
            exempt: policy
                .paths
                .exempt
                .iter()
                .map(|glob| normal(glob))
                .collect(),
        }
    }

    /// The owner's rules about a simple command.
    pub(crate) fn commands<'r>(&'r self, program: &str, args: &[&str], out: &mut Vec<&'r Rule>) {
        if let Some(set) = &self.commands {
            // what stands behind the last argument that is read was told by the shipped set
            let _ = set.matching(program, args, out);
        }
    }

    /// The owner's rules about a path.
    pub(crate) fn paths(&self, path: &str, access: Access, home: Option<&str>) -> Vec<&PathRule> {
        self.paths
            .iter()
            .filter(|rule| rule.speaks_of(path, access, home))
            .collect()
    }

    /// Whether the owner lets a path through where a shipped rule would ask.
    pub(crate) fn is_exempt(&self, path: &str, home: Option<&str>) -> bool {
        let path = path.to_lowercase();
        self.exempt
            .iter()
            .any(|glob| path_matches(glob, &path, home))
    }
}

/// A pattern in lower case; with a slash at its end, a folder and all in it.
fn normal(glob: &str) -> String {
    let glob = glob.to_lowercase();
    match glob.strip_suffix('/') {
        Some(folder) if !folder.is_empty() => format!("{folder}/**"),
        _ => glob,
    }
}

/// The rules about the text of a command that speak of this one; `whole` if it is the text of the
/// call, and not one simple command.
pub(crate) fn patterns<'p>(
    policy: &'p Policy,
    text: &'p str,
    whole: bool,
) -> impl Iterator<Item = &'p TextRule> {
    policy
        .patterns
        .iter()
        .filter(move |rule| rule.is_whole() == whole && rule.matches(text))
}
