//! The audit of this machine: what it looks at, and the eyes it is given.

pub(crate) mod baseline;
pub(crate) mod facts;
pub(crate) mod repair;

use std::env;
use std::path::{Path, PathBuf};

use ccs_gate::injection::{self, Source, Verdict};
use ccs_gate::secret::{self, Confidence, Scanner};
use ccs_integrity::posture::{
    Base, Facts, Injected, Injections, Place, Report, Scanners, Secret, Secrets, Severity, Target,
    Version, Voice, WellKnown, audit,
};

use crate::exit::{Code, Stop};
use crate::places::Places;

/// The eyes of the gate, with those the audit has by itself.
pub(crate) struct Eyes(Scanner, injection::Scanner);

impl Eyes {
    pub(crate) fn new() -> Self {
        Eyes(Scanner::builtin(), injection::Scanner::builtin())
    }
}

impl Secrets for Eyes {
    fn secrets(&self, text: &str) -> Vec<Secret> {
        let mut found = WellKnown.secrets(text);
        let sure = self.0.scan(text).into_iter();
        for one in sure.filter(counts) {
            let apart = |known: &Secret| known.span.end <= one.start || one.end <= known.span.start;
            if found.iter().all(apart) {
                found.push(Secret {
                    span: one.start..one.end,
                    kind: one.title.into_owned(),
                });
            }
        }
        found.sort_by_key(|secret| secret.span.start);
        found
    }
}

impl Injections for Eyes {
    /// What the gate would keep from the model wherever it came from.
    fn injected(&self, text: &str, voice: Voice) -> Option<Injected> {
        let source = match voice {
            Voice::Instructions => Source::Instructions,
            // A description may say when to use a tool, and what to do before.
            Voice::Description => Source::File,
        };
        let report = self.1.scan(text, source);
        // A word about order among tools alone is how many describe theirs.
        let signals = report
            .signals
            .iter()
            .filter(|signal| signal.rule != "tool.poison");
        let worst = signals.max_by(|a, b| a.score.total_cmp(&b.score));
        let worst = worst.filter(|_| report.verdict == Verdict::Block)?;
        Some(Injected {
            offset: worst.start,
            rule: format!("{} ({})", worst.title, worst.rule),
        })
    }
}

/// Markers hand a value over in a prompt; in a file they are how that is explained.
fn counts(one: &secret::Finding) -> bool {
    one.confidence >= Confidence::Medium && !one.rule.starts_with("marker.")
}

/// What is looked at.
pub(crate) struct Look {
    pub(crate) target: Target,
}

impl Look {
    /// With `--home` it is somebody else's home folder, or a copy: what belongs to this process
    /// says nothing about it.
    pub(crate) fn at(places: &Places, project: Option<&Path>) -> anyhow::Result<Self> {
        let project = match project {
            Some(project) => {
                let project = std::path::absolute(project)?;
                if !project.is_dir() {
                    let what = format!("`{}` is not a folder", project.display());
                    return Err(Stop::new(Code::Usage, what).into());
                }
                Some(plain(project))
            }
            // Work is rarely done in the home folder itself; its settings are the user's anyway.
            None => Some(places.cwd.clone()).filter(|cwd| !places.home.starts_with(cwd)),
        };
        let live = !places.home_given;
        Ok(Look {
            target: Target {
                home: plain(places.home.clone()),
                config: Some(places.claude.clone()),
                project,
                managed: places.managed.parent().map(Path::to_owned),
                live,
                deep: false,
                quick: false,
                client: None,
                environment: if live { environment() } else { Vec::new() },
            },
        })
    }

    /// The version of the client, instead of the one that is found.
    pub(crate) fn with_version(mut self, version: Option<&str>) -> Result<Self, Stop> {
        if let Some(text) = version {
            let version = Version::parse(text).ok_or_else(|| {
                let what = format!("`{text}` is not a version");
                Stop::new(Code::Usage, what).next("write it like 2.1.329")
            })?;
            self.target.client = Some(version);
        }
        Ok(self)
    }

    pub(crate) fn audit(&self, places: &Places) -> Report {
        let eyes = Eyes::new();
        audit(&self.target, &scanners(&eyes), &facts::of(self, places))
    }

    /// What the audit sees by itself, without what the other checks of ccs know.
    pub(crate) fn alone(&self) -> Report {
        let eyes = Eyes::new();
        audit(&self.target, &scanners(&eyes), &Facts::default())
    }

    /// The file of a finding.
    pub(crate) fn path(&self, place: &Place) -> PathBuf {
        let folder = match place.base {
            Base::Home => Some(self.target.home.as_path()),
            Base::Project => self.target.project.as_deref(),
            Base::Managed => self.target.managed.as_deref(),
            Base::Root => None,
        };
        folder.unwrap_or(Path::new("")).join(&place.path)
    }
}

pub(crate) fn scanners(eyes: &Eyes) -> Scanners<'_> {
    Scanners {
        secrets: eyes,
        injections: Some(eyes),
    }
}

/// Without a slash at the end, which would be a part of its own.
fn plain(path: PathBuf) -> PathBuf {
    path.components().collect()
}

fn environment() -> Vec<(String, String)> {
    let text = |text: std::ffi::OsString| text.into_string().ok();
    let pairs = env::vars_os().filter_map(|(name, value)| Some((text(name)?, text(value)?)));
    pairs.collect()
}

/// The word for a severity.
pub(crate) fn word(severity: Severity) -> &'static str {
    match severity {
        Severity::Critical => "critical",
        Severity::High => "high",
        Severity::Medium => "medium",
        Severity::Low => "low",
        Severity::Info => "info",
    }
}

/// All severities, the worst first.
pub(crate) const SEVERITIES: [Severity; 5] = [
    Severity::Critical,
    Severity::High,
    Severity::Medium,
    Severity::Low,
    Severity::Info,
];

/// A place as a person writes it.
pub(crate) fn shown(place: &Place) -> String {
    let name = match (place.base, place.path.as_str()) {
        (Base::Home, "") => "~".to_owned(),
        (Base::Home, path) => format!("~/{path}"),
        (Base::Project, "") => ".".to_owned(),
        (Base::Project, path) => format!("./{path}"),
        (Base::Managed, path) => format!("managed:{path}"),
        (Base::Root, path) => path.to_owned(),
    };
    match (place.line, place.column) {
        (0, _) => name,
        (line, 0) => format!("{name}:{line}"),
        (line, column) => format!("{name}:{line}:{column}"),
    }
}
