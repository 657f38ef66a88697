//! The one place where findings become a decision.

use crate::call::{Call, Facts, Shell};
use crate::disguise;
use crate::effect::{Kinds, Places, Tags};
use crate::eval::{Eval, Io};
use crate::judge::Report;
use crate::policy::{Mode, Policy};
use crate::value::Value;
use crate::verdict::{Decision, Finding, Verdict};

/// Judges tool calls under one policy.
#[derive(Clone, Debug, Default)]
pub struct Gate {
    policy: Policy,
}

/// What a call was understood to do, in words.
#[derive(Clone, Debug, Default)]
pub struct Explanation {
    /// Every simple command, in the order in which they were walked.
    pub commands: Vec<String>,
    /// Every effect, with where and how.
    pub effects: Vec<String>,
    /// The answer.
    pub verdict: Verdict,
}

impl Gate {
    /// A gate with the shipped rules and the `standard` mode.
    #[must_use]
    pub fn builtin() -> Self {
        Self::default()
    }

    /// A gate under the given policy.
    #[must_use]
    pub fn new(policy: Policy) -> Self {
        Self { policy }
    }

    /// The policy this gate judges by.
    #[must_use]
    pub fn policy(&self) -> &Policy {
        &self.policy
    }

    /// Judges one call. Never fails and never panics, whatever the call holds; what cannot be
    /// understood is a finding.
    #[must_use]
    pub fn judge(&self, call: &Call<'_>, facts: &Facts<'_>) -> Verdict {
        let report = walk(call, facts, Report::new(&self.policy, false));
        self.decide(report)
    }

    /// Judges one call and tells what was seen on the way.
    #[must_use]
    pub fn explain(&self, call: &Call<'_>, facts: &Facts<'_>) -> Explanation {
        let mut report = walk(call, facts, Report::new(&self.policy, true));
        let trace = report.trace.take().unwrap_or_default();
        Explanation {
            commands: trace.commands,
            effects: trace.effects,
            verdict: self.decide(report),
        }
    }

    fn decide(&self, report: Report<'_>) -> Verdict {
        let mut findings: Vec<Finding> = report.findings;
        if self.policy.mode == Mode::Paranoid {
            findings
                .iter_mut()
                .for_each(|finding| finding.decision = Decision::Deny);
        }
        findings.sort_by(|a, b| (b.decision, b.severity).cmp(&(a.decision, a.severity)));
        let decision = findings
            .first()
            .map_or(Decision::Allow, |worst| worst.decision);
        Verdict {
            decision,
            harmless: report.harmless && findings.is_empty(),
            findings,
            rewrite: None,
        }
    }
}

fn walk<'r>(call: &Call<'_>, facts: &'r Facts<'r>, report: Report<'r>) -> Report<'r> {
    let mut eval = Eval::new(facts, report);
    match *call {
        Call::Command {
            text,
            shell: Shell::Bash,
        } => {
            let (text, hidden) = disguise::reveal(text);
            if hidden.tags() != Tags::NONE {
                eval.effect(Kinds::DISGUISE, Places::NONE, hidden.tags(), "");
            }
            eval.run_text(&text, &Io::default());
        }
        Call::Command {
            text,
            shell: Shell::PowerShell,
        } => {
            eval.invoke(
                vec!["pwsh".into(), "-Command".into(), text.into()],
                &Io::default(),
            );
        }
        Call::Read { path } => {
            eval.read(path);
        }
        Call::Write { path, text } => eval.write(path, &Value::known(text), false),
        Call::Search { path, files } => {
            eval.read(path.unwrap_or("."));
            if let Some(files) = files {
                eval.read(files);
            }
        }
        Call::Fetch { url } => {
            eval.fetch(url, Tags::NONE);
        }
        Call::Other { args, .. } => {
            for (_, text) in args {
                if text.starts_with(['/', '~']) && !text.contains('\n') {
                    eval.read(text);
                }
            }
        }
    }
    eval.report
}
