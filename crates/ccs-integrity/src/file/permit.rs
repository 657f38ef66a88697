//! Where a writer may write.

use std::fs;
use std::path::{Component, Path, PathBuf};

use crate::error::Error;

/// Places below the home folder that ccs never writes to, whatever it is told: credentials,
/// transcripts, plugins, shell start-up files and the settings of other programs.
pub const NEVER: &[&str] = &[
    ".ssh",
    ".gnupg",
    ".aws",
    ".azure",
    ".kube",
    ".docker",
    ".config/gcloud",
    ".config/gh",
    ".netrc",
    ".npmrc",
    ".pypirc",
    ".git-credentials",
    ".gitconfig",
    ".profile",
    ".bashrc",
    ".bash_profile",
    ".zshrc",
    ".zprofile",
    ".zshenv",
    ".config/fish",
    ".claude.json",
    ".claude/.credentials.json",
    ".claude/CLAUDE.md",
    ".claude/projects",
    ".claude/history.jsonl",
    ".claude/plugins",
    ".claude/skills",
    ".claude/agents",
    ".claude/commands",
    ".config/Claude",
    "Library/Application Support/Claude",
    "AppData/Roaming/Claude",
];

/// Of those, the places that hold texts of many authors, one file each: there a file may be
/// written that is named by itself.
const SHARED: &[&str] = &[".claude/skills", ".claude/commands"];

#[derive(Clone, Debug)]
pub(super) struct Permit {
    home: PathBuf,
    places: Vec<Place>,
    never: Vec<PathBuf>,
    /// Files of ours in [`SHARED`].
    own: Vec<PathBuf>,
}

#[derive(Clone, Debug)]
enum Place {
    File(PathBuf),
    Folder(PathBuf),
}

impl Permit {
    pub(super) fn new(home: &Path) -> Self {
        Permit {
            home: home.to_owned(),
            places: Vec::new(),
            own: Vec::new(),
            never: NEVER.iter().map(|place| home.join(place)).collect(),
        }
    }

    pub(super) fn file(mut self, path: &Path) -> Self {
        self.places.push(Place::File(path.to_owned()));
        self
    }

    pub(super) fn folder(mut self, path: &Path) -> Self {
        self.places.push(Place::Folder(path.to_owned()));
        self
    }

    /// A file that may also lie in one of [`SHARED`].
    pub(super) fn own(mut self, path: &Path) -> Self {
        let is_below = |place: &&str| {
            let place = self.home.join(place);
            path.starts_with(&place) && path != place
        };
        if SHARED.iter().any(is_below) {
            self.own.extend([path.to_owned(), real(path)]);
        }
        self.file(path)
    }

    /// Refuses a file outside the allowed places, by its name and by where that name really leads.
    pub(super) fn check(&self, path: &Path) -> Result<(), Error> {
        self.judge(path, |place, path| match place {
            Place::File(file) => path == file,
            Place::Folder(folder) => path.starts_with(folder) && path != folder,
        })
    }

    /// The same for a folder: an allowed one, one below it, or one on the way to an allowed place.
    pub(super) fn check_folder(&self, path: &Path) -> Result<(), Error> {
        self.judge(path, |place, path| match place {
            Place::File(file) => file.starts_with(path),
            Place::Folder(folder) => path.starts_with(folder) || folder.starts_with(path),
        })
    }

    fn judge(&self, path: &Path, fits: impl Fn(&Place, &Path) -> bool) -> Result<(), Error> {
        let real_path = real(path);
        let allowed = is_plain(path)
            && self.places.iter().any(|place| fits(place, path))
            && self
                .places
                .iter()
                .any(|place| fits(&place.real(), &real_path))
            && !self.is_never(path)
            && !self.is_never(&real_path);
        if allowed {
            return Ok(());
        }
        let path = path.to_owned();
        Err(Error::Forbidden { path })
    }

    fn is_never(&self, path: &Path) -> bool {
        let within = |place: &PathBuf| path.starts_with(place) || path.starts_with(real(place));
        let leads_to = |own: &PathBuf| own.starts_with(path);
        self.never.iter().any(within) && !self.own.iter().any(leads_to)
    }
}

impl Place {
    fn real(&self) -> Self {
        match self {
            Place::File(path) => Place::File(real(path)),
            Place::Folder(path) => Place::Folder(real(path)),
        }
    }
}

/// Absolute, and without a step upwards.
fn is_plain(path: &Path) -> bool {
    path.is_absolute() && !path.components().any(|part| part == Component::ParentDir)
}

/// The path with the links in its folders followed, as far as they exist. The last part is not
/// followed: a link there is refused later, by name.
fn real(path: &Path) -> PathBuf {
    let (Some(parent), Some(name)) = (path.parent(), path.file_name()) else {
        return path.to_owned();
    };
    match fs::canonicalize(parent) {
        Ok(parent) => parent.join(name),
        Err(_) => real(parent).join(name),
    }
}
