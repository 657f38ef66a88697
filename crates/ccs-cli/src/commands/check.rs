//! `ccs check`: judges one command, or many.

mod batch;

use std::io::{self, BufReader, Read, Write};

use ccs_gate::{Call, Decision, Facts, Gate, Verdict};
use serde::Serialize;

use crate::args::{Check, Context, Shell};
use crate::exit::Code;
use crate::gate::{self, Links};
use crate::output::human;
use crate::output::{Output, json};
use crate::places::Places;

/// The answer for one command, as JSON.
#[derive(Serialize)]
struct Answer<'a> {
    command: &'a str,
    #[serde(flatten)]
    verdict: &'a Verdict,
}

pub(crate) fn run(args: &Check, places: &Places, output: &mut Output) -> anyhow::Result<Code> {
    let gate = gate::in_force(places)?;
    let home = places.home.to_string_lossy();
    let Some(given) = &args.command else {
        let input = BufReader::with_capacity(1 << 16, io::stdin().lock());
        return batch::run(&gate, &home, input, output);
    };
    let command = text(given)?;
    let verdict = judge(&gate, &command, &args.context, places)?;
    if args.json {
        let verdict = &verdict;
        json::value(
            output,
            &Answer {
                command: &command,
                verdict,
            },
        )?;
    } else {
        write(output, &verdict)?;
    }
    Ok(code(verdict.decision))
}

/// The command itself, or all of the input for `-`.
pub(crate) fn text(given: &str) -> anyhow::Result<String> {
    if given != "-" {
        return Ok(given.to_owned());
    }
    let mut bytes = Vec::new();
    io::stdin().lock().read_to_end(&mut bytes)?;
    Ok(String::from_utf8_lossy(&bytes).into_owned())
}

fn judge(
    gate: &Gate,
    command: &str,
    context: &Context,
    places: &Places,
) -> anyhow::Result<Verdict> {
    with_facts(context, places, |shell, facts| {
        gate.judge(
            &Call::Command {
                text: command,
                shell,
            },
            facts,
        )
    })
}

/// What is known about a command given on the command line: this machine.
pub(crate) fn with_facts<T>(
    context: &Context,
    places: &Places,
    judge: impl FnOnce(ccs_gate::Shell, &Facts<'_>) -> T,
) -> anyhow::Result<T> {
    let cwd = match &context.cwd {
        Some(cwd) => std::path::absolute(cwd)?,
        None => places.cwd.clone(),
    };
    let (home, cwd) = (places.home.to_string_lossy(), cwd.to_string_lossy());
    let state = places.state.to_string_lossy();
    let facts = Facts {
        home: Some(&home),
        cwd: Some(&cwd),
        project: Some(&cwd),
        state: Some(&state),
        resolve: Some(&Links),
    };
    Ok(judge(context.shell.into(), &facts))
}

impl From<Shell> for ccs_gate::Shell {
    fn from(shell: Shell) -> Self {
        match shell {
            Shell::Bash => ccs_gate::Shell::Bash,
            Shell::PowerShell => ccs_gate::Shell::PowerShell,
        }
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
