//! Looks through texts: the scanner's rules, the values that the vault holds, what is accepted.

use std::borrow::Cow;
use std::sync::Mutex;

use ccs_gate::Severity;
use ccs_gate::secret::{self, Confidence, Finding, Personal, Scanner};
use ccs_vault::Fingerprints;

use super::accepted::Known;
use super::bytes::Text;
use super::filters;
use super::leak::{Form, Leak, Place, preview};
use super::release;
use crate::args::scan::Looks;
use crate::exit::{Code, Stop};
use crate::places::Places;

/// The rule of a value that the vault holds.
pub(crate) const STORED: &str = "vault.stored";

/// What is looked for in every text.
pub(crate) struct Looker {
    scanner: Scanner,
    /// Only these rules, if any are named.
    rules: Vec<String>,
    prints: Option<Fingerprints>,
    known: Option<Mutex<Known>>,
    release: bool,
}

/// Where a text comes from.
#[derive(Clone, Copy)]
pub(crate) struct Origin<'a> {
    pub(crate) path: &'a str,
    pub(crate) commit: Option<&'a str>,
    /// Where it begins in the file.
    pub(crate) at: Place,
    pub(crate) offset: u64,
}

impl<'a> Origin<'a> {
    /// The whole file at `path`.
    pub(crate) fn whole(path: &'a str) -> Self {
        Self {
            path,
            commit: None,
            at: Place::START,
            offset: 0,
        }
    }
}

/// The scanner that the command line asks for.
///
/// # Errors
///
/// If a rule does not exist, or the file of filters cannot be used.
pub(crate) fn scanner(args: &Looks) -> anyhow::Result<Scanner> {
    args.rule.iter().try_for_each(|rule| exists(rule))?;
    let mut scanner = Scanner::builtin();
    if !args.no_marks {
        scanner = scanner.heed_marks();
    }
    if args.pii {
        scanner = Personal::ALL.into_iter().fold(scanner, Scanner::personal);
    }
    if let Some(file) = &args.filters {
        scanner = filters::read(file)?
            .into_iter()
            .fold(scanner, Scanner::filter);
    }
    Ok(scanner)
}

fn exists(wanted: &str) -> Result<(), Stop> {
    let mut ids = secret::rules().iter().map(|rule| rule.id);
    let other = [STORED, "filter.", "personal.", release::FAMILY];
    let known = other.iter().any(|family| wanted.starts_with(family));
    if known || ids.any(|id| is_named(wanted, id)) {
        return Ok(());
    }
    let stop = Stop::new(Code::Usage, format!("no rule is called `{wanted}`"));
    Err(stop.next("name one as findings do, or a family such as `github.*`"))
}

/// Whether a rule is one that was asked for.
fn is_named(wanted: &str, id: &str) -> bool {
    match wanted.strip_suffix('*') {
        Some(family) => id.starts_with(family),
        None => id == wanted,
    }
}

/// The stored values of the vault, if there is one.
///
/// # Errors
///
/// If there is one whose fingerprints cannot be read.
pub(crate) fn stored(places: &Places) -> ccs_vault::Result<Option<Fingerprints>> {
    let prints = Fingerprints::read(&places.vault())?;
    Ok(prints.filter(|prints| !prints.is_empty()))
}

impl Looker {
    pub(crate) fn new(scanner: Scanner, rules: &[String]) -> Self {
        Self {
            scanner,
            rules: rules.to_vec(),
            prints: None,
            known: None,
            release: false,
        }
    }

    /// Looks for the values of the vault too.
    pub(crate) fn stored(mut self, prints: Option<Fingerprints>) -> Self {
        self.prints = prints;
        self
    }

    /// Looks for what a repository must not hold too.
    pub(crate) fn release(mut self, wanted: bool) -> Self {
        self.release = wanted;
        self
    }

    /// Heeds a baseline.
    pub(crate) fn known(mut self, known: Option<Known>) -> Self {
        self.known = known.map(Mutex::new);
        self
    }

    /// The baseline, with what was accepted on the way.
    pub(crate) fn into_known(self) -> Option<Known> {
        let known = self.known?.into_inner();
        Some(known.unwrap_or_else(|broken| broken.into_inner()))
    }

    /// What is wrong with a file by its name alone.
    pub(crate) fn name(&self, path: &str) -> Vec<Leak> {
        let named = release::name(path).filter(|_| self.release);
        let named = named.map(|what| what.leak(path)).into_iter();
        named.filter(|leak| self.is_wanted(&leak.rule)).collect()
    }

    /// Everything in a text.
    pub(crate) fn look(&self, origin: Origin<'_>, text: &Text<'_>) -> Vec<Leak> {
        let mut spans = self.stored_in(&text.text);
        let scanned = self.scanner.scan_file(origin.path, &text.text);
        spans.extend(scanned.into_iter().map(Span::Scanned));
        if self.release {
            spans.extend(release::user_paths(&text.text).map(Span::UserPath));
        }
        if spans.is_empty() {
            return Vec::new();
        }
        settle(&mut spans);
        spans.retain(|span| self.is_wanted(span.rule()));
        self.leaks(origin, text, &spans)
    }

    fn is_wanted(&self, rule: &str) -> bool {
        self.rules.is_empty() || self.rules.iter().any(|wanted| is_named(wanted, rule))
    }

