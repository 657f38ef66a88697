//! `ccs rules`: the shipped rules, and tests of rule files.

use std::fs;
use std::io::{self, Write};
use std::path::Path;

use anyhow::Context;
use ccs_gate::rule::{Meta, Report};
use serde::Serialize;

use crate::args::{Json, Rules};
use crate::exit::{Code, Stop};
use crate::gate;
use crate::output::human;
use crate::output::{Output, json};

#[derive(Serialize)]
struct Tested {
    ok: bool,
    rules: usize,
    examples: usize,
    /// Where a rule and one of its examples disagree.
    disagreements: Vec<String>,
}

pub(crate) fn run(args: &Rules, output: &mut Output) -> anyhow::Result<Code> {
    match args {
        Rules::List(json) => list(json, output),
        Rules::Show { id, json } => show(id, json, output),
        Rules::Check { file, json } => check(file, json, output),
        Rules::Test(json) => tested(gate::test_rules(), json, output),
    }
}

fn list(args: &Json, output: &mut Output) -> anyhow::Result<Code> {
    let rules = gate::rules();
    if args.json {
        json::value(output, &rules)?;
        return Ok(Code::Ok);
    }
    let width = rules.iter().map(|rule| rule.id.len()).max().unwrap_or(0);
    for rule in &rules {
        let word = human::decision(output, rule.decision);
        writeln!(output, "{:<width$}  {word:<5}  {}", rule.id, rule.title)?;
    }
    Ok(Code::Ok)
}

fn show(id: &str, args: &Json, output: &mut Output) -> anyhow::Result<Code> {
    let rules = gate::rules();
    let rule = rules.iter().find(|rule| rule.id == id);
    let rule = rule.ok_or_else(|| {
        Stop::new(Code::Usage, format!("there is no rule `{id}`")).next("ccs rules list")
    })?;
    if args.json {
        json::value(output, rule)?;
    } else {
        write(rule, output)?;
    }
    Ok(Code::Ok)
}

fn write(rule: &Meta, output: &mut Output) -> io::Result<()> {
    let decision = human::decision(output, rule.decision);
    let severity = format!("{:?}", rule.severity).to_lowercase();
    writeln!(output, "{}: {}", rule.id, rule.title)?;
    writeln!(output, "  answer   {decision}, severity {severity}")?;
    writeln!(output, "  why      {}", rule.why)?;
    match &rule.instead {
        Some(instead) => writeln!(output, "  instead  {instead}"),
        None => Ok(()),
    }
}

fn check(file: &Path, args: &Json, output: &mut Output) -> anyhow::Result<Code> {
    let yaml =
        fs::read_to_string(file).with_context(|| format!("cannot read `{}`", file.display()))?;
    let mut report =
        gate::check_rules(&yaml).map_err(|error| refused(file, &format!("{error:#}")))?;
    for disagreement in &mut report.disagreements {
        *disagreement = format!("{}: {disagreement}", file.display());
    }
    tested(report, args, output)
}

fn refused(file: &Path, what: &str) -> Stop {
    let what = format!("`{}`: {what}", file.display());
    Stop::new(Code::Refused, what).next("correct that place and run again")
}

fn tested(report: Report, args: &Json, output: &mut Output) -> anyhow::Result<Code> {
    let tested = Tested {
        ok: report.disagreements.is_empty(),
        rules: report.rules,
        examples: report.examples,
        disagreements: report.disagreements,
    };
    if args.json {
        json::value(output, &tested)?;
    } else {
        for disagreement in &tested.disagreements {
            writeln!(output, "{disagreement}")?;
        }
        writeln!(
            output,
            "{} rules, {} examples, {} disagreements",
            tested.rules,
            tested.examples,
            tested.disagreements.len()
        )?;
    }
    Ok(if tested.ok { Code::Ok } else { Code::Findings })
}
