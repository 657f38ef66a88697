//! `ccs explain`: how a command is understood, what was found, what to do instead.

use std::io::{self, Write};

use ccs_gate::{Call, Explanation, Verdict};
use serde::Serialize;

use super::check::{code, text, with_facts};
use crate::args::Explain;
use crate::exit::Code;
use crate::gate;
use crate::output::human;
use crate::output::{Output, json};
use crate::places::Places;

pub(crate) fn run(args: &Explain, places: &Places, output: &mut Output) -> anyhow::Result<Code> {
    let gate = gate::in_force(places)?;
    let command = text(&args.command)?;
    let explanation = with_facts(&args.context, places, |shell, facts| {
        let text = &command;
        gate.explain(&Call::Command { text, shell }, facts)
    })?;
    if args.json {
        json::value(output, &Answer::from(&explanation))?;
    } else {
        write(output, &explanation)?;
    }
    Ok(code(explanation.verdict.decision))
}

#[derive(Serialize)]
struct Answer<'a> {
    commands: &'a [String],
    effects: &'a [String],
    verdict: &'a Verdict,
}

impl<'a> From<&'a Explanation> for Answer<'a> {
    fn from(explanation: &'a Explanation) -> Self {
        Answer {
            commands: &explanation.commands,
            effects: &explanation.effects,
            verdict: &explanation.verdict,
        }
    }
}

fn write(output: &mut Output, explanation: &Explanation) -> io::Result<()> {
    for (name, texts) in [
        ("runs", &explanation.commands),
        ("does", &explanation.effects),
    ] {
        for text in texts {
            writeln!(output, "{name:<8} {text}")?;
        }
    }
    let verdict = &explanation.verdict;
    let word = human::decision(output, verdict.decision);
    writeln!(output, "answer   {word}")?;
    for finding in &verdict.findings {
        human::finding(output, finding)?;
    }
    match &verdict.rewrite {
        Some(rewrite) => writeln!(output, "safer    {rewrite}"),
        None => Ok(()),
    }
}
