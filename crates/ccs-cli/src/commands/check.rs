//! `ccs check`: judges one command or tool call, or many commands.

mod batch;
pub(crate) mod question;

use std::io::{self, BufReader, Write};
use std::path::PathBuf;

use ccs_gate::{Decision, Facts, Finding, Verdict};
use ccs_hooks::taint;
use serde::Serialize;

use crate::args::{self, Check};
use crate::exit::{Code, Stop};
use crate::gate::{Guard, Links};
use crate::output::human;
use crate::output::{Output, json};
use crate::places::Places;
use question::Question;

/// The answer for one call, as JSON.
#[derive(Serialize)]
struct Answer<'a> {
    #[serde(flatten)]
    question: &'a Question,
    #[serde(flatten)]
    verdict: &'a Verdict,
}

pub(crate) fn run(args: &Check, places: &Places, output: &mut Output) -> anyhow::Result<Code> {
    if args.jsonl {
        let gate = Guard::in_force(places)?.gate;
        let home = places.home.to_string_lossy();
        let input = BufReader::with_capacity(1 << 16, io::stdin().lock());
        return batch::run(&gate, &home, input, output);
    }
    let asked = Asked::about(&args.question, places)?;
    let verdict = asked.facts(|facts| {
        let gate = &asked.guard.gate;
        asked.question.put(|call| gate.judge(call, facts))
    });
    if args.json {
        let (question, verdict) = (&asked.question, &verdict);
        json::value(output, &Answer { question, verdict })?;
    } else {
        write(output, &verdict)?;
    }
    Ok(code(verdict.decision))
}

/// A call on this machine, and who judges it.
pub(crate) struct Asked<'a> {
    pub(crate) question: Question,
    pub(crate) guard: Guard,
    cwd: PathBuf,
    places: &'a Places,
}

impl<'a> Asked<'a> {
    pub(crate) fn about(args: &args::Question, places: &'a Places) -> anyhow::Result<Self> {
        let question = Question::read(args)?;
        let cwd = match &args.cwd {
            Some(cwd) => std::path::absolute(cwd)?,
            None => places.cwd.clone(),
        };
        Ok(Asked {
            question,
            guard: Guard::in_force(places)?.within(&cwd)?,
            cwd,
            places,
        })
    }

    /// What is known about the machine.
    pub(crate) fn facts<T>(&self, judge: impl FnOnce(&Facts<'_>) -> T) -> T {
        let (home, cwd) = (
            self.places.home.to_string_lossy(),
            self.cwd.to_string_lossy(),
        );
        let state = self.places.state.to_string_lossy();
        judge(&Facts {
            home: Some(&home),
            cwd: Some(&cwd),
            project: Some(&cwd),
            state: Some(&state),
            resolve: Some(&Links),
        })
    }
}

impl Asked<'_> {
    /// What a session has read, and what that adds; `None` if it is clean.
    pub(crate) fn as_of(
        &self,
        session: &str,
    ) -> anyhow::Result<Option<(taint::State, Vec<Finding>)>> {
        let (home, cwd) = (
            self.places.home.to_string_lossy(),
            self.cwd.to_string_lossy(),
        );
        let (tool, input) = self.question.as_call();
        let asked = taint::Asked {
            state: &self.places.state,
            home: &home,
            cwd: &cwd,
            tool,
            input: &input,
        };
        let policy = self.guard.gate.policy().clone();
        let read = taint::explain(&asked, session, policy);
        Ok(read.map_err(|error| Stop::new(Code::Usage, error.to_string()).next("ccs taint show"))?)
    }
}

fn write(output: &mut Output, verdict: &Verdict) -> io::Result<()> {
    if verdict.findings.is_empty() {
        let word = human::decision(output, verdict.decision);
        return writeln!(output, "{word}");
    }
    let mut findings = verdict.findings.iter();
    findings.try_for_each(|finding| human::finding(output, finding))
}

pub(crate) fn code(decision: Decision) -> Code {
    match decision {
        Decision::Allow => Code::Ok,
        Decision::Ask | Decision::Deny => Code::Findings,
    }
}