    fn stored_in(&self, text: &str) -> Vec<Span> {
        let hits = self.prints.iter().flat_map(|prints| prints.find(text));
        let span = |hit: ccs_vault::Match<'_>| Span::Stored {
            range: (hit.start, hit.end),
            entry: hit.name.to_string(),
            form: hit.form,
        };
        hits.map(span).collect()
    }

    fn leaks(&self, origin: Origin<'_>, text: &Text<'_>, spans: &[Span]) -> Vec<Leak> {
        let (mut at, mut done) = (origin.at, 0);
        let mut leaks = Vec::with_capacity(spans.len());
        for span in spans {
            let (start, end) = span.range();
            at = at.after(&text.text[done..start]);
            done = start;
            let over = at.after(&text.text[start..end]);
            leaks.push(Leak {
                path: origin.path.to_owned(),
                commit: origin.commit.map(str::to_owned),
                line: at.line,
                column: at.column,
                end_line: over.line,
                end_column: over.column,
                start: origin.offset + text.source(start) as u64,
                end: origin.offset + text.source(end) as u64,
                preview: span.preview(&text.text),
                accepted: self.accepted(origin.path, text, span),
                characters: (at.character, over.character),
                ..span.leak()
            });
        }
        leaks
    }

    fn accepted(&self, path: &str, text: &Text<'_>, span: &Span) -> Option<secret::Accepted> {
        let Span::Scanned(finding) = span else {
            return None;
        };
        let known = self.known.as_ref()?.lock();
        let mut known = known.unwrap_or_else(|broken| broken.into_inner());
        known.accepts(path, &text.text, finding)
    }
}

/// A place in a text and what is there.
enum Span {
    Scanned(Finding),
    Stored {
        range: (usize, usize),
        entry: String,
        form: ccs_vault::Form,
    },
    UserPath((usize, usize)),
}

impl Span {
    fn range(&self) -> (usize, usize) {
        match self {
            Self::Scanned(finding) => (finding.start, finding.end),
            Self::Stored { range, .. } | Self::UserPath(range) => *range,
        }
    }

    fn rule(&self) -> &str {
        match self {
            Self::Scanned(finding) => &finding.rule,
            Self::Stored { .. } => STORED,
            Self::UserPath(_) => release::USER_PATH,
        }
    }

    /// A path is no secret; of a secret only its beginning is shown.
    fn preview(&self, text: &str) -> String {
        let (start, end) = self.range();
        match self {
            Self::UserPath(_) => text[start..end].to_owned(),
            _ => preview(&text[start..end]),
        }
    }

    /// The leak without its place.
    fn leak(&self) -> Leak {
        let (title, severity, confidence, form, entry) = match self {
            Self::Scanned(one) => {
                let (form, title) = (Form::Scanner(one.form), one.title.clone());
                (title, one.severity, one.confidence, form, None)
            }
            Self::Stored { entry, form, .. } => (
                Cow::Borrowed("A value that the vault holds"),
                Severity::Critical,
                Confidence::High,
                Form::Vault(*form),
                Some(entry.clone()),
            ),
            Self::UserPath(_) => (
                Cow::Borrowed("The path of a user's home folder"),
                Severity::Low,
                Confidence::Medium,
                Form::Scanner(secret::Form::Plain),
                None,
            ),
        };
        let mut rules = secret::rules().iter();
        let rule = rules.find(|rule| rule.id == self.rule());
        Leak {
            path: String::new(),
            commit: None,
            line: 0,
            column: 0,
            end_line: 0,
            end_column: 0,
            start: 0,
            end: 0,
            rule: Cow::Owned(self.rule().to_owned()),
            title,
            severity,
            confidence,
            form,
            entry,
            preview: String::new(),
            rotate: rule.and_then(|rule| rule.rotate),
            accepted: None,
            characters: (0, 0),
        }
    }
}

/// In order; where two overlap, a stored value counts, then what the scanner found.
fn settle(spans: &mut Vec<Span>) {
    let rank = |span: &Span| match span {
        Span::Stored { .. } => 0,
        Span::Scanned(_) => 1,
        Span::UserPath(_) => 2,
    };
    spans.sort_by_key(|span| (rank(span), span.range()));
    let mut kept: Vec<Span> = Vec::with_capacity(spans.len());
    let mut taken = std::collections::BTreeMap::new();
    for span in spans.drain(..) {
        let (start, end) = span.range();
        let before = taken.range(..end).next_back();
        if before.is_none_or(|(_, &other)| other <= start) {
            taken.insert(start, end);
            kept.push(span);
        }
    }
    kept.sort_by_key(Span::range);
    *spans = kept;
}

#[cfg(test)]
mod tests {
    use super::*;

    fn looks(text: &str) -> Vec<Leak> {
        let looker = Looker::new(Scanner::builtin(), &[]);
        let text = Text::plain(text);
        looker.look(Origin::whole("a.txt"), &text)
    }

    #[test]
    fn a_leak_says_where_it_is_and_shows_its_first_characters_only() {
        let token = ["glpat-", "x7Kq2Rm9Tz4Wc8Vb5Np3"].concat();
        let leaks = looks(&format!("one\nkey: {token}\n"));
        let [leak] = &leaks[..] else {
            panic!("{leaks:?}")
        };
        assert_eq!((leak.line, leak.column, leak.start), (2, 6, 9));
        assert_eq!(leak.end - leak.start, token.len() as u64);
        assert_eq!(leak.preview, "glpa… (26)");
    }

    #[test]
    fn a_rule_is_named_by_itself_or_by_its_family() {
        assert!(
            is_named("github.*", "github.app-token")
                && is_named("github.app-token", "github.app-token")
        );
        assert!(
            !is_named("github.", "github.app-token") && !is_named("gitlab.*", "github.app-token")
        );
        assert!(exists("nothing.such").is_err() && exists("github.*").is_ok());
    }

    #[test]
    fn a_text_without_secrets_has_no_leaks() {
        assert_eq!(looks("nothing here"), []);
    }
}
