//! `ccs quality`: what must not be left in finished code, in files and in what changed.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant, UNIX_EPOCH};

use anyhow::Context;
use ccs_gate::quality::{self, Finding, Lines, MAX_TEXT, Scanner};
use ccs_gate::secret;
use ccs_hooks::quality::{Changed, Error, Repository, check, unparsed};
use ignore::WalkBuilder;
use serde::Deserialize;

use crate::args::quality::Quality;
use crate::exit::{Code, Stop};
use crate::output::quality::{One, Report};
use crate::output::{Output, json, quality as out};
use crate::places::Places;

/// How long git may take, and each tool that parses a file.
const PATIENCE: Duration = Duration::from_secs(60);

pub(crate) fn run(args: &Quality, places: &Places, output: &mut Output) -> anyhow::Result<Code> {
    if args.rules {
        return rules(args, output);
    }
    if let Some(wrong) = args.off.iter().find(|rule| !quality::is_rule(rule)) {
        let what = format!("--off: there is no rule `{wrong}`");
        return Err(Stop::new(Code::Usage, what)
            .next("ccs quality --rules")
            .into());
    }
    let mut report = Report::default();
    let job = Job {
        args,
        only: args
            .check
            .iter()
            .map(|name| pattern(name))
            .collect::<Result<_, _>>()?,
        scanner: Scanner::new(secret::Scanner::builtin().heed_marks()),
    };
    match source(args, places)? {
        Source::Changed(changed) => changed
            .iter()
            .for_each(|one| job.look(one, places, &mut report)),
        Source::Paths(paths) => job.walk(paths, places, &mut report)?,
    }
    report.sort();
    if args.format.sarif {
        out::sarif(output, &report)?;
    } else if args.format.json.json {
        json::value(output, &report)?;
    } else {
        out::human(output, &report)?;
    }
    Ok(
        match (report.findings.is_empty(), report.unreadable.is_empty()) {
            (true, true) => Code::Ok,
            (true, false) => Code::File,
            _ => Code::Findings,
        },
    )
}

fn rules(args: &Quality, output: &mut Output) -> anyhow::Result<Code> {
    if args.format.sarif {
        return Err(Stop::new(Code::Usage, "--sarif shows findings, not rules").into());
    }
    out::rules(output, quality::rules(), args.format.json.json)?;
    Ok(Code::Ok)
}

/// Where the texts come from.
enum Source<'a> {
    Paths(&'a [PathBuf]),
    Changed(Vec<Changed>),
}

fn source<'a>(args: &'a Quality, places: &Places) -> anyhow::Result<Source<'a>> {
    if !args.staged && args.since.is_none() {
        return Ok(Source::Paths(&args.paths));
    }
    let until = Instant::now() + PATIENCE;
    let repository = Repository::around(&places.cwd, Some(&places.home), until).map_err(refused)?;
    let changed = match args.since {
        Some(since) => {
            let micros = u64::try_from(since.0).unwrap_or_default();
            repository.since(UNIX_EPOCH + Duration::from_micros(micros))
        }
        None => repository.staged(),
    };
    Ok(Source::Changed(changed.map_err(refused)?))
}

fn refused(error: Error) -> Stop {
    let next = match error {
        Error::NoGit => "install git where the system keeps its programs",
        Error::NoRepository => "run it inside a git repository, or name files",
        _ => "run the command again, or name files",
    };
    Stop::new(Code::File, error.to_string()).next(next)
}

/// The rules that a name stands for: one, a family, or what a weakness is usually called.
fn pattern(name: &str) -> Result<String, Stop> {
    let family = match name.strip_prefix("no-").unwrap_or(name) {
        "sql-injection" => "sql",
        "command-injection" | "eval" => "exec",
        "unsafe-regex" => "regex",
        "hardcoded-secrets" => "secret",
        other => other,
    };
    let whole = format!("{family}.*");
    let known = [family.to_owned(), whole]
        .into_iter()
        .find(|one| quality::is_rule(one));
    known.ok_or_else(|| {
        let what = format!("--check: there is no rule `{name}`");
        Stop::new(Code::Usage, what).next("ccs quality --rules")
    })
}

