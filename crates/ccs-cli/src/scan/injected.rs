//! Instructions to a model in files: which files are read, and what was found in them.

use std::fs::File;
use std::io::Read;
use std::path::{Path, PathBuf};

use anyhow::Context;
use ccs_gate::injection::{Scanner, Signal, Source, Verdict};
use ignore::{DirEntry, WalkBuilder};
use serde::{Serialize, Serializer};

use super::bytes;
use super::leak::Place;
use super::walk;
use crate::args::scan_injection::Injection;

/// How much of a place is shown, in characters.
const SHOWN: usize = 80;

/// What a scan found.
#[derive(Debug, Default, Serialize)]
pub(crate) struct Report {
    /// The strictest of all texts.
    #[serde(serialize_with = "name")]
    pub(crate) verdict: Verdict,
    pub(crate) findings: Vec<Finding>,
    pub(crate) files: u64,
    /// How many files were not read because they are no text.
    pub(crate) binary: u64,
    /// What was not read because it is too large.
    pub(crate) large: Vec<String>,
    /// What could not be read, and why.
    pub(crate) unreadable: Vec<String>,
}

/// A text that speaks to the model.
#[derive(Debug, Serialize)]
pub(crate) struct Finding {
    pub(crate) path: String,
    #[serde(serialize_with = "name")]
    pub(crate) verdict: Verdict,
    pub(crate) score: f64,
    pub(crate) signals: Vec<Sign>,
}

/// One of the reasons. Lines and columns count from 1; columns and places are bytes.
#[derive(Debug, Serialize)]
pub(crate) struct Sign {
    pub(crate) rule: &'static str,
    pub(crate) title: &'static str,
    pub(crate) line: u64,
    pub(crate) column: u64,
    pub(crate) start: usize,
    pub(crate) end: usize,
    pub(crate) score: f64,
    pub(crate) view: &'static str,
    /// The beginning of what stands there; characters that cannot be seen are spelled out.
    pub(crate) text: String,
}

/// A score as it is written: two decimals.
pub(crate) fn rounded(score: f32) -> f64 {
    (f64::from(score) * 100.0).round() / 100.0
}

fn name<S: Serializer>(verdict: &Verdict, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_str(verdict.name())
}

/// Looks through everything the command line names.
///
/// # Errors
///
/// If a path is not there, a pattern is none, or the input cannot be read.
pub(crate) fn look(args: &Injection, input: impl Read) -> anyhow::Result<Report> {
    let mut looker = Looker {
        scanner: Scanner::builtin(),
        source: Source::of_tool(&args.tool),
        most: args.max_size,
        report: Report::default(),
    };
    let is_input = |path: &&PathBuf| path.as_os_str() == "-";
    let (inputs, paths): (Vec<&PathBuf>, Vec<&PathBuf>) = args.paths.iter().partition(is_input);
    if !inputs.is_empty() {
        looker.read("-", input).context("cannot read the input")?;
    }
    for path in paths {
        looker.walk(path, args)?;
    }
    Ok(looker.report)
}

struct Looker {
    scanner: Scanner,
    source: Source,
    most: u64,
    report: Report,
}

impl Looker {
    fn walk(&mut self, path: &Path, args: &Injection) -> anyhow::Result<()> {
        std::fs::metadata(path).with_context(|| format!("cannot read `{}`", path.display()))?;
        let exclude = walk::exclude(&args.exclude)?;
        let heeded = !args.no_ignore;
        let mut files = WalkBuilder::new(path);
        files
            .standard_filters(heeded)
            .hidden(false)
            .require_git(false);
        files.sort_by_file_path(Ord::cmp);
        files.filter_entry(move |entry| {
            let is_git = heeded && entry.depth() > 0 && entry.file_name() == ".git";
            !is_git && !walk::is_excluded(&exclude, entry)
        });
        for entry in files.build() {
            match entry {
                Ok(entry) if is_read(&entry) => self.file(entry.path()),
                Ok(_) => {}
                Err(error) => self.report.unreadable.push(error.to_string()),
            }
        }
        Ok(())
    }

    fn file(&mut self, path: &Path) {
        let shown = walk::shown(path);
        let read = File::open(path).and_then(|file| self.read(&shown, file));
        if let Err(error) = read {
            self.report.unreadable.push(format!("{shown}: {error}"));
        }
    }

    fn read(&mut self, path: &str, file: impl Read) -> std::io::Result<()> {
        let mut read = Vec::new();
        file.take(self.most.saturating_add(1))
            .read_to_end(&mut read)?;
        if read.len() as u64 > self.most {
            self.report.large.push(path.to_owned());
            return Ok(());
        }
        match bytes::text(&mut read, false) {
            Some(text) => self.text(path, &text),
            None => self.report.binary += 1,
        }
        Ok(())
    }

    fn text(&mut self, path: &str, text: &bytes::Text<'_>) {
        self.report.files += 1;
        let found = self.scanner.scan(&text.text, self.source);
        if found.verdict == Verdict::Allow {
            return;
        }
        self.report.verdict = self.report.verdict.max(found.verdict);
        let (mut at, mut done) = (Place::START, 0);
        let mut signals = Vec::with_capacity(found.signals.len());
        for signal in &found.signals {
            if signal.start < done {
                (at, done) = (Place::START, 0);
            }
            at = at.after(&text.text[done..signal.start]);
            done = signal.start;
            signals.push(sign(signal, text, at));
        }
        self.report.findings.push(Finding {
            path: path.to_owned(),
            verdict: found.verdict,
            score: rounded(found.score),
            signals,
        });
    }
}

/// A file; a link is read if it is named itself.
fn is_read(entry: &DirEntry) -> bool {
    let named = entry.depth() == 0 && entry.path().is_file();
    named || entry.file_type().is_some_and(|kind| kind.is_file())
}

fn sign(signal: &Signal, text: &bytes::Text<'_>, at: Place) -> Sign {
    Sign {
        rule: signal.rule,
        title: signal.title,
        line: at.line,
        column: at.column,
        start: text.source(signal.start),
        end: text.source(signal.end),
        score: rounded(signal.score),
        view: signal.view,
        text: shown(&text.text[signal.start..signal.end]),
    }
}

/// The beginning of a text on one line, without anything that a screen hides or obeys.
fn shown(text: &str) -> String {
    let mut shown = String::new();
    for (count, letter) in text.chars().enumerate() {
        if count == SHOWN {
            shown.push('…');
            break;
        }
        match letter {
            '\n' | '\r' | '\t' => shown.push(' '),
            _ if is_seen(letter) => shown.push(letter),
            _ => shown.extend(letter.escape_unicode()),
        }
    }
    shown
}

fn is_seen(letter: char) -> bool {
    !letter.is_control()
        && !matches!(letter, '\u{ad}' | '\u{61c}' | '\u{180e}' | '\u{200b}'..='\u{200f}'
            | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{fe00}'..='\u{fe0f}'
            | '\u{feff}' | '\u{e0000}'..='\u{e0fff}')
}

#[cfg(test)]
mod tests {
    use super::shown;

    #[test]
    fn what_a_screen_would_hide_or_obey_is_spelled_out() {
        assert_eq!(shown("a\u{200b}b\u{1b}[8m\nc"), "a\\u{200b}b\\u{1b}[8m c");
        assert_eq!(shown("\u{e0041}é"), "\\u{e0041}é");
    }

    #[test]
    fn a_long_place_is_cut() {
        assert_eq!(shown(&"x".repeat(100)).chars().count(), 81);
    }
}
