//! The state folder as the place that ccs writes to.

use std::fs;
use std::path::Path;

use ccs_hooks::install::Record;
use ccs_hooks::{opinion, trail};
use ccs_integrity::file::Writer;

use crate::exit::{Code, Stop};
use crate::gate::{BUNDLE, POLICY, PUBLIC, SECRET};
use crate::places::{Places, VAULT};
use crate::posture::{baseline, repair};
use crate::scan::accepted;
use crate::signing;
use crate::undo::Undo;

/// Files by which a state folder is known.
const OURS: [&str; 16] = [
    Record::FILE,
    Undo::FILE,
    POLICY,
    BUNDLE,
    PUBLIC,
    SECRET,
    // the log of earlier versions
    "decisions.jsonl",
    trail::FOLDER,
    trail::IDENTITY,
    trail::KEY,
    VAULT,
    signing::FOLDER,
    baseline::FILE,
    repair::FOLDER,
    accepted::KEY,
    opinion::FOLDER,
];

/// The one writer of this run. The state folder becomes private to its owner, so it must be one:
/// a `CCS_HOME` that names somebody else's folder by mistake would lock others out of it.
///
/// # Errors
///
/// If the folder holds other things, or the home folder, or cannot be locked.
pub(crate) fn writer(places: &Places) -> anyhow::Result<Writer> {
    must_be_ours(places)?;
    Ok(Writer::open(&places.home, &places.state)?)
}

/// Refuses a state folder that is somebody else's.
///
/// # Errors
///
/// If the folder holds other things, or the home folder.
pub(crate) fn must_be_ours(places: &Places) -> Result<(), Stop> {
    let state = &places.state;
    let holds = [&places.home, &places.claude];
    if holds.iter().any(|path| path.starts_with(state)) || !is_own(state) {
        let what = format!("`{}` is not a folder for ccs alone", state.display());
        let next = "name a folder that is empty or not there yet with CCS_HOME, or unset it";
        return Err(Stop::new(Code::Refused, what).next(next));
    }
    Ok(())
}

/// Whether there is no such folder, or nothing in it but what ccs leaves behind.
fn is_own(folder: &Path) -> bool {
    // What cannot be listed cannot be locked either, and that error says why.
    let Ok(entries) = fs::read_dir(folder) else {
        return true;
    };
    let names: Vec<_> = entries.flatten().map(|entry| entry.file_name()).collect();
    let ours = |name: &std::ffi::OsString| OURS.iter().any(|known| name == known);
    let aside = |name: &std::ffi::OsString| {
        let name = name.to_string_lossy();
        name == ".lock" || name == "bin" || name.ends_with(".ccs-new")
    };
    names.iter().any(ours) || names.iter().all(aside)
}
