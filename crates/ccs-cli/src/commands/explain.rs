//! `ccs explain`: how a command is understood, what was found, what to do instead.

use std::io::{self, Write};

use ccs_gate::Call;

use super::check::{code, text, with_facts};
use crate::args::Explain;
use crate::exit::Code;
use crate::gate::{self, Explanation};
use crate::output::human;
use crate::output::{Output, json};
use crate::places::Places;

pub(crate) fn run(args: &Explain, places: &Places, output: &mut Output) -> anyhow::Result<Code> {
    let gate = gate::in_force(places)?;
    let command = text(&args.command)?;
    let explanation = with_facts(&args.context, places, |shell, facts| {
        gate::explain(
            &gate,
            &Call::Command {
                text: &command,
                shell,
            },
            facts,
        )
    })??;
    if args.json {
        json::value(output, &explanation)?;
    } else {
        write(output, &explanation)?;
    }
    Ok(code(explanation.verdict.decision))
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
