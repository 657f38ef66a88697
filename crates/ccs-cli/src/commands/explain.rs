//! `ccs explain`: how a call is understood, what was found, whose word that is, what to do instead.

use std::cmp::Reverse;
use std::collections::BTreeMap;
use std::io::{self, Write};
use std::path::Path;

use ccs_gate::{Decision, Explanation, Mode, Verdict, rule};
use ccs_hooks::taint::Label;
use serde::Serialize;

use super::check::{Asked, code};
use crate::args::Explain;
use crate::exit::Code;
use crate::gate::Guard;
use crate::output::human;
use crate::output::{Output, json};
use crate::person::visible;
use crate::places::Places;

pub(crate) fn run(args: &Explain, places: &Places, output: &mut Output) -> anyhow::Result<Code> {
    let asked = Asked::about(&args.question, places)?;
    let guard = &asked.guard;
    let mut explanation =
        asked.facts(|facts| asked.question.put(|call| guard.gate.explain(call, facts)));
    let session = session(args, &asked, &mut explanation.verdict)?;
    let answer = Answer {
        session,
        ..Answer::new(guard, &explanation)
    };
    if args.json {
        json::value(output, &answer)?;
    } else {
        answer.write(output)?;
    }
    Ok(code(explanation.verdict.decision))
}

/// The session that is asked for, and what it has read added to the verdict.
fn session(
    args: &Explain,
    asked: &Asked<'_>,
    verdict: &mut Verdict,
) -> anyhow::Result<Option<SessionPart>> {
    let Some(id) = &args.session else {
        return Ok(None);
    };
    let mut part = SessionPart {
        id: id.clone(),
        label: Label::Clean,
        origins: Vec::new(),
    };
    if let Some((state, found)) = asked.as_of(id)? {
        part.label = state.label;
        let reasons = state.reasons.into_iter();
        part.origins = reasons.map(|reason| reason.origin).collect();
        let worst = found.iter().map(|finding| finding.decision).max();
        verdict.decision = verdict.decision.max(worst.unwrap_or_default());
        verdict.findings.extend(found);
        verdict.findings.sort_by_key(|one| Reverse(one.decision));
    }
    Ok(Some(part))
}

/// As whose call it is judged.
#[derive(Serialize)]
struct SessionPart {
    id: String,
    label: Label,
    /// What raised the label.
    origins: Vec<String>,
}

#[derive(Serialize)]
struct Answer<'a> {
    policy: PolicyPart<'a>,
    #[serde(skip_serializing_if = "Option::is_none")]
    session: Option<SessionPart>,
    commands: &'a [String],
    effects: &'a [String],
    verdict: &'a Verdict,
}

/// What the policy has to do with the answer.
#[derive(Serialize)]
struct PolicyPart<'a> {
    mode: Mode,
    rewrites: bool,
    /// The bundle in force; absent if the shipped rules alone apply.
    #[serde(skip_serializing_if = "Option::is_none")]
    bundle: Option<&'a Path>,
    /// The file with which the project tightens it.
    #[serde(skip_serializing_if = "Option::is_none")]
    project: Option<&'a Path>,
    /// Shipped rules that ended in another decision because of it, with the one they ship with.
    changed: BTreeMap<&'a str, Decision>,
}

impl<'a> Answer<'a> {
    fn new(guard: &'a Guard, explanation: &'a Explanation) -> Self {
        let policy = guard.gate.policy();
        Answer {
            policy: PolicyPart {
                mode: policy.mode,
                rewrites: policy.rewrites,
                bundle: guard.bundle.as_deref(),
                project: guard.project.as_deref(),
                changed: changed(&explanation.verdict),
            },
            session: None,
            commands: &explanation.commands,
            effects: &explanation.effects,
            verdict: &explanation.verdict,
        }
    }

    fn write(&self, output: &mut Output) -> io::Result<()> {
        for (name, texts) in [("runs", self.commands), ("does", self.effects)] {
            for text in texts {
                writeln!(output, "{name:<8} {text}")?;
            }
        }
        self.policy.write(output)?;
        if let Some(session) = &self.session {
            session.write(output)?;
        }
        let word = human::decision(output, self.verdict.decision);
        writeln!(output, "answer   {word}")?;
        for finding in &self.verdict.findings {
            human::finding(output, finding)?;
            if let Some(shipped) = self.policy.changed.get(finding.rule.as_ref()) {
                let shipped = human::decision(output, *shipped);
                writeln!(output, "  policy   as shipped the answer is {shipped}")?;
            }
        }
        self.rewrite(output)
    }

    fn rewrite(&self, output: &mut Output) -> io::Result<()> {
        let Some(rewrite) = &self.verdict.rewrite else {
            return Ok(());
        };
        let who = if self.policy.rewrites {
            "the hook runs this in its place"
        } else {
            "with `rewrites: true` in the policy the hook runs this in its place"
        };
        writeln!(output, "rewrite  {rewrite}\n         {who}")
    }
}

impl SessionPart {
    fn write(&self, output: &mut Output) -> io::Result<()> {
        let (id, label) = (visible(&self.id), self.label);
        if self.origins.is_empty() {
            return writeln!(output, "session  {id} is {label}");
        }
        let origins: Vec<String> = self.origins.iter().map(|one| visible(one)).collect();
        writeln!(
            output,
            "session  {id} is {label}: it has read {}",
            origins.join(", ")
        )
    }
}

impl PolicyPart<'_> {
    fn write(&self, output: &mut Output) -> io::Result<()> {
        let mode = human::mode(self.mode);
        match self.bundle {
            Some(bundle) => writeln!(output, "policy   mode {mode}, {}", bundle.display())?,
            None => writeln!(output, "policy   mode {mode}, as shipped")?,
        }
        match self.project {
            Some(project) => writeln!(output, "         tightened by {}", project.display()),
            None => Ok(()),
        }
    }
}

fn changed(verdict: &Verdict) -> BTreeMap<&str, Decision> {
    let shipped: Vec<_> = rule::metas().collect();
    let findings = verdict.findings.iter();
    findings
        .filter_map(|finding| {
            let rule = shipped.iter().find(|rule| rule.id == finding.rule)?;
            (rule.decision != finding.decision).then_some((finding.rule.as_ref(), rule.decision))
        })
        .collect()
}
