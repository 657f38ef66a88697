//! Is this installation safe? Checks of settings, hooks, servers, instructions, extensions and the
//! repository and machine around them.
//!
//! Everything is read, nothing is run and nothing is sent. A [`Target`] says where to look,
//! [`Scanners`] bring the eyes for secrets and injected orders, [`Facts`] is what only other parts
//! of ccs know. Each check is data in `checks/*.yaml` and a few lines in one file per group; a
//! finding says where, how bad, whether it has an effect now, and what to do, and never shows a
//! secret.

use std::path::PathBuf;

pub mod catalog;
mod check;
mod danger;
mod data;
mod facts;
mod finding;
mod json;
mod keys;
pub mod litter;
mod model;
mod prose;
pub mod repair;
mod report;
mod repository;
mod shell;
mod source;
mod start;
mod unicode;
mod url;
mod version;
mod yaml;

pub use facts::Facts;
pub use finding::{Effect, Finding, Fix, Place, Severity};
pub use keys::WellKnown;
pub use report::{Report, Surface};
pub use source::{Base, Scope, Trouble};
pub use start::{Destination, Start};
pub use version::Version;

use finding::Findings;
use model::Kind;
use model::Model;
use source::Reader;

/// What to look at.
#[derive(Clone, Debug, Default)]
pub struct Target {
    /// The home folder.
    pub home: PathBuf,
    /// The client's folder, if it is not `.claude` in the home folder.
    pub config: Option<PathBuf>,
    /// The project, if there is one.
    pub project: Option<PathBuf>,
    /// The administrator's folder, such as `/etc/claude-code`.
    pub managed: Option<PathBuf>,
    /// Whether this is the machine and the user it is about, so that programs in the search path,
    /// processes and absolute paths can be looked at. If not, a path into the same home or project
    /// at another place is taken to mean this one.
    pub live: bool,
    /// Also reads all transcripts.
    pub deep: bool,
    /// Leaves out what does not matter before a run: the files that earlier sessions left, and the
    /// texts and programs that the user chose. What the project brings is looked at in full.
    pub quick: bool,
    /// The version of the client, if it is known from elsewhere.
    pub client: Option<Version>,
    /// The environment, if it is the user's own. Values are never shown.
    pub environment: Vec<(String, String)>,
}

/// A secret in a text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Secret {
    /// Where, in bytes.
    pub span: std::ops::Range<usize>,
    /// What kind, in words.
    pub kind: String,
}

/// Finds secrets.
pub trait Secrets {
    /// Every secret in a text.
    fn secrets(&self, text: &str) -> Vec<Secret>;
}

/// An order to the model in a text where none belongs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Injected {
    /// Where, in bytes.
    pub offset: usize,
    /// Which rule saw it.
    pub rule: String,
}

/// What a text is to the model.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Voice {
    /// Instructions, which may tell the model what to do, but not against its user.
    Instructions,
    /// What a server says about its tools, which should tell it nothing.
    Description,
}

/// Finds orders to the model.
pub trait Injections {
    /// The worst one in a text, if it is sure enough to act on.
    fn injected(&self, text: &str, voice: Voice) -> Option<Injected>;
}

/// The eyes of an audit. Without better ones [`WellKnown`] sees the keys of common services.
pub struct Scanners<'a> {
    /// For secrets.
    pub secrets: &'a dyn Secrets,
    /// For orders to the model, besides those the audit sees by itself.
    pub injections: Option<&'a dyn Injections>,
}

impl Default for Scanners<'_> {
    fn default() -> Self {
        Scanners {
            secrets: &WellKnown,
            injections: None,
        }
    }
}

impl Scanners<'_> {
    /// The text with every secret replaced by its kind.
    fn hide(&self, text: &str) -> String {
        let mut secrets = self.secrets.secrets(text);
        secrets.sort_by_key(|secret| std::cmp::Reverse(secret.span.start));
        let mut hidden = text.to_owned();
        let mut last = text.len();
        for secret in secrets {
            let span = secret.span.start..secret.span.end.min(last);
            if span.start < span.end && text.get(span.clone()).is_some() {
                hidden.replace_range(span.clone(), &format!("[{}]", secret.kind));
                last = span.start;
            }
        }
        hidden
    }
}

/// What the checks are asked with.
struct Context<'a> {
    target: &'a Target,
    reader: &'a Reader,
    model: &'a Model,
    scanners: &'a Scanners<'a>,
    facts: &'a Facts,
}

impl Context<'_> {
    /// Whether what a file says has an effect: what a repository says waits for trust.
    fn effect(&self, scope: Scope) -> Effect {
        match scope {
            Scope::Project | Scope::Local if !self.model.trusted => Effect::OnTrust,
            _ => Effect::Active,
        }
    }

    /// The same for what an unattended run obeys without trust.
    fn at_once(&self, scope: Scope) -> Effect {
        match self.effect(scope) {
            Effect::OnTrust => Effect::Always,
            effect => effect,
        }
    }
}

/// Runs every check.
#[must_use]
pub fn audit(target: &Target, scanners: &Scanners<'_>, facts: &Facts) -> Report {
    let reader = Reader::new(target);
    let model = Model::read(target, &reader);
    let context = Context {
        target,
        reader: &reader,
        model: &model,
        scanners,
        facts,
    };
    let mut findings = Findings::new(scanners);
    for group in check::ALL {
        group(&context, &mut findings);
    }
    let (starts, sends) = start::look(&context);
    let mut report = Report::new(&model, &reader, findings.into_sorted());
    (report.starts, report.sends) = (starts, sends);
    report
}

/// What matters before an unattended run or the opening of an unknown clone: findings that have an
/// effect without trust, or will have one as soon as somebody trusts the folder.
#[must_use]
pub fn preflight(target: &Target, scanners: &Scanners<'_>, facts: &Facts) -> Report {
    let target = Target {
        quick: true,
        deep: false,
        ..target.clone()
    };
    let mut report = audit(&target, scanners, facts);
    report.keep(|finding| catalog::by_id(finding.id).is_some_and(|check| check.preflight));
    report
}

/// How many of a thing there are, in words.
fn count(number: usize, one: &str, many: &str) -> String {
    match number {
        1 => format!("1 {one}"),
        number => format!("{number} {many}"),
    }
}
