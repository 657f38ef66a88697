//! Tries the examples of rules on a gate.

use crate::call::{Call, Facts};
use crate::gate::Gate;
use crate::policy::Policy;
use crate::verdict::{Decision, Verdict};

/// Where the examples of rule files are judged.
const PLACE: Facts<'static> = Facts {
    home: Some("/home/dev"),
    cwd: Some("/home/dev/shop"),
    project: None,
    state: None,
    resolve: None,
};

/// What the examples of rules say about them.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Report {
    /// How many rules there are.
    pub rules: usize,
    /// How many examples were tried.
    pub examples: usize,
    /// Each example that does not do what the rule says, as `id: example: what it does`.
    pub disagreements: Vec<String>,
}

/// Tries examples, rule by rule.
pub(super) struct Trial {
    gate: Gate,
    id: String,
    pub(super) report: Report,
}

impl Trial {
    /// Tries under this policy.
    pub(super) fn new(policy: Policy) -> Self {
        Self {
            gate: Gate::new(policy),
            id: String::new(),
            report: Report::default(),
        }
    }

    /// Goes on with the examples of the next rule.
    pub(super) fn rule(&mut self, id: &str) {
        id.clone_into(&mut self.id);
        self.report.rules += 1;
    }

    /// A command that the rule speaks of, or does not.
    pub(super) fn command(&mut self, text: &str, wanted: bool) {
        self.call(&Call::command(text), text, wanted);
    }

    /// A call that the rule speaks of, or does not.
    pub(super) fn call(&mut self, call: &Call<'_>, shown: &str, wanted: bool) {
        let verdict = self.judge(call);
        let caught = verdict.findings.iter().any(|found| found.rule == self.id);
        if caught != wanted {
            let what = if caught { "is caught" } else { "is not caught" };
            self.disagree(shown, what);
        }
    }

    /// A call that no rule may let through, or none may stop.
    pub(super) fn stopped(&mut self, text: &str, wanted: bool) {
        let verdict = self.judge(&Call::command(text));
        if (verdict.decision > Decision::Allow) != wanted {
            self.disagree(text, if wanted { "passes" } else { "does not pass" });
        }
    }

    /// The commands that a rule suggests pass.
    pub(super) fn suggestion(&mut self, text: &str) {
        for command in commands(text) {
            let verdict = self.judge(&Call::command(command));
            if let Some(found) = verdict.findings.first() {
                self.disagree(
                    command,
                    &format!("is suggested, and caught by {}", found.rule),
                );
            }
        }
    }

    fn judge(&mut self, call: &Call<'_>) -> Verdict {
        self.report.examples += 1;
        self.gate.judge(call, &PLACE)
    }

    fn disagree(&mut self, example: &str, what: &str) {
        let line = format!("{}: {example}: {what}", self.id);
        self.report.disagreements.push(line);
    }
}

impl Report {
    /// Adds what other rules' examples say.
    pub(super) fn add(&mut self, other: Self) {
        self.rules += other.rules;
        self.examples += other.examples;
        self.disagreements.extend(other.disagreements);
    }
}

/// The commands in a suggestion: what stands in backticks, or all of it if it is no sentence.
fn commands(text: &str) -> impl Iterator<Item = &str> {
    let sentence = text.starts_with(char::is_uppercase) || text.contains('`');
    let parts = text.split('`').skip(usize::from(sentence));
    parts.step_by(2)
}

#[cfg(test)]
mod tests {
    use super::commands;

    #[test]
    fn commands_are_told_from_sentences() {
        let of = |text| commands(text).collect::<Vec<_>>();
        assert_eq!(of("git stash"), ["git stash"]);
        assert_eq!(of("`a b` keeps it, `c` does not."), ["a b", "c"]);
        assert_eq!(of("Look first."), [""; 0]);
    }
}
