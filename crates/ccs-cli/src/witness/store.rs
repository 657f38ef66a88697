//! What a witness keeps: its key, the logs it signs for, and its memory, in a folder of its own.

use std::fs;
use std::path::{Path, PathBuf};
use std::str::FromStr;

use anyhow::Context;
use ccs_audit::note::{Kind, Note, Signer, Verifier};
use ccs_audit::witness::Witness;
use zeroize::Zeroizing;

use crate::args::audit_send::Memory;
use crate::audit::file::{self, Existing};
use crate::exit::{Code, Stop};
use crate::places::Places;

/// The folder in the state folder.
const FOLDER: &str = "witness";

/// A witness's folder.
pub(crate) struct Store {
    folder: PathBuf,
}

impl Store {
    /// The one the command line names, or the one in the state folder.
    pub(crate) fn of(args: &Memory, places: &Places) -> anyhow::Result<Self> {
        let own = places.in_state(FOLDER);
        let folder = std::path::absolute(args.folder.as_deref().unwrap_or(&own))?;
        Ok(Store { folder })
    }

    /// The witness's private key.
    pub(crate) fn signer(&self) -> anyhow::Result<Signer> {
        let path = self.key_path();
        if !path.exists() {
            let what = format!("there is no witness in `{}`", self.folder.display());
            let next = "ccs audit witness add LOG-KEY --name NAME makes one";
            return Err(Stop::new(Code::File, what).next(next).into());
        }
        let text = Zeroizing::new(file::text(&path)?);
        Signer::parse(text.trim()).map_err(|error| {
            let what = format!("`{}`: {error}", path.display());
            Stop::new(Code::Refused, what)
                .next("put back a copy of the key")
                .into()
        })
    }

    /// Makes the witness's key if there is none.
    pub(crate) fn make(&self, name: Option<&str>) -> anyhow::Result<Signer> {
        if self.key_path().exists() {
            return self.signer();
        }
        let Some(name) = name else {
            let stop = Stop::new(Code::Usage, "this witness has no key and no name yet");
            return Err(stop.next("add --name NAME, such as w.example.com").into());
        };
        self.make_folder()?;
        let mut seed = Zeroizing::new([0; 32]);
        getrandom::fill(&mut *seed).context("no random bytes")?;
        let signer = Signer::new(name, Kind::Cosignature, &seed)
            .map_err(|error| Stop::new(Code::Usage, format!("`{name}`: {error}")))?;
        let text = signer.expose();
        file::write(&self.key_path(), Existing::Keep, |out| {
            out.write_all(text.as_bytes())?;
            Ok(out.write_all(b"\n")?)
        })?;
        Ok(signer)
    }

    /// The logs it signs for.
    pub(crate) fn logs(&self) -> anyhow::Result<Vec<Verifier>> {
        let path = self.logs_path();
        if !path.exists() {
            return Ok(Vec::new());
        }
        let text = file::text(&path)?;
        let lines = text.lines().filter(|line| !line.trim().is_empty());
        let keys = lines.map(|line| {
            Verifier::from_str(line.trim()).map_err(|error| {
                let what = format!("`{}`: `{line}`: {error}", path.display());
                Stop::new(Code::Refused, what).next("correct or delete that line")
            })
        });
        Ok(keys.collect::<Result<_, _>>()?)
    }

    /// Signs for another log from now on; `false` if it does already.
    pub(crate) fn add(&self, log: &Verifier) -> anyhow::Result<bool> {
        let mut logs = self.logs()?;
        if logs.contains(log) {
            return Ok(false);
        }
        if let Some(other) = logs.iter().find(|other| other.name() == log.name()) {
            let what = format!("it signs for `{}` with another key already", other.name());
            let next = format!(
                "a log founded anew has another key; delete the old line from `{}` if that was meant",
                self.logs_path().display()
            );
            return Err(Stop::new(Code::Refused, what).next(next).into());
        }
        logs.push(log.clone());
        let text: String = logs.iter().map(|log| format!("{log}\n")).collect();
        file::write(&self.logs_path(), Existing::Replace, |out| {
            Ok(out.write_all(text.as_bytes())?)
        })?;
        Ok(true)
    }

    /// The witness at work.
    pub(crate) fn open(&self) -> anyhow::Result<Witness> {
        let witness = Witness::open(&self.memory(), self.signer()?, self.logs()?)?;
        Ok(witness)
    }

    /// The last checkpoint of each log.
    pub(crate) fn remembered(&self) -> anyhow::Result<Vec<Note>> {
        if !self.memory().exists() {
            return Ok(Vec::new());
        }
        Ok(self.open()?.remembered()?)
    }

    fn make_folder(&self) -> anyhow::Result<()> {
        let mut builder = fs::DirBuilder::new();
        builder.recursive(true);
        #[cfg(unix)]
        std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
        let failed = || format!("cannot make `{}`", self.folder.display());
        builder.create(&self.folder).with_context(failed)
    }

    fn key_path(&self) -> PathBuf {
        self.folder.join("witness.key")
    }

    fn logs_path(&self) -> PathBuf {
        self.folder.join("logs")
    }

    fn memory(&self) -> PathBuf {
        self.folder.join("memory")
    }

    pub(crate) fn path(&self) -> &Path {
        &self.folder
    }
}
