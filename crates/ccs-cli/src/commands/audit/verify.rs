//! `ccs audit verify`: what is wrong with the log (code 1), and what could not be checked (code 3).

use std::io::Write;

use ccs_audit::note::{Kind, Note, Verifier};
use ccs_audit::verify::{Report, Unchecked, verify as check};
use ccs_audit::{Checkpoint, Reader};
use serde_json::{Value, json};

use crate::args::audit::Verify;
use crate::audit::known::{self, Known};
use crate::audit::{Trail, config::Config, when};
use crate::exit::{Code, Stop};
use crate::output::human::{self, Line};
use crate::output::{Output, json};
use crate::witness::client;

pub(super) fn verify(
    args: &Verify,
    trail: &Trail<'_>,
    output: &mut Output,
) -> anyhow::Result<Code> {
    let config = Config::read(trail.places)?;
    let checked = Checked::run(args, trail, &config).map_err(cannot)?;
    if args.legacy {
        json::value(output, &checked.report.to_legacy_json())?;
    } else if args.json.json {
        json::value(output, &checked.to_json())?;
    } else {
        checked.print(output)?;
    }
    if args.remember && checked.is_intact() {
        checked.remember(trail)?;
    }
    Ok(checked.code(args.strict))
}

/// Whatever keeps the log from being read keeps it from being verified, which is not the same as
/// a log that was tampered with.
fn cannot(error: anyhow::Error) -> anyhow::Error {
    if error.downcast_ref::<Stop>().is_some() {
        return error;
    }
    let next = "nothing is said about the log; see that it is there and can be read";
    Stop::new(Code::Unproven, format!("cannot verify: {error:#}"))
        .next(next)
        .into()
}

/// What a check came to.
pub(super) struct Checked {
    pub(super) report: Report,
    /// What witnesses said, if not what was hoped for.
    pub(super) unheard: Vec<String>,
    /// Witnesses that know another log under this name: it was founded anew.
    strangers: Vec<String>,
}

impl Checked {
    fn run(args: &Verify, trail: &Trail<'_>, config: &Config) -> anyhow::Result<Self> {
        let mut known = Known::gather(&args.known, trail, config)?;
        let reader = trail.sealed_reader()?;
        let (mut unheard, mut strangers) = (Vec::new(), Vec::new());
        if !args.offline {
            let origin = known.origin(&reader)?;
            for witness in &config.witnesses {
                match client::latest(witness, &origin) {
                    Ok(Some(note)) if is_of_another(&note, &reader) => {
                        strangers.push(format!(
                            "{witness} has seen a log of this name with another key"
                        ));
                    }
                    Ok(Some(note)) => known.signed.push(note),
                    Ok(None) => unheard.push(format!("{witness} has seen nothing of `{origin}`")),
                    Err(error) => unheard.push(format!("{witness} was not heard: {error:#}")),
                }
            }
        }
        let report = check(&reader, &known.expect())?;
        Ok(Checked {
            report,
            unheard,
            strangers,
        })
    }

    fn remember(&self, trail: &Trail<'_>) -> anyhow::Result<()> {
        let reader = trail.sealed_reader()?;
        if let (Some(identity), Some(note)) = (reader.identity()?, reader.checkpoint()?) {
            known::remember(trail, &identity, &note)?;
        }
        Ok(())
    }

    fn is_intact(&self) -> bool {
        self.report.is_intact() && self.strangers.is_empty()
    }

    fn count(&self) -> u64 {
        self.report.fault_count + self.strangers.len() as u64
    }

    fn code(&self, strict: bool) -> Code {
        let unchecked = self.report.unchecked.iter().any(|one| !is_usual(one));
        if !self.is_intact() {
            Code::Findings
        } else if !self.unheard.is_empty() || (strict && unchecked) {
            Code::Unproven
        } else {
            Code::Ok
        }
    }

