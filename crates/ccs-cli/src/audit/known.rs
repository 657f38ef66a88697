//! What is known of the log from elsewhere: keys, identity, checkpoints, witnesses.

use std::path::Path;
use std::str::FromStr;

use ccs_audit::note::{self, Kind, Note, Verifier};
use ccs_audit::verify::Expect;
use ccs_audit::{Checkpoint, Identity, Reader, RootKey};
use ccs_hooks::trail as hooks;

use super::file::{self, Existing};
use super::{Trail, config::Config, keys};
use crate::args::audit::Known as Args;
use crate::exit::{Code, Stop};

/// All that is known.
#[derive(Default)]
pub(crate) struct Known {
    root: Option<RootKey>,
    identity: Option<Identity>,
    pub(crate) witnesses: Vec<Verifier>,
    pub(crate) signed: Vec<Note>,
}

impl Known {
    /// What the command line names, what is configured and what was remembered.
    pub(crate) fn gather(args: &Args, trail: &Trail<'_>, config: &Config) -> anyhow::Result<Self> {
        let mut known = Known {
            root: args.root_key.as_deref().map(keys::root).transpose()?,
            identity: args.identity.as_deref().map(identity).transpose()?,
            witnesses: config
                .witnesses
                .iter()
                .map(|one| one.key.0.clone())
                .collect(),
            signed: Vec::new(),
        };
        for key in &args.witness {
            known.witnesses.push(witness(key)?);
        }
        for path in &args.checkpoint {
            known.signed.push(checkpoint(path)?);
        }
        if known.identity.is_none() {
            known.identity = founded(trail)?;
        }
        known.signed.extend(kept(trail)?);
        if known.root.is_none() {
            // beside the log it proves less, and the report says so
            known.root = trail.log().ok().and_then(|log| log.root().ok()).flatten();
        }
        Ok(known)
    }

    /// The name of the log this should be: the one known, or else the one found.
    pub(crate) fn origin(&self, reader: &Reader) -> anyhow::Result<String> {
        let found = reader.identity().ok().flatten();
        let identity = self.identity.as_ref().or(found.as_ref());
        let missing = || Stop::new(Code::Unproven, "the log's own log.json is gone or damaged");
        Ok(identity.ok_or_else(missing)?.origin().to_owned())
    }

    pub(crate) fn expect(&self) -> Expect<'_> {
        Expect {
            root: self.root.as_ref(),
            identity: self.identity.as_ref(),
            witnesses: self.witnesses.clone(),
            signed: self.signed.clone(),
        }
    }
}

/// What lies beside the log's folder: the identity it was founded with.
fn founded(trail: &Trail<'_>) -> anyhow::Result<Option<Identity>> {
    let path = trail.folder.with_file_name(hooks::IDENTITY);
    if path.exists() {
        return identity(&path).map(Some);
    }
    Ok(None)
}

/// The newest checkpoint that was kept beside the log's folder.
fn kept(trail: &Trail<'_>) -> anyhow::Result<Option<Note>> {
    let path = trail.folder.with_file_name(hooks::CHECKPOINT);
    if path.exists() {
        return checkpoint(&path).map(Some);
    }
    Ok(None)
}

/// Remembers which log this is and how long it is. The first identity stands.
pub(crate) fn remember(trail: &Trail<'_>, known: &Identity, note: &Note) -> anyhow::Result<()> {
    let beside = |name| trail.folder.with_file_name(name);
    if founded(trail)?.is_none() {
        let text = format!("{}\n", known.to_json());
        write(&beside(hooks::IDENTITY), &text)?;
    }
    write(&beside(hooks::CHECKPOINT), &note.to_string())
}

fn write(path: &Path, text: &str) -> anyhow::Result<()> {
    file::write(path, Existing::Replace, |out| {
        Ok(out.write_all(text.as_bytes())?)
    })
}

/// A log's identity from a copy of its `log.json`.
fn identity(path: &Path) -> anyhow::Result<Identity> {
    let text = file::text(path)?;
    Identity::from_json(text.trim()).ok_or_else(|| {
        let what = format!("`{}` is not a copy of a log.json", path.display());
        Stop::new(Code::Usage, what).into()
    })
}

fn checkpoint(path: &Path) -> anyhow::Result<Note> {
    let parsed = note::parse(&file::text(path)?);
    let of = |note: &Note| Checkpoint::parse(&note.text).map(drop);
    let checked = parsed.and_then(|note| of(&note).map(|()| note));
    checked.map_err(|error| {
        let what = format!("`{}` is not a checkpoint: {error}", path.display());
        Stop::new(Code::Usage, what).into()
    })
}

/// The key of a witness.
pub(crate) fn witness(text: &str) -> Result<Verifier, Stop> {
    let key = Verifier::from_str(text);
    key.ok()
        .filter(|key| key.kind() == Kind::Cosignature)
        .ok_or_else(|| {
            let what = format!("`{text}` is not the key of a witness");
            Stop::new(Code::Usage, what).next("ccs audit witness list shows a witness's key")
        })
}

/// A log's key: as text, or in a copy of its `log.json`.
pub(crate) fn log_key(text: &str) -> anyhow::Result<Verifier> {
    if let Ok(key) = Verifier::from_str(text) {
        return match key.kind() {
            Kind::Plain => Ok(key),
            Kind::Cosignature => {
                let what = format!("`{text}` is the key of a witness, not of a log");
                Err(Stop::new(Code::Usage, what).into())
            }
        };
    }
    let path = Path::new(text);
    if !path.is_file() {
        let what = format!("`{text}` is neither a log's key nor a file");
        let next = "it is in the log's log.json, as log_key; or name that file";
        return Err(Stop::new(Code::Usage, what).next(next).into());
    }
    identity(path).map(|identity| identity.log)
}
