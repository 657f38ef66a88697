//! What an audit finds.

use std::collections::HashMap;

use serde::Serialize;

use super::Scanners;
use super::catalog::{Auto, Check, Maps};
use super::source::{Base, Scope, Source};
use crate::manifest::Digest;

/// How bad it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Severity {
    /// Good to know.
    Info,
    /// Worth a look.
    Low,
    /// Weakens a protection.
    Medium,
    /// One step from code execution or a lost secret.
    High,
    /// Code execution or a lost secret as it is.
    Critical,
}

/// Whether it has an effect now.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Effect {
    /// Needs no trust in the folder: an unattended run or a tool beside the client suffices.
    Always,
    /// In force now.
    Active,
    /// In force as soon as the folder is trusted.
    OnTrust,
    /// Has no effect in this file or this version.
    Ignored,
}

/// Where something was found.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct Place {
    /// What the path is relative to.
    pub base: Base,
    /// With `/` between names.
    pub path: String,
    /// Counted from 1; 0 if it is about the file as such.
    pub line: usize,
    /// In characters, counted from 1; 0 if it is about the line or the file as such.
    pub column: usize,
}

/// One finding.
#[derive(Clone, Debug, Serialize)]
pub struct Finding {
    /// The check's id.
    pub id: &'static str,
    /// Of this finding; at most the check's.
    pub severity: Severity,
    /// Whether it has an effect now.
    pub effect: Effect,
    /// What the check says in one line.
    pub title: &'static str,
    /// Where.
    #[serde(flatten)]
    pub place: Place,
    /// Who decides what the file says.
    pub scope: Scope,
    /// What was seen, in one line, without any secret.
    pub evidence: String,
    /// Stays the same when lines move.
    pub fingerprint: String,
    /// What to do.
    pub fix: Fix,
    /// Where others catalogue it.
    pub maps: Maps,
}

/// What to do about a finding.
#[derive(Clone, Copy, Debug, Serialize)]
pub struct Fix {
    /// In one line.
    pub text: &'static str,
    /// Whether ccs does it by itself, on order, or not.
    pub auto: Auto,
}

impl Finding {
    fn order(&self) -> impl Ord + use<'_> {
        let latent = matches!(self.effect, Effect::OnTrust | Effect::Ignored);
        let rank = if latent { self.effect as u8 } else { 0 };
        let worst_first = std::cmp::Reverse(self.severity);
        (
            rank,
            worst_first,
            self.scope,
            &self.place,
            self.id,
            &self.evidence,
        )
    }
}

/// A finding that is being put together.
#[derive(Debug)]
pub(super) struct Draft {
    check: &'static Check,
    severity: Severity,
    effect: Effect,
    place: Place,
    scope: Scope,
    evidence: String,
}

impl Draft {
    /// About a file as such.
    pub(super) fn about(check: &'static Check, base: Base, path: &str, scope: Scope) -> Self {
        Draft {
            check,
            severity: check.severity,
            effect: Effect::Active,
            place: Place {
                base,
                path: path.to_owned(),
                line: 0,
                column: 0,
            },
            scope,
            evidence: String::new(),
        }
    }

    /// At an offset in a file that was read.
    pub(super) fn at(check: &'static Check, source: &Source, offset: usize) -> Self {
        let mut draft = Self::about(check, source.base, &source.name, source.scope);
        (draft.place.line, draft.place.column) = source.position(offset);
        draft
    }

    /// On a line of a file that was read.
    pub(super) fn on_line(check: &'static Check, source: &Source, line: usize) -> Self {
        let mut draft = Self::about(check, source.base, &source.name, source.scope);
        draft.place.line = line;
        draft
    }

    pub(super) fn evidence(mut self, evidence: impl Into<String>) -> Self {
        self.evidence = evidence.into();
        self
    }

    pub(super) fn severity(mut self, severity: Severity) -> Self {
        self.severity = severity.min(self.check.severity);
        self
    }

    pub(super) fn effect(mut self, effect: Effect) -> Self {
        self.effect = effect;
        self
    }

    pub(super) fn scope(mut self, scope: Scope) -> Self {
        self.scope = scope;
        self
    }

    fn finish(self, scanners: &Scanners<'_>) -> Finding {
        let evidence = one_line(&scanners.hide(&self.evidence));
        let fingerprint = fingerprint(self.check.id, self.scope, &self.place, &evidence);
        Finding {
            id: self.check.id,
            severity: self.severity,
            effect: self.effect,
            title: self.check.title,
            place: self.place,
            scope: self.scope,
            evidence,
            fingerprint,
            fix: Fix {
                text: self.check.fix,
                auto: self.check.auto,
            },
            maps: self.check.maps,
        }
    }
}

/// Collects findings.
pub(super) struct Findings<'a> {
    scanners: &'a Scanners<'a>,
    found: Vec<Finding>,
    /// How many there are of a check in a file.
    counts: HashMap<(&'static str, Base, String), usize>,
}

/// Of one check in one file no more are kept; the file is bad enough.
const MOST: usize = 50;

impl<'a> Findings<'a> {
    pub(super) fn new(scanners: &'a Scanners<'a>) -> Self {
        Findings {
            scanners,
            found: Vec::new(),
            counts: HashMap::new(),
        }
    }

    pub(super) fn add(&mut self, draft: Draft) {
        let key = (draft.check.id, draft.place.base, draft.place.path.clone());
        let count = self.counts.entry(key).or_default();
        *count += 1;
        if *count <= MOST {
            self.found.push(draft.finish(self.scanners));
        }
    }

    /// Sorted: what has an effect now before what will have one, the worst first, each once.
    pub(super) fn into_sorted(self) -> Vec<Finding> {
        let mut found = self.found;
        found.sort_by(|a, b| a.order().cmp(&b.order()));
        found.dedup_by(|a, b| a.id == b.id && a.place == b.place && a.evidence == b.evidence);
        found
    }
}

/// Of everything but the line, so that it survives edits above.
fn fingerprint(id: &str, scope: Scope, place: &Place, evidence: &str) -> String {
    let scope = format!("{scope:?}");
    let base = format!("{:?}", place.base);
    let mut bytes = Vec::new();
    for field in [id, &scope, &base, &place.path, evidence] {
        bytes.extend((field.len() as u64).to_be_bytes());
        bytes.extend(field.as_bytes());
    }
    Digest::of(&bytes).to_string()
}

/// The longest evidence, in characters.
const LONGEST: usize = 240;

/// Control and invisible characters are spelled out, so that evidence cannot play tricks on the
/// terminal or the reader.
pub(super) fn one_line(text: &str) -> String {
    let mut line = String::new();
    for (count, letter) in text.trim().chars().enumerate() {
        if count == LONGEST {
            line.push('…');
            break;
        }
        match letter {
            '\n' | '\t' | '\r' => line.push(' '),
            letter if super::unicode::is_hidden(letter) || letter.is_control() => {
                line.push_str(&format!("<U+{:04X}>", u32::from(letter)));
            }
            letter => line.push(letter),
        }
    }
    line
}
