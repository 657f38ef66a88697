//! The one place where findings become a decision.

use std::sync::Arc;

use crate::call::{Call, Facts, Shell};
use crate::deed::Deeds;
use crate::disguise;
use crate::effect::{Kinds, Places, Tags};
use crate::eval::{Eval, Io};
use crate::judge::{Report, Touched};
use crate::policy::ready::Ready;
use crate::policy::{Mode, Policy};
use crate::value::Value;
use crate::verdict::{Decision, Finding, Verdict};

/// Judges tool calls under one policy.
#[derive(Clone, Debug, Default)]
pub struct Gate {
    policy: Policy,
    ready: Arc<Ready>,
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
        let ready = Arc::new(Ready::new(&policy));
        Self { policy, ready }
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
        self.answer(call, facts, self.walk(call, facts, false))
    }

    /// Judges one call and tells what was seen on the way.
    #[must_use]
    pub fn explain(&self, call: &Call<'_>, facts: &Facts<'_>) -> Explanation {
        let mut report = self.walk(call, facts, true);
        let trace = report.trace.take().unwrap_or_default();
        Explanation {
            commands: trace.commands,
            effects: trace.effects,
            verdict: self.answer(call, facts, report),
        }
    }

    /// Every file on this machine that the call creates, changes or deletes, as far as its text
    /// shows. A file can be named more than once: as it is written, and where links lead.
    #[must_use]
    pub fn touched(&self, call: &Call<'_>, facts: &Facts<'_>) -> Vec<Touched> {
        let mut report = Report::new(&self.policy, &self.ready, false);
        report.touched = Some(Vec::new());
        walk(call, facts, report).touched.unwrap_or_default()
    }

    /// Everything the call does, as far as its text shows.
    #[must_use]
    pub fn deeds(&self, call: &Call<'_>, facts: &Facts<'_>) -> Deeds {
        let mut report = Report::new(&self.policy, &self.ready, false);
        report.deeds = Some(Deeds::default());
        walk(call, facts, report).deeds.unwrap_or_default()
    }

    fn walk<'r>(&'r self, call: &Call<'_>, facts: &'r Facts<'r>, traced: bool) -> Report<'r> {
        walk(call, facts, Report::new(&self.policy, &self.ready, traced))
    }

    fn answer(&self, call: &Call<'_>, facts: &Facts<'_>, mut report: Report<'_>) -> Verdict {
        let rewrites = std::mem::take(&mut report.rewrites);
        let mut verdict = self.decide(report);
        if let ([_], [(options, safer)]) = (verdict.findings.as_slice(), rewrites.as_slice())
            && let Some(text) = call.with_option(options, safer)
        {
            let tried = self.decide(self.walk(&Call::command(&text), facts, false));
            verdict.rewrite = (tried.decision == Decision::Allow).then_some(text);
        }
        verdict
    }

    fn decide(&self, mut report: Report<'_>) -> Verdict {
        report.by_mode();
        let harmless = report.changing.is_none() && report.ordinary && report.findings.is_empty();
        let mut findings: Vec<Finding> = report.findings;
        if self.policy.mode == Mode::Paranoid {
            findings
                .iter_mut()
                .for_each(|finding| finding.decision = Decision::Deny);
        }
        findings.sort_by_key(|finding| std::cmp::Reverse((finding.decision, finding.severity)));
        let decision = findings
            .first()
            .map_or(Decision::Allow, |worst| worst.decision);
        Verdict {
            decision,
            harmless,
            findings,
            rewrite: None,
        }
    }
}

fn walk<'r>(call: &Call<'_>, facts: &'r Facts<'r>, report: Report<'r>) -> Report<'r> {
    let mut eval = Eval::new(facts, report);
    match *call {
        Call::Command { text, shell } => command(&mut eval, text, shell),
        Call::Read { path } => {
            eval.read(&eval.with_home(path));
        }
        Call::Write { path, text } => eval.write(&eval.with_home(path), &Value::known(text), false),
        Call::Search { path, files } => {
            eval.read_as(&eval.with_home(path.unwrap_or(".")), Tags::TREE);
            if let Some(files) = files {
                eval.read(files);
            }
        }
        Call::Fetch { url } => {
            eval.fetch(url, Tags::NONE);
        }
        Call::Other { name, args } => args
            .iter()
            .for_each(|(key, text)| other(&mut eval, name, key, text)),
    }
    eval.report
}

fn command(eval: &mut Eval<'_>, text: &str, shell: Shell) {
    let (text, hidden) = disguise::reveal(text);
    if hidden.tags() != Tags::NONE {
        eval.effect(Kinds::DISGUISE, Places::NONE, hidden.tags(), "");
    }
    text.as_ref().clone_into(&mut eval.source);
    eval.report.whole(&text);
    match shell {
        Shell::Bash => eval.run_text(&text, &Io::default()),
        Shell::PowerShell => eval.invoke(
            vec!["pwsh".into(), "-Command".into(), Value::known(text)],
            &Io::default(),
        ),
    };
}

/// Parts of the keys under which tools take files.
const FILE_KEYS: &[&str] = &[
    "path",
    "file",
    "dir",
    "folder",
    "uri",
    "source",
    "destination",
    "target",
    "name",
];

/// An argument of a tool that is not known: judged by what its key and the tool's name say.
fn other(eval: &mut Eval<'_>, tool: &str, key: &str, text: &str) {
    let key = key.to_lowercase();
    let named = |words: &[&str]| words.iter().any(|word| key.contains(word));
    if named(&["command", "cmd", "bash", "shell", "script"]) && text.contains(char::is_alphabetic) {
        return command(eval, text, Shell::Bash);
    }
    if named(&["sql", "query", "statement"]) {
        return crate::program::statements(eval, text);
    }
    let is_word = !text.contains(char::is_whitespace);
    if crate::net::is_url(text) && is_word && !text.starts_with("file:") {
        eval.fetch(text, Tags::NONE);
    } else if named(FILE_KEYS) && !text.contains('\n') || text.starts_with(['/', '~']) && is_word {
        touched(eval, &tool.to_lowercase(), &eval.with_home(text));
    }
}

/// A file given to a tool whose name says what it does to it.
fn touched(eval: &mut Eval<'_>, tool: &str, path: &str) {
    let verb = |words: &[&str]| words.iter().any(|word| tool.contains(word));
    if verb(&["delete", "remove", "unlink", "trash"]) {
        eval.delete(path, Tags::TREE);
    } else if verb(&[
        "write", "edit", "create", "save", "move", "rename", "copy", "append", "insert", "replace",
        "upload", "put",
    ]) {
        eval.change(path, Tags::NONE);
    }
    if !verb(&[
        "list", "stat", "info", "exists", "delete", "create", "mkdir",
    ]) {
        eval.read(path);
    }
}

#[cfg(test)]
mod tests;
