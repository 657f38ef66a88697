//! `ccs vault where`: other copies of stored values, found by their fingerprints while the vault
//! stays locked.

use std::fs::File;
use std::path::{Path, PathBuf};
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};

use ccs_vault::{Error, Fingerprints};
use ignore::{DirEntry, WalkBuilder, WalkState};

use crate::args::vault::Where;
use crate::exit::Code;
use crate::output::copies::{self as text, Copy, Found};
use crate::output::{Output, json};
use crate::places::Places;
use crate::scan::walk::root;
use crate::vault::search;

pub(super) fn find(args: &Where, places: &Places, output: &mut Output) -> anyhow::Result<Code> {
    let folder = places.vault();
    let prints = Fingerprints::read(&folder)?.ok_or_else(|| Error::Missing {
        path: folder.clone(),
        next: "make a vault first",
    })?;
    let roots = args.paths.iter().map(|path| root(path));
    let roots = roots.collect::<anyhow::Result<Vec<_>>>()?;
    let found = Search::new(args, &prints, &folder).run(&roots);
    if args.json.json {
        json::value(output, &found)?;
    } else {
        text::found(output, &found, args.no_ignore)?;
    }
    Ok(
        match (found.copies.is_empty(), found.unreadable.is_empty()) {
            (false, _) => Code::Findings,
            (true, false) => Code::File,
            (true, true) => Code::Ok,
        },
    )
}

struct Search<'a> {
    args: &'a Where,
    prints: &'a Fingerprints,
    /// Not looked into: it is encrypted.
    own: &'a Path,
    files: AtomicUsize,
    found: Mutex<Found>,
}

impl<'a> Search<'a> {
    fn new(args: &'a Where, prints: &'a Fingerprints, own: &'a Path) -> Self {
        Self {
            args,
            prints,
            own,
            files: AtomicUsize::new(0),
            found: Mutex::default(),
        }
    }

    fn run(self, roots: &[PathBuf]) -> Found {
        self.walk(roots).build_parallel().run(|| {
            Box::new(|entry| {
                self.look(entry);
                WalkState::Continue
            })
        });
        let mut found = self
            .found
            .into_inner()
            .unwrap_or_else(|broken| broken.into_inner());
        found.copies.sort();
        found.copies.dedup();
        found.unreadable.sort();
        found.files = self.files.into_inner();
        found
    }

    fn walk(&self, roots: &[PathBuf]) -> WalkBuilder {
        let mut roots = roots.iter();
        let mut walk = WalkBuilder::new(roots.next().map_or(Path::new("."), PathBuf::as_path));
        for root in roots {
            walk.add(root);
        }
        let (heeded, own) = (!self.args.no_ignore, self.own.to_owned());
        // `.env` and its like are what this is for
        walk.standard_filters(heeded)
            .hidden(false)
            .require_git(false);
        walk.filter_entry(move |entry| {
            let is_git = heeded && entry.depth() > 0 && entry.file_name() == ".git";
            !is_git && entry.path() != own
        });
        walk
    }

    fn look(&self, entry: Result<DirEntry, ignore::Error>) {
        let looked = match &entry {
            Ok(entry) if entry.file_type().is_some_and(|kind| kind.is_file()) => {
                self.file(entry.path())
            }
            Ok(_) => return,
            Err(error) => Err(error.to_string()),
        };
        if let Err(why) = looked {
            self.add(|found| found.unreadable.push(why));
        }
    }

    fn file(&self, path: &Path) -> Result<(), String> {
        let failed = |error| format!("{}: {error}", path.display());
        let file = File::open(path).map_err(failed)?;
        let mut copies = Vec::new();
        let names = &self.args.name;
        search::each(file, self.prints, &mut |place, hit| {
            if names.is_empty() || names.contains(hit.name) {
                copies.push(Copy {
                    path: path.to_owned(),
                    line: place.line,
                    column: place.column,
                    name: hit.name.clone(),
                    form: hit.form,
                });
            }
        })
        .map_err(failed)?;
        self.files.fetch_add(1, Ordering::Relaxed);
        if !copies.is_empty() {
            self.add(|found| found.copies.append(&mut copies));
        }
        Ok(())
    }

    fn add(&self, what: impl FnOnce(&mut Found)) {
        let mut found = self
            .found
            .lock()
            .unwrap_or_else(|broken| broken.into_inner());
        what(&mut found);
    }
}
