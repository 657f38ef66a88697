//! Files that commands leave for people: private, whole or not at all, and never over another.

use std::fs::{self, File, OpenOptions};
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use anyhow::Context;

use crate::exit::{Code, Stop};

/// What stands in the place of a file that is there.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Existing {
    Keep,
    Replace,
}

/// Writes a private file; `fill` writes what is in it.
pub(crate) fn write<T>(
    path: &Path,
    existing: Existing,
    fill: impl FnOnce(&mut dyn Write) -> anyhow::Result<T>,
) -> anyhow::Result<T> {
    if existing == Existing::Keep && fs::symlink_metadata(path).is_ok() {
        let what = format!("`{}` is there already", path.display());
        return Err(Stop::new(Code::Refused, what)
            .next("name another file")
            .into());
    }
    let aside = aside(path);
    let failed = || format!("cannot write `{}`", path.display());
    let file = create(&aside).with_context(failed)?;
    let filled = fill_and_sync(file, fill).and_then(|value| {
        fs::rename(&aside, path)
            .map(|()| value)
            .with_context(failed)
    });
    if filled.is_err() {
        let _ = fs::remove_file(&aside); // the error says more
    }
    filled
}

fn fill_and_sync<T>(
    file: File,
    fill: impl FnOnce(&mut dyn Write) -> anyhow::Result<T>,
) -> anyhow::Result<T> {
    let mut file = io::BufWriter::with_capacity(1 << 16, file);
    let value = fill(&mut file)?;
    file.into_inner()
        .map_err(io::IntoInnerError::into_error)?
        .sync_all()?;
    Ok(value)
}

fn aside(path: &Path) -> PathBuf {
    let mut name = path.file_name().unwrap_or_default().to_owned();
    name.push(format!(".new.{}", std::process::id()));
    path.with_file_name(name)
}

fn create(path: &Path) -> io::Result<File> {
    let mut options = OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options.open(path)
}

/// Text from a file, up to a megabyte.
pub(crate) fn text(path: &Path) -> anyhow::Result<String> {
    let failed = || format!("cannot read `{}`", path.display());
    let length = fs::metadata(path).with_context(failed)?.len();
    if length > 1 << 20 {
        let what = format!("`{}` is longer than a megabyte", path.display());
        return Err(Stop::new(Code::Refused, what).into());
    }
    fs::read_to_string(path).with_context(failed)
}
