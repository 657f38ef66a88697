//! Repairs, and the way back.

use std::io::{self, IsTerminal, Write};

use ccs_gate::secret::Scanner;
use ccs_integrity::diff;
use ccs_integrity::posture::Report;
use serde::Serialize;

use crate::args::posture::Posture;
use crate::commands::consent;
use crate::exit::{Code, Stop};
use crate::output::human::{self, Level, Line};
use crate::output::{Output, json};
use crate::places::Places;
use crate::posture::repair::{self, Plan, Step};
use crate::posture::{Look, shown};
use crate::state;

#[derive(Serialize)]
struct Answer {
    dry_run: bool,
    steps: Vec<Line>,
    left: Vec<Line>,
}

pub(super) fn run(
    args: &Posture,
    look: &Look,
    report: &Report,
    places: &Places,
    output: &mut Output,
) -> anyhow::Result<Code> {
    consent::must_know_whose(places)?;
    let plan = repair::plan(&report.findings, &args.only, look)?;
    if !args.form.json && (args.dry_run || io::stdin().is_terminal()) {
        show(&plan, output)?;
        output.flush()?;
    }
    let left = left(&plan);
    if args.dry_run || plan.steps.is_empty() {
        let steps = plan
            .steps
            .iter()
            .map(|step| Line::info("repair", describe(step)))
            .collect();
        return end(args, steps, left, output);
    }
    confirm(args, plan.steps.len())?;
    let writer = state::writer(places)?;
    let writer = repair::allow(writer, plan.steps.iter().map(Step::path));
    let record = repair::make(&plan, places, &writer)?;
    let after = look.audit(places);
    if let Some(finding) = repair::failed(&plan, &report.findings, &after.findings) {
        let what = format!(
            "`{}` at {} is still found after the repair; everything was put back",
            finding.id,
            shown(&finding.place)
        );
        repair::undo(&record, &writer)?;
        return Err(Stop::new(Code::Refused, what)
            .next("repair it by hand")
            .into());
    }
    let mut steps: Vec<Line> = plan
        .steps
        .iter()
        .map(|step| Line::new(Level::Done, "repair", describe(step)))
        .collect();
    steps.push(Line::info("undo", "ccs posture undo puts everything back"));
    if !args.form.json {
        human::lines(output, &steps)?;
    }
    end(args, steps, left, output)
}

/// What could not be repaired was asked for, so it is a finding.
fn end(
    args: &Posture,
    steps: Vec<Line>,
    left: Vec<Line>,
    output: &mut Output,
) -> anyhow::Result<Code> {
    let code = if left.is_empty() {
        Code::Ok
    } else {
        Code::Findings
    };
    if args.form.json {
        let dry_run = args.dry_run;
        json::value(
            output,
            &Answer {
                dry_run,
                steps,
                left,
            },
        )?;
    } else {
        human::lines(output, &left)?;
        if steps.is_empty() {
            writeln!(output, "nothing to repair")?;
        }
    }
    Ok(code)
}

fn left(plan: &Plan) -> Vec<Line> {
    let line = |(finding, why): &(ccs_integrity::posture::Finding, String)| {
        let text = format!("{} at {} stays: {why}", finding.id, shown(&finding.place));
        Line::warn("left", text).fix(finding.fix.text)
    };
    plan.left.iter().map(line).collect()
}

fn describe(step: &Step) -> String {
    match step {
        Step::Mode { path, was, becomes } => {
            format!("{}: mode {was:04o} -> {becomes:04o}", path.display())
        }
        Step::Text { path, .. } => format!("{}: text", path.display()),
    }
}

fn show(plan: &Plan, output: &mut Output) -> io::Result<()> {
    for step in &plan.steps {
        match step {
            Step::Mode { .. } => writeln!(output, "# {}", describe(step))?,
            Step::Text {
                path,
                before,
                after,
            } => {
                let name = path.display().to_string();
                let (before, after) = (
                    String::from_utf8_lossy(before),
                    String::from_utf8_lossy(after),
                );
                let diff = diff::unified((&name, &name), &before, &after);
                write!(output, "{}", Scanner::builtin().redact(&diff).0)?;
            }
        }
    }
    Ok(())
}

/// On a terminal, waits for a yes; what would be done was shown.
fn confirm(args: &Posture, number: usize) -> anyhow::Result<()> {
    if args.yes || args.form.json || !io::stdin().is_terminal() || !io::stderr().is_terminal() {
        return Ok(());
    }
    io::stderr().write_all(format!("Make these {number} changes? [y/N] ").as_bytes())?;
    let mut answer = String::new();
    io::stdin().read_line(&mut answer)?;
    match answer.trim().to_lowercase().as_str() {
        "y" | "yes" => Ok(()),
        _ => Err(Stop::new(Code::Refused, "stopped; nothing was changed").into()),
    }
}

pub(super) fn undo(as_json: bool, places: &Places, output: &mut Output) -> anyhow::Result<Code> {
    consent::must_know_whose(places)?;
    let Some(record) = repair::latest(places) else {
        let stop = Stop::new(Code::Usage, "there is no repair to undo");
        return Err(stop.next("ccs posture --fix makes one").into());
    };
    let writer = state::writer(places)?;
    let paths = repair::paths(&record)?;
    let writer = repair::allow(writer, paths.iter().map(std::path::PathBuf::as_path));
    let restored = repair::undo(&record, &writer)?;
    let lines: Vec<Line> = restored
        .iter()
        .map(|path| Line::new(Level::Done, "undo", format!("{} as it was", path.display())))
        .collect();
    if as_json {
        let answer = Answer {
            dry_run: false,
            steps: lines,
            left: Vec::new(),
        };
        json::value(output, &answer)?;
    } else {
        human::lines(output, &lines)?;
    }
    Ok(Code::Ok)
}