    fn to_json(&self) -> Value {
        let report = &self.report;
        let strangers = self.strangers.iter();
        let strangers =
            strangers.map(|text| json!({"name": "refounded", "seq": null, "text": text}));
        let faults: Vec<Value> = report
            .faults
            .iter()
            .map(|fault| json!({"name": fault.name(), "seq": fault.seq(), "text": fault.to_string()}))
            .chain(strangers)
            .collect();
        let cosigned: Vec<Value> = report
            .cosigned
            .iter()
            .map(|one| json!({"witness": one.witness, "size": one.size, "time": one.time}))
            .collect();
        json!({
            "intact": self.is_intact(),
            "entries": report.entries,
            "span": report.span,
            "segments": report.segments,
            "checkpoints": report.checkpoints,
            "epoch": report.epoch,
            "origin": report.origin,
            "size": report.size,
            "root": report.root,
            "faults": faults,
            "fault_count": self.count(),
            "unchecked": report.unchecked.iter().map(ToString::to_string).collect::<Vec<_>>(),
            "unheard": self.unheard,
            "cosigned": cosigned,
            "clock_steps": report.clock_steps,
        })
    }

    fn print(&self, output: &mut Output) -> anyhow::Result<()> {
        let report = &self.report;
        let (entries, segments, checkpoints) =
            (report.entries, report.segments, report.checkpoints);
        let text = format!(
            "{entries} entries in {segments} segments under {checkpoints} checkpoints of `{}`",
            report.origin
        );
        human::line(output, &Line::info("log", text))?;
        for one in &report.cosigned {
            let time = ccs_audit::Time(0).plus_seconds(i64::try_from(one.time).unwrap_or(0));
            let (witness, size, time) = (&one.witness, one.size, when::second(time));
            let text = format!("`{witness}` cosigned the first {size} entries at {time}");
            human::line(output, &Line::ok("witness", text))?;
        }
        for (seq, step) in &report.clock_steps {
            let seconds = *step as f64 / 1e6;
            let text = format!("the clock was set by {seconds:+.1} s before entry {seq}");
            human::line(output, &Line::info("clock", text))?;
        }
        for one in &report.unchecked {
            human::line(
                output,
                &Line::info("unchecked", format!("not checked: {one}")),
            )?;
        }
        for text in &self.unheard {
            human::line(output, &Line::warn("unheard", text))?;
        }
        for fault in &report.faults {
            let text = format!("{}: {fault}", fault.name());
            human::line(output, &Line::fail("fault", text))?;
        }
        for text in &self.strangers {
            human::line(output, &Line::fail("fault", format!("refounded: {text}")))?;
        }
        writeln!(output, "{}", self.conclusion())?;
        Ok(())
    }

    fn conclusion(&self) -> String {
        match (self.count(), self.unheard.len()) {
            (0, 0) => "ccs: nothing is wrong with what could be checked".to_owned(),
            (0, _) => "ccs: nothing is wrong here, but not every witness could be asked".to_owned(),
            (1, _) => "ccs: the log is not what was written; 1 fault".to_owned(),
            (count, _) => format!("ccs: the log is not what was written; {count} faults"),
        }
    }
}

/// The open epoch is always without a checkpoint.
fn is_usual(unchecked: &Unchecked) -> bool {
    matches!(
        unchecked,
        Unchecked::OpenEpoch { .. } | Unchecked::Archived { .. }
    )
}

/// Whether what a witness signed is not signed by this log's key: the log that it has seen under
/// this name was another.
fn is_of_another(note: &Note, reader: &Reader) -> bool {
    let Some(identity) = reader.identity().ok().flatten() else {
        return false; // told as a fault of its own
    };
    let named = Checkpoint::parse(&note.text)
        .and_then(|point| Verifier::new(&point.origin, Kind::Plain, &identity.log.public()));
    named.is_ok_and(|key| note.verify(&[key]).is_err())
}
