//! What its owner accepts: findings that are left out, each with a reason and until a day.
//!
//! Nothing a repository brings along counts here. The file lies in the state folder, or where its
//! owner says, and never in the project that the findings are about.

use std::fs;
use std::path::{Path, PathBuf};

use ccs_integrity::file;
use ccs_integrity::posture::Finding;
use serde::{Deserialize, Serialize};

use crate::exit::{Code, Stop};
use crate::places::Places;
use crate::vault::date;

/// The file in the state folder.
pub(crate) const FILE: &str = "posture-accepted.jsonl";

/// One finding that is accepted, one line of the file.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Accepted {
    pub(crate) fingerprint: String,
    pub(crate) id: String,
    pub(crate) path: String,
    pub(crate) reason: String,
    pub(crate) author: String,
    /// A day, `2026-11-21`; from then on the finding counts again.
    pub(crate) expires: String,
}

impl Accepted {
    fn is_good(&self, now: u64) -> bool {
        date::day_start(&self.expires).is_some_and(|end| now < end)
    }
}

/// Everything that is accepted.
#[derive(Clone, Debug, Default)]
pub(crate) struct Baseline {
    pub(crate) lines: Vec<Accepted>,
}

/// A finding that is left out, and why.
#[derive(Debug, Serialize)]
pub(crate) struct Suppressed {
    #[serde(flatten)]
    pub(crate) finding: Finding,
    pub(crate) reason: String,
    pub(crate) author: String,
    pub(crate) expires: String,
}

impl Baseline {
    /// The file that is named, or the one in the state folder if there is one.
    pub(crate) fn read(
        given: Option<&Path>,
        places: &Places,
        project: Option<&Path>,
    ) -> anyhow::Result<Self> {
        let own = places.in_state(FILE);
        let path = given.unwrap_or(&own);
        if given.is_none() && fs::symlink_metadata(path).is_err() {
            return Ok(Baseline::default());
        }
        must_be_the_owners(path, project, &places.home)?;
        let bytes = file::read(path)?.ok_or_else(|| {
            let what = format!("there is no file `{}`", path.display());
            Stop::new(Code::File, what).next("ccs posture accept writes one")
        })?;
        Self::parse(path, &bytes)
    }

    fn parse(path: &Path, bytes: &[u8]) -> anyhow::Result<Self> {
        let text = String::from_utf8_lossy(bytes);
        let mut lines = Vec::new();
        for (number, line) in text
            .lines()
            .enumerate()
            .filter(|(_, line)| !line.trim().is_empty())
        {
            let wrong = |why: String| {
                let what = format!("{}:{}: {why}", path.display(), number + 1);
                Stop::new(Code::Refused, what).next("correct or delete that line")
            };
            let accepted: Accepted =
                serde_json::from_str(line).map_err(|error| wrong(error.to_string()))?;
            if accepted.reason.trim().is_empty() {
                return Err(wrong("a reason is missing".to_owned()).into());
            }
            if date::day_start(&accepted.expires).is_none() {
                return Err(wrong(format!("`{}` is not a day", accepted.expires)).into());
            }
            lines.push(accepted);
        }
        Ok(Baseline { lines })
    }

    /// What counts, and what is left out.
    pub(crate) fn split(
        &self,
        findings: Vec<Finding>,
        now: u64,
    ) -> (Vec<Finding>, Vec<Suppressed>) {
        let (mut counts, mut left) = (Vec::new(), Vec::new());
        for finding in findings {
            let fits = |one: &&Accepted| {
                one.fingerprint == finding.fingerprint && one.id == finding.id && one.is_good(now)
            };
            match self.lines.iter().find(fits) {
                Some(one) => left.push(Suppressed {
                    reason: one.reason.clone(),
                    author: one.author.clone(),
                    expires: one.expires.clone(),
                    finding,
                }),
                None => counts.push(finding),
            }
        }
        (counts, left)
    }

    pub(crate) fn to_bytes(&self) -> Vec<u8> {
        let mut text = Vec::new();
        for line in &self.lines {
            text.extend(serde_json::to_vec(line).expect("a line is plain data"));
            text.push(b'\n');
        }
        text
    }
}

/// A file that the project brings along, or that others may write, would let an attacker accept his
/// own findings.
fn must_be_the_owners(path: &Path, project: Option<&Path>, home: &Path) -> Result<(), Stop> {
    let real = real(path);
    let inside = project.is_some_and(|project| {
        let project = self::real(project);
        real.starts_with(&project) && !self::real(home).starts_with(&project)
    });
    let refuse = |why: &str, next: &str| {
        let what = format!("`{}` {why}", path.display());
        Err(Stop::new(Code::Refused, what).next(next))
    };
    if inside {
        return refuse(
            "lies in the project: a project cannot accept findings about itself",
            "keep it in your own home folder",
        );
    }
    let Ok(metadata) = fs::metadata(&real) else {
        return Ok(());
    };
    if file::is_foreign(&metadata) {
        return refuse("belongs to another user", "use a file of your own");
    }
    if cfg!(unix) && file::mode(&metadata) & 0o022 != 0 {
        return refuse(
            "can be written by others",
            "chmod go-w it, then look through it",
        );
    }
    Ok(())
}

fn real(path: &Path) -> PathBuf {
    path.canonicalize().unwrap_or_else(|_| path.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    const LINE: &str = r#"{"fingerprint":"ab","id":"x.y","path":"~/a","reason":"r","author":"me","expires":"2027-01-31"}"#;

    #[test]
    fn a_line_without_reason_or_day_is_refused_by_its_number() {
        for (from, to) in [
            ("\"r\"", "\" \""),
            ("2027-01-31", "some day"),
            ("\"author\":\"me\",", ""),
        ] {
            let text = format!("{LINE}\n{}", LINE.replace(from, to));
            let error = Baseline::parse(Path::new("f"), text.as_bytes()).expect_err(to);
            assert!(error.to_string().starts_with("f:2: "), "{error}");
        }
    }

    #[test]
    fn an_acceptance_ends_with_the_day_before() {
        let baseline = Baseline::parse(Path::new("f"), LINE.as_bytes()).expect("a line");
        let end = date::day_start("2027-01-31").expect("a day");
        assert!(baseline.lines[0].is_good(end - 1));
        assert!(!baseline.lines[0].is_good(end));
    }

    #[test]
    fn what_is_written_is_read_again() {
        let baseline = Baseline::parse(Path::new("f"), LINE.as_bytes()).expect("a line");
        let again = Baseline::parse(Path::new("f"), &baseline.to_bytes()).expect("a line");
        assert_eq!(again.lines, baseline.lines);
    }
}
