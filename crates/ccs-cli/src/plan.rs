//! Changes to files, first thought out, then shown or made.

use std::io::{self, Write};
use std::path::{Path, PathBuf};

use ccs_integrity::diff;
use ccs_integrity::file::{self, New, Writer};

use crate::output::Output;
use crate::output::human::{Level, Line};

/// One file before and after.
#[derive(Clone, Debug)]
pub(crate) struct Change {
    pub(crate) path: PathBuf,
    pub(crate) before: Option<Vec<u8>>,
    /// `None` deletes it.
    pub(crate) after: Option<Vec<u8>>,
    pub(crate) kind: Kind,
}

/// What sort of file it is: decides its mode, whether it is backed up, and how it is shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    /// A settings file of the user's: backed up, mode kept.
    Settings,
    /// Settings that everybody on the machine reads.
    Managed,
    /// A settings file without our parts: what is lost is ours.
    Restored,
    /// A text of ours.
    Own,
    /// A text of ours among the client's skills and slash commands.
    Companion,
    /// Keys and signatures, which tell a reader nothing: not shown.
    Opaque,
    /// A program that this user runs.
    Program,
    /// A program that everybody on the machine runs.
    SharedProgram,
}

impl Kind {
    /// The mode of the file, if it is not left as it is.
    fn mode(self, is_new: bool) -> Option<u32> {
        match self {
            Kind::Settings | Kind::Restored => None,
            Kind::Managed => is_new.then_some(0o644),
            Kind::Own | Kind::Companion | Kind::Opaque => Some(0o600),
            Kind::Program | Kind::SharedProgram => Some(0o755),
        }
    }

    /// The mode of folders made for it.
    fn folder_mode(self) -> u32 {
        match self {
            Kind::Managed | Kind::SharedProgram => 0o755,
            _ => 0o700,
        }
    }

    fn is_kept(self) -> bool {
        matches!(self, Kind::Settings | Kind::Managed)
    }

    fn is_text(self) -> bool {
        !matches!(self, Kind::Opaque | Kind::Program | Kind::SharedProgram)
    }
}

impl Change {
    /// The file as it is on the disk, to become `after`.
    pub(crate) fn to(path: PathBuf, after: Option<Vec<u8>>, kind: Kind) -> anyhow::Result<Self> {
        let before = file::read(&path)?;
        Ok(Change {
            path,
            before,
            after,
            kind,
        })
    }

    pub(crate) fn is_needed(&self) -> bool {
        self.before != self.after
    }

    /// What happens to the file, in words.
    fn describe(&self, tense: Tense) -> String {
        let verb = match (&self.before, &self.after) {
            (None, _) => "created",
            (Some(_), None) => "deleted",
            (Some(_), Some(_)) => "changed",
        };
        match tense {
            Tense::Would => format!("{} would be {verb}", self.path.display()),
            Tense::Was => format!("{} {verb}", self.path.display()),
        }
    }

    /// Writes what would change: a diff of a text, one line for anything else.
    fn show(&self, output: &mut Output) -> io::Result<()> {
        let name = self.path.display().to_string();
        let named = |text: &Option<Vec<u8>>| match text {
            Some(_) => name.clone(),
            None => "/dev/null".to_owned(),
        };
        match (text(self.before.as_ref()), text(self.after.as_ref())) {
            (Some(before), Some(after)) if self.kind.is_text() => {
                let names = (named(&self.before), named(&self.after));
                let diff = diff::unified((&names.0, &names.1), before, after);
                write!(output, "{diff}")
            }
            _ => writeln!(output, "# {}{}", self.describe(Tense::Would), self.size()),
        }
    }

    fn size(&self) -> String {
        match &self.after {
            Some(bytes) if self.kind != Kind::Opaque => format!(" ({} bytes)", bytes.len()),
            _ => String::new(),
        }
    }

    /// Makes the change and says so.
    fn make(&self, writer: &Writer) -> anyhow::Result<Line> {
        let backup = match (&self.before, self.kind.is_kept()) {
            (Some(_), true) => Some(writer.backup(&self.path)?),
            _ => None,
        };
        match &self.after {
            None => writer.remove(&self.path)?,
            Some(bytes) => {
                if let Some(folder) = self.path.parent() {
                    writer.create_folder(folder, self.kind.folder_mode())?;
                }
                let new = New {
                    before: self.before.as_deref(),
                    bytes,
                    mode: self.kind.mode(self.before.is_none()),
                };
                writer.replace(&self.path, &new)?;
            }
        }
        let mut text = self.describe(Tense::Was);
        if let Some(backup) = backup {
            text.push_str(&format!(" (backup: {})", backup.display()));
        }
        Ok(Line::new(Level::Done, "file", text))
    }
}

/// A file's text, empty if it does not exist; `None` if it is not text.
fn text(bytes: Option<&Vec<u8>>) -> Option<&str> {
    bytes.map_or(Some(""), |bytes| std::str::from_utf8(bytes).ok())
}

#[derive(Clone, Copy)]
enum Tense {
    Would,
    Was,
}

/// Shows what would change; says so if nothing would.
pub(crate) fn show(changes: &[Change], output: &mut Output) -> io::Result<()> {
    let mut needed = changes
        .iter()
        .filter(|change| change.is_needed())
        .peekable();
    if needed.peek().is_none() {
        return writeln!(output, "# nothing would change");
    }
    needed.try_for_each(|change| change.show(output))
}

/// Makes the changes that are needed, in order.
pub(crate) fn make<'a>(
    changes: impl IntoIterator<Item = &'a Change>,
    writer: &Writer,
) -> anyhow::Result<Vec<Line>> {
    let needed = changes.into_iter().filter(|change| change.is_needed());
    needed.map(|change| change.make(writer)).collect()
}

/// A writer that may write what the changes name.
pub(crate) fn allow(writer: Writer, changes: &[Change]) -> Writer {
    changes
        .iter()
        .fold(writer, |writer, change| match change.kind {
            Kind::Companion => writer.allow_own(&change.path),
            _ => writer.allow_file(&change.path),
        })
}

/// One line for each change, for `--json`.
pub(crate) fn summary(changes: &[Change]) -> Vec<Line> {
    let needed = changes.iter().filter(|change| change.is_needed());
    needed
        .map(|change| Line::info("file", change.describe(Tense::Would)))
        .collect()
}

/// The folders on the way to `path` that do not exist yet, outermost first.
pub(crate) fn missing_folders(path: &Path) -> Vec<PathBuf> {
    let above = path.ancestors().skip(1);
    let mut missing: Vec<_> = above.take_while(|folder| !folder.exists()).collect();
    missing.reverse();
    missing.into_iter().map(Path::to_owned).collect()
}

/// The paths that would be changed.
pub(crate) fn paths(changes: &[Change]) -> impl Iterator<Item = &Path> {
    let needed = changes.iter().filter(|change| change.is_needed());
    needed.map(|change| change.path.as_path())
}
