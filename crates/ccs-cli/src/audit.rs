//! The audit log as the commands use it: where it is, how it is opened, what is looked for.

pub(crate) mod act;
pub(crate) mod config;
pub(crate) mod file;
pub(crate) mod keys;
pub(crate) mod known;
pub(crate) mod sink;
pub(crate) mod when;

use std::path::{Path, PathBuf};

use ccs_audit::{Filter, Log, Options, Reader};
use ccs_hooks::trail;

use crate::args::audit::{Audit, Select};
use crate::places::Places;

/// A log and what belongs to it.
pub(crate) struct Trail<'a> {
    pub(crate) places: &'a Places,
    pub(crate) folder: PathBuf,
    pub(crate) archives: Vec<PathBuf>,
}

impl<'a> Trail<'a> {
    /// The log a command line is about.
    pub(crate) fn of(args: &Audit, places: &'a Places) -> anyhow::Result<Self> {
        let own = trail::folder(&places.state);
        Ok(Trail {
            places,
            folder: absolute(args.log.as_deref().unwrap_or(&own))?,
            archives: args.archive.clone(),
        })
    }

    /// The log in the state folder.
    pub(crate) fn own(places: &'a Places) -> Self {
        Trail {
            places,
            folder: trail::folder(&places.state),
            archives: Vec::new(),
        }
    }

    /// To read with details opened, as far as there is a key.
    pub(crate) fn reader(&self) -> anyhow::Result<Reader> {
        let key = trail::details_key(&self.places.state)?;
        let reader = Reader::with_archives(&self.folder, key.as_ref(), &self.archives)?;
        Ok(reader)
    }

    /// To read with encrypted details left as they are.
    pub(crate) fn sealed_reader(&self) -> ccs_audit::Result<Reader> {
        Reader::with_archives(&self.folder, None, &self.archives)
    }

    /// To write to a log that is there.
    pub(crate) fn log(&self) -> anyhow::Result<Log> {
        if self.folder == trail::folder(&self.places.state) {
            return trail::open(&self.places.state).map_err(|error| match error {
                trail::Error::Log(error) => error.into(),
                other => other.into(),
            });
        }
        let options = Options {
            details_key: trail::details_key(&self.places.state)?,
            ..Options::default()
        };
        Ok(Log::open(&self.folder, options)?)
    }
}

fn absolute(path: &Path) -> anyhow::Result<PathBuf> {
    Ok(std::path::absolute(path)?)
}

/// What the command line asks for.
pub(crate) fn filter(select: &Select) -> Filter {
    let text = |value: &Option<String>| value.clone().unwrap_or_default();
    Filter {
        session: text(&select.session),
        event: text(&select.kind),
        tool: text(&select.tool),
        decision: text(&select.decision),
        rule: text(&select.rule),
        agent: text(&select.agent),
        user: text(&select.user),
        text: text(&select.text),
        since: select.since,
        until: select.until,
        ..Filter::default()
    }
}
