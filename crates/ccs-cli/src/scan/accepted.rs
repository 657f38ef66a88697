//! The file of accepted findings, and its key.

use std::path::{Path, PathBuf};

use anyhow::Context;
use ccs_gate::secret::{Accepted, Baseline, BaselineKey, Finding};
use ccs_integrity::file::{self, New};

use crate::args::scan;
use crate::exit::{Code, Stop};
use crate::hex;
use crate::places::Places;
use crate::state;
use crate::vault::{self, date::day};

/// The key's file in the state folder.
pub(crate) const KEY: &str = "baseline.key";

const PRIVATE: u32 = 0o600;

/// Accepted findings, and how more are accepted.
pub(crate) struct Known {
    file: PathBuf,
    /// What the file holds.
    before: Option<Vec<u8>>,
    baseline: Baseline,
    key: BaselineKey,
    today: String,
    accept: Option<(String, Option<String>)>,
    failed: Option<anyhow::Error>,
}

impl Known {
    /// Reads the baseline that the command line names; `None` if it names none.
    ///
    /// # Errors
    ///
    /// If the file or its key is missing, unless findings are to be accepted, or cannot be used.
    pub(crate) fn read(args: &scan::Baseline, places: &Places) -> anyhow::Result<Option<Self>> {
        let Some(path) = &args.file else {
            return Ok(None);
        };
        let before = file::read(path)?;
        let baseline = match &before {
            Some(bytes) => parse(bytes).with_context(|| format!("`{}`", path.display()))?,
            None if args.accept.is_some() => Baseline::new(),
            None => {
                let stop = Stop::new(Code::File, format!("`{}` is not there", path.display()));
                return Err(stop.next("write one with --accept REASON").into());
            }
        };
        let fresh = args.accept.is_some() && baseline.entries().is_empty();
        let accept = args.accept.clone();
        Ok(Some(Self {
            file: path.clone(),
            before,
            baseline,
            key: key(args.key.as_deref(), fresh, places)?,
            today: day(vault::now()),
            accept: accept.map(|reason| (reason, args.until.clone())),
            failed: None,
        }))
    }

    /// The entry that accepts a finding, if there is one or one is to be made.
    pub(crate) fn accepts(&mut self, path: &str, text: &str, one: &Finding) -> Option<Accepted> {
        let known = self
            .baseline
            .accepts(&self.key, (path, text), one, &self.today);
        if known.is_some() {
            return known.cloned();
        }
        let (reason, until) = self.accept.as_ref()?;
        let why = (reason.as_str(), until.as_deref());
        let done = self.baseline.accept(&self.key, (path, text), one, why);
        if let Err(error) = done {
            self.failed = Some(Stop::new(Code::Usage, error.to_string()).into());
            return None;
        }
        let known = self
            .baseline
            .accepts(&self.key, (path, text), one, &self.today);
        known.cloned()
    }

    /// Writes the baseline if something was to be accepted.
    ///
    /// # Errors
    ///
    /// If a reason or a day is not one, or the file cannot be written.
    pub(crate) fn write(self, places: &Places) -> anyhow::Result<()> {
        if let Some(error) = self.failed {
            return Err(error);
        }
        if self.accept.is_none() {
            return Ok(());
        }
        let mut bytes = serde_json::to_vec_pretty(&self.baseline)?;
        bytes.push(b'\n');
        let path = std::path::absolute(&self.file)?;
        let new = New {
            before: self.before.as_deref(),
            bytes: &bytes,
            mode: self.before.is_none().then_some(0o644),
        };
        state::writer(places)?
            .allow_file(&path)
            .replace(&path, &new)?;
        Ok(())
    }
}

fn parse(bytes: &[u8]) -> anyhow::Result<Baseline> {
    let refused = |what: String| Stop::new(Code::Refused, what);
    let read = serde_json::from_slice::<Baseline>(bytes);
    let read = read.map_err(|error| refused(format!("it is no baseline: {error}")))?;
    Ok(read.checked().map_err(|error| refused(error.to_string()))?)
}

/// The key; a new one if there is none and nothing depends on it yet.
fn key(named: Option<&Path>, fresh: bool, places: &Places) -> anyhow::Result<BaselineKey> {
    let path = match named {
        Some(path) => std::path::absolute(path)?,
        None => places.in_state(KEY),
    };
    let Some(bytes) = file::read(&path)? else {
        if fresh {
            return make(&path, places);
        }
        let what = format!(
            "the key of the baseline, `{}`, is not there",
            path.display()
        );
        let next = "copy it from where the baseline was written, or delete the baseline and accept its findings again";
        return Err(Stop::new(Code::Unproven, what).next(next).into());
    };
    let text = String::from_utf8_lossy(&bytes);
    let key = hex::key(text.trim()).ok_or_else(|| {
        let what = format!("`{}` is no key: 64 hexadecimal digits", path.display());
        Stop::new(Code::Refused, what)
    })?;
    Ok(BaselineKey::new(key))
}

fn make(path: &Path, places: &Places) -> anyhow::Result<BaselineKey> {
    let mut key = [0; 32];
    getrandom::fill(&mut key).map_err(|error| anyhow::anyhow!("no randomness: {error}"))?;
    let line = format!("{}\n", hex::text(&key));
    let new = New {
        before: None,
        bytes: line.as_bytes(),
        mode: Some(PRIVATE),
    };
    state::writer(places)?
        .allow_file(path)
        .replace(path, &new)?;
    Ok(BaselineKey::new(key))
}
