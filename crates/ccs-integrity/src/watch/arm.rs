//! Where the system is asked to tell about events.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use notify::event::{AccessKind, AccessMode, CreateKind, ModifyKind, RemoveKind};
use notify::{Config, Event, EventKind, RecommendedWatcher, RecursiveMode, Watcher};

use super::Signal;
use crate::walk::Root;

/// Watches that are up as long as this lives.
pub(super) struct Watches {
    _watcher: RecommendedWatcher,
}

impl Watches {
    /// A folder is watched with all below it. A file is watched through its folder, because
    /// editors replace files; what does not exist yet through the nearest folder that does.
    pub(super) fn put_up(roots: &[Root], signal: &Signal) -> notify::Result<Self> {
        let signal = signal.clone();
        let handler = move |event: notify::Result<Event>| match event {
            Ok(event) if is_only_reading(&event.kind) => {}
            Ok(event) => signal.raise(event.need_rescan() || is_about_folders(&event)),
            // The system could not tell what happened.
            Err(_) => signal.raise(true),
        };
        let config = Config::default().with_follow_symlinks(false);
        let mut watcher = RecommendedWatcher::new(handler, config)?;
        for (path, mode) in places(roots) {
            match watcher.watch(&path, mode) {
                Err(error) if path.exists() => return Err(error),
                // It went in the meantime; the folder above it is watched as well.
                _ => {}
            }
        }
        Ok(Watches { _watcher: watcher })
    }
}

fn places(roots: &[Root]) -> BTreeMap<PathBuf, RecursiveMode> {
    let mut places = BTreeMap::new();
    for root in roots {
        let is_folder = fs::symlink_metadata(&root.path).is_ok_and(|m| m.is_dir());
        if is_folder {
            places.insert(root.path.clone(), RecursiveMode::Recursive);
        }
        let above = root.path.ancestors().skip(1).find(|path| path.is_dir());
        let above = above.unwrap_or(Path::new("/")).to_owned();
        places.entry(above).or_insert(RecursiveMode::NonRecursive);
    }
    places
}

/// Our own verification opens every file.
fn is_only_reading(kind: &EventKind) -> bool {
    match kind {
        EventKind::Access(AccessKind::Close(AccessMode::Write)) => false,
        EventKind::Access(_) => true,
        _ => false,
    }
}

fn is_about_folders(event: &Event) -> bool {
    match event.kind {
        EventKind::Create(CreateKind::File) => false,
        EventKind::Create(_) => event.paths.iter().any(|path| path.is_dir()),
        EventKind::Remove(RemoveKind::File) => false,
        EventKind::Remove(_) | EventKind::Any | EventKind::Other => true,
        EventKind::Modify(ModifyKind::Name(_)) => true,
        EventKind::Modify(_) | EventKind::Access(_) => false,
    }
}