struct Job<'a> {
    args: &'a Quality,
    /// Patterns of the rules that are looked for; all if there are none.
    only: Vec<String>,
    scanner: Scanner,
}

impl Job<'_> {
    fn walk(&self, paths: &[PathBuf], places: &Places, report: &mut Report) -> anyhow::Result<()> {
        let mut seen = BTreeSet::new();
        for root in paths {
            fs::symlink_metadata(root)
                .with_context(|| format!("cannot read `{}`", root.display()))?;
            let walk = WalkBuilder::new(root).require_git(false).build();
            for entry in walk {
                match entry {
                    Ok(entry) if entry.file_type().is_some_and(|kind| kind.is_file()) => {
                        if seen.insert(entry.path().to_owned()) {
                            self.file(entry.path(), places, report);
                        }
                    }
                    Ok(_) => {}
                    Err(error) => report.unreadable.push(error.to_string()),
                }
            }
        }
        Ok(())
    }

    fn file(&self, path: &Path, places: &Places, report: &mut Report) {
        let small = fs::metadata(path).is_ok_and(|meta| meta.len() <= MAX_TEXT as u64);
        if !small {
            return;
        }
        match fs::read(path) {
            Ok(bytes) if bytes.contains(&0) => {}
            Ok(bytes) => {
                let text = String::from_utf8_lossy(&bytes).into_owned();
                let changed = Changed {
                    path: path.to_owned(),
                    name: shown(path, &places.cwd),
                    text,
                    lines: Lines::All,
                };
                self.look(&changed, places, report);
            }
            Err(error) => report
                .unreadable
                .push(format!("{}: {error}", path.display())),
        }
    }

    fn look(&self, changed: &Changed, places: &Places, report: &mut Report) {
        report.files += 1;
        let mut found = self
            .scanner
            .scan(&changed.name, &changed.text, &changed.lines);
        if !self.args.no_syntax && !quality::is_foreign(&changed.name) {
            found.findings.extend(unparsable(changed));
        }
        let path = shown(&changed.path, &places.cwd);
        let least = ccs_gate::Severity::from(self.args.at_least);
        let kept = |one: &Finding| {
            let off = self
                .args
                .off
                .iter()
                .any(|rule| quality::names(rule, &one.rule));
            let wanted = self.only.is_empty()
                || self.only.iter().any(|only| quality::names(only, &one.rule));
            one.severity >= least && !off && wanted
        };
        let one = |finding| One::new(path.clone(), finding);
        report
            .findings
            .extend(found.findings.into_iter().filter(kept).map(one));
        report
            .accepted
            .extend(found.accepted.into_iter().filter(kept).map(one));
    }
}

/// That a file is not of its language, if it can be told.
fn unparsable(changed: &Changed) -> Option<Finding> {
    let until = Instant::now() + PATIENCE;
    let problem = check(&changed.path, &changed.text, until);
    problem
        .map(|problem| unparsed(&problem))
        .or_else(|| yaml(changed))
}

/// YAML is read here: the hooks have no parser for it.
fn yaml(changed: &Changed) -> Option<Finding> {
    let end = changed.path.extension().and_then(|end| end.to_str())?;
    // templates are YAML only when they are filled in
    if !matches!(end, "yaml" | "yml") || changed.text.contains("{{") || changed.text.contains("{%")
    {
        return None;
    }
    let mut documents = serde_yaml::Deserializer::from_str(&changed.text);
    let error = documents.find_map(|document| serde_yaml::Value::deserialize(document).err())?;
    let line = error.location().map_or(1, |at| at.line());
    let what = error.to_string();
    Some(unparsed(&ccs_hooks::quality::Problem { line, what }))
}

/// A path as findings name it: from the working folder.
fn shown(path: &Path, cwd: &Path) -> String {
    let path = path.strip_prefix(cwd).unwrap_or(path);
    let path = path.strip_prefix("./").unwrap_or(path);
    path.to_string_lossy().into_owned()
}
