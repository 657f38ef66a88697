//! What the owner wants to have looked at before something counts as finished.

use serde::{Deserialize, Serialize};

use crate::glob;
use crate::verdict::Severity;

/// When it is asked whether code is finished, and what holds it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Quality {
    /// Whether a task is held open while something is found.
    pub task_completed: bool,
    /// Whether a teammate goes on working while something is found.
    pub teammate_idle: bool,
    /// Whether a turn goes on while something is found.
    pub stop: bool,
    /// Whether a subagent goes on while something is found.
    pub subagent_stop: bool,
    /// The least severity that holds.
    pub at_least: Severity,
    /// Whether files are parsed by their language's own tool.
    pub syntax: bool,
    /// How often the same finding holds; then the user is told.
    pub rounds: u8,
    /// How far back git is asked for changes that were made by commands; 0 asks it for none.
    pub minutes: u16,
    /// Rules that do not hold, `*` as in a shell: `todo.*`.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub off: Vec<String>,
    /// Files that are left alone, `*` and `?` as in a shell: `*/generated/*`.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub exclude: Vec<String>,
}

impl Default for Quality {
    fn default() -> Self {
        Self {
            task_completed: false,
            teammate_idle: false,
            stop: false,
            subagent_stop: false,
            at_least: Severity::Medium,
            syntax: true,
            rounds: 3,
            minutes: 30,
            off: Vec::new(),
            exclude: Vec::new(),
        }
    }
}

impl Quality {
    /// Whether this says nothing but the defaults.
    pub(super) fn is_default(&self) -> bool {
        *self == Self::default()
    }

    /// Whether anything is asked at all.
    #[must_use]
    pub fn is_on(&self) -> bool {
        self.task_completed || self.teammate_idle || self.stop || self.subagent_stop
    }

    /// Whether a rule does not hold.
    #[must_use]
    pub fn is_off(&self, rule: &str) -> bool {
        glob::any(&self.off, rule)
    }

    /// Whether a file is left alone.
    #[must_use]
    pub fn excludes(&self, path: &str) -> bool {
        glob::any(&self.exclude, path)
    }

    /// What a project makes stricter: it may switch things on. Exceptions are the owner's alone, and
    /// so is how often something holds.
    pub(super) fn tighten(&mut self, project: &Self) {
        self.task_completed |= project.task_completed;
        self.teammate_idle |= project.teammate_idle;
        self.stop |= project.stop;
        self.subagent_stop |= project.subagent_stop;
        self.syntax |= project.syntax;
        self.at_least = self.at_least.min(project.at_least);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_project_switches_on_and_never_off() {
        let mut owner = Quality {
            stop: true,
            off: vec!["todo.*".into()],
            ..Quality::default()
        };
        let project: Quality = serde_json::from_str(
            r#"{"task_completed":true,"rounds":200,"off":["*"],"exclude":["*"],"syntax":false,"at_least":"low"}"#,
        )
        .expect("a policy");

        owner.tighten(&project);

        assert!(owner.stop && owner.task_completed && owner.syntax);
        assert_eq!((owner.rounds, owner.at_least), (3, Severity::Low));
        assert!(
            owner.is_off("todo.comment") && !owner.is_off("stub.macro") && !owner.excludes("a")
        );
    }
}
