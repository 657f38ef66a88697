//! `ccs scan` and `ccs redact-check`: secrets in files, in the index and in the history of git.

mod batch;
mod injection;

use std::io::{self, BufReader};
use std::path::{Path, PathBuf};

use crate::args::scan::{Baseline, Batch, Format, Looks, RedactCheck, Scan, Walk, What};
use crate::exit::Code;
use crate::output::{Output, json, leaks, sarif};
use crate::places::Places;
use crate::scan::accepted::Known;
use crate::scan::git::{self, Blobs};
use crate::scan::looker::{self, Looker};
use crate::scan::progress;
use crate::scan::tally::{Report, Tally};
use crate::scan::walk::{self, Buffer, Files};

pub(crate) fn run(args: &Scan, places: &Places, output: &mut Output) -> anyhow::Result<Code> {
    let secrets = match &args.what {
        Some(What::Secrets(batch)) if batch.jsonl => return each_line(batch, output),
        Some(What::Secrets(batch)) => &batch.secrets,
        Some(What::Injection(args)) => return injection::run(args, output),
        None => &args.secrets,
    };
    let source = match (secrets.staged, secrets.history) {
        (true, _) => Source::Staged,
        (_, true) => Source::History,
        _ => Source::Paths(&secrets.paths),
    };
    let job = Job {
        source,
        looks: &secrets.looks,
        walk: &secrets.walk,
        baseline: &secrets.baseline,
        release: secrets.release,
    };
    job.run(places)?.answer(&secrets.format, places, output)
}

/// `ccs redact-check`.
pub(crate) fn release(
    args: &RedactCheck,
    places: &Places,
    output: &mut Output,
) -> anyhow::Result<Code> {
    let job = Job {
        source: Source::Paths(&args.paths),
        looks: &args.looks,
        walk: &args.walk,
        baseline: &args.baseline,
        release: true,
    };
    job.run(places)?.answer(&args.format, places, output)
}

fn each_line(args: &Batch, output: &mut Output) -> anyhow::Result<Code> {
    let looks = Looks {
        no_marks: true,
        ..args.secrets.looks.clone()
    };
    let scanner = looker::scanner(&looks)?;
    let input = BufReader::with_capacity(1 << 16, io::stdin().lock());
    batch::run(&scanner, input, output)
}

/// Where the texts come from.
enum Source<'a> {
    Paths(&'a [PathBuf]),
    Staged,
    History,
}

/// What is to be done.
struct Job<'a> {
    source: Source<'a>,
    looks: &'a Looks,
    walk: &'a Walk,
    baseline: &'a Baseline,
    release: bool,
}

/// What was done.
struct Done {
    report: Report,
    known: Option<Known>,
}

impl Job<'_> {
    fn run(&self, places: &Places) -> anyhow::Result<Done> {
        let tally = Tally::default();
        let prints = looker::stored(places).unwrap_or_else(|error| {
            tally.unreadable(format!("the fingerprints of the vault: {error}"));
            None
        });
        let looker = Looker::new(looker::scanner(self.looks)?, &self.looks.rule)
            .stored(prints)
            .release(self.release)
            .known(Known::read(self.baseline, places)?);
        progress::while_running(&tally, || self.look(&looker, &tally, places))?;
        Ok(Done {
            report: tally.finish(),
            known: looker.into_known(),
        })
    }

    fn look(&self, looker: &Looker, tally: &Tally, places: &Places) -> anyhow::Result<()> {
        let Source::Paths(paths) = self.source else {
            return self.git(looker, tally, &places.cwd);
        };
        let files = Files::new(self.walk, looker, tally, &places.vault())?;
        let is_input = |path: &&PathBuf| path.as_os_str() == "-";
        let (inputs, paths): (Vec<&PathBuf>, Vec<&PathBuf>) = paths.iter().partition(is_input);
        if !inputs.is_empty() {
            files.read("-", io::stdin().lock(), &mut Buffer::default())?;
        }
        if paths.is_empty() {
            return Ok(());
        }
        let paths: Vec<PathBuf> = paths.into_iter().cloned().collect();
        files.walk(&paths)
    }

    fn git(&self, looker: &Looker, tally: &Tally, cwd: &Path) -> anyhow::Result<()> {
        let blobs = Blobs {
            args: self.walk,
            exclude: walk::exclude(&self.walk.exclude)?,
            looker,
            tally,
        };
        match self.source {
            // a repository without a work tree has a history too
            Source::History => blobs.history(&git::root(cwd).unwrap_or_else(|_| cwd.to_owned())),
            _ => blobs.staged(&git::root(cwd)?),
        }
    }
}

impl Done {
    fn answer(self, format: &Format, places: &Places, output: &mut Output) -> anyhow::Result<Code> {
        let report = &self.report;
        if let Some(known) = self.known {
            known.write(places)?;
        }
        if format.sarif {
            json::value(output, &sarif::scan::log(report))?;
        } else if format.json.json {
            json::value(output, report)?;
        } else {
            leaks::report(output, report)?;
        }
        Ok(match (report.leaks, report.unreadable.is_empty()) {
            (0, true) => Code::Ok,
            (0, false) => Code::File,
            _ => Code::Findings,
        })
    }
}
