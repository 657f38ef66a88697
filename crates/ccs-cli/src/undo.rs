//! `undo.json`: what setup changed outside the state folder, so that uninstall can restore it.

use std::path::{Path, PathBuf};

use ccs_integrity::file;
use ccs_integrity::settings::Receipt;
use serde::{Deserialize, Serialize};

use crate::args::Scope;
use crate::exit::{Code, Stop};
use crate::places::Places;
use crate::profile::Profile;

#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Undo {
    /// The version of this format, 1.
    pub(crate) version: u32,
    pub(crate) files: Vec<Edited>,
    /// Folders that setup created, outermost first.
    #[serde(default)]
    pub(crate) folders: Vec<PathBuf>,
}

/// One settings file.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Edited {
    pub(crate) scope: Scope,
    /// The file itself, no link to it.
    pub(crate) path: PathBuf,
    /// Whether it did not exist before.
    pub(crate) created: bool,
    pub(crate) receipt: Receipt,
    /// The profile that is in it.
    #[serde(default, skip_serializing_if = "Profile::is_none")]
    pub(crate) profile: Profile,
}

impl Undo {
    pub(crate) const FILE: &'static str = "undo.json";

    /// Reads the record; an empty one if there is none.
    pub(crate) fn read(places: &Places) -> anyhow::Result<Self> {
        let path = places.in_state(Self::FILE);
        let Some(bytes) = file::read(&path)? else {
            return Ok(Undo::default());
        };
        match serde_json::from_slice(&bytes) {
            Ok(undo @ Undo { version: 1, .. }) => Ok(undo),
            _ => {
                let what = format!("`{}` is not a record of this version", path.display());
                let next = format!(
                    "delete {}; what ccs added is then found by its name",
                    path.display()
                );
                Err(Stop::new(Code::Unproven, what).next(next).into())
            }
        }
    }

    pub(crate) fn of(&self, path: &Path) -> Option<&Edited> {
        self.files.iter().find(|edited| edited.path == path)
    }

    pub(crate) fn to_bytes(&self) -> Vec<u8> {
        let mut text = serde_json::to_vec_pretty(self).expect("a record is plain data");
        text.push(b'\n');
        text
    }
}
