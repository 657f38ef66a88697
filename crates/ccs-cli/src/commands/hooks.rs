//! `ccs hooks git`: a pre-commit hook that scans what is about to be committed.

mod script;

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::Context;
use ccs_integrity::file::{self, New};
use serde::Serialize;

use crate::args::Json;
use crate::args::scan::{Git, Hooks, Install};
use crate::exit::{Code, Stop};
use crate::output::human::{self, Level, Line};
use crate::output::{Output, json};
use crate::places::Places;
use crate::scan::git;
use crate::state;
use script::Script;

/// The hook's file.
const HOOK: &str = "pre-commit";
/// Where a hook is kept that was there before ours.
const KEPT: &str = "pre-commit.before-ccs";

/// Whoever may run a program may read and run it.
const MODE: u32 = 0o755;

pub(crate) fn run(args: &Hooks, places: &Places, output: &mut Output) -> anyhow::Result<Code> {
    let Hooks::Git(args) = args;
    let repository = Repository::around(&places.cwd)?;
    match args {
        Git::Install(args) => repository.install(args, places, output),
        Git::Uninstall(args) => repository.uninstall(args, places, output),
        Git::Status(args) => repository.status(args, output),
    }
}

/// Where a repository's hooks are.
struct Repository {
    folder: PathBuf,
    hook: PathBuf,
    kept: PathBuf,
}

/// What stands in the hook's place.
enum Found {
    Nothing,
    Ours(Script, Vec<u8>),
    /// Ours, but somebody changed it.
    Changed,
    Other,
}

/// The answer as JSON.
#[derive(Serialize)]
struct Answer<'a> {
    installed: bool,
    hook: &'a Path,
    /// The hook that runs after ours.
    #[serde(skip_serializing_if = "Option::is_none")]
    chained: Option<&'a Path>,
}

impl Repository {
    /// Asks git, which knows about `core.hooksPath` and work trees. It runs hooks in the root, so
    /// a folder of hooks is relative to it.
    fn around(cwd: &Path) -> anyhow::Result<Self> {
        let root = git::root(cwd)?;
        let mut ask = git::git(&root);
        ask.args(["rev-parse", "--git-path", "hooks"]);
        let folder = root.join(git::path(git::answer(ask)?));
        Ok(Self {
            hook: folder.join(HOOK),
            kept: folder.join(KEPT),
            folder,
        })
    }

    fn found(&self) -> anyhow::Result<Found> {
        if fs::symlink_metadata(&self.hook).is_err() {
            return Ok(Found::Nothing);
        }
        // a link that leads nowhere is a hook all the same
        let Some(bytes) = file::read(&self.hook)? else {
            return Ok(Found::Other);
        };
        Ok(match Script::parse(&bytes) {
            Ok(Some(script)) => Found::Ours(script, bytes),
            Ok(None) => Found::Other,
            Err(script::Changed) => Found::Changed,
        })
    }

    fn install(
        &self,
        args: &Install,
        places: &Places,
        output: &mut Output,
    ) -> anyhow::Result<Code> {
        let ccs = std::env::current_exe().context("cannot tell where ccs is")?;
        let script = Script::new(&ccs, args.baseline.as_deref())?;
        fs::create_dir_all(&self.folder)
            .with_context(|| format!("cannot create `{}`", self.folder.display()))?;
        let before = match self.found()? {
            Found::Changed => return Err(self.changed()),
            Found::Nothing => None,
            Found::Ours(_, bytes) => Some(bytes),
            Found::Other => {
                self.keep()?;
                None
            }
        };
        if before.as_deref() != Some(script.text().as_bytes()) {
            self.write(&script, before.as_deref(), places)?;
        }
        let what = format!(
            "`{}` scans what is about to be committed",
            self.hook.display()
        );
        self.say(&args.json, output, Line::new(Level::Done, "hook", what))
    }

    /// Puts the hook that is there aside.
    fn keep(&self) -> anyhow::Result<()> {
        if fs::symlink_metadata(&self.kept).is_ok() {
            let what = format!("`{}` is in the way", self.kept.display());
            let stop = Stop::new(Code::Refused, what);
            return Err(stop.next("delete or rename one of the two hooks").into());
        }
        fs::rename(&self.hook, &self.kept)
            .with_context(|| format!("cannot rename `{}`", self.hook.display()))
    }

    fn write(&self, script: &Script, before: Option<&[u8]>, places: &Places) -> anyhow::Result<()> {
        let path = file::resolve(&std::path::absolute(&self.hook)?)?;
        let new = New {
            before,
            bytes: script.text().as_bytes(),
            mode: Some(MODE),
        };
        let writer = state::writer(places)?.allow_file(&path);
        Ok(writer.replace(&path, &new)?)
    }

    fn uninstall(&self, args: &Json, places: &Places, output: &mut Output) -> anyhow::Result<Code> {
        let line = match self.found()? {
            Found::Changed => return Err(self.changed()),
            Found::Nothing | Found::Other => {
                Line::new(Level::Ok, "hook", "there is no hook of ccs")
            }
            Found::Ours(..) => {
                let path = file::resolve(&std::path::absolute(&self.hook)?)?;
                state::writer(places)?.allow_file(&path).remove(&path)?;
                if fs::symlink_metadata(&self.kept).is_ok() {
                    fs::rename(&self.kept, &self.hook)
                        .with_context(|| format!("cannot rename `{}`", self.kept.display()))?;
                }
                Line::new(
                    Level::Done,
                    "hook",
                    "what is about to be committed is not scanned any more",
                )
            }
        };
        self.say(args, output, line)
    }

    fn status(&self, args: &Json, output: &mut Output) -> anyhow::Result<Code> {
        let hook = self.hook.display();
        let line = match self.found()? {
            Found::Ours(script, _) if !script.program().is_file() => {
                let what = format!(
                    "`{hook}` calls `{}`, which is not there",
                    script.program().display()
                );
                Line::fail("hook.program", what).fix("ccs hooks git install")
            }
            Found::Ours(..) if !is_runnable(&self.hook) => {
                let what = format!("`{hook}` cannot be run, so git passes over it");
                Line::fail("hook.mode", what).fix("ccs hooks git install")
            }
            Found::Ours(..) => Line::ok(
                "hook",
                format!("`{hook}` scans what is about to be committed"),
            ),
            Found::Changed => {
                Line::fail("hook.changed", format!("`{hook}` is not as ccs wrote it"))
            }
            Found::Nothing | Found::Other => {
                let what = "what is about to be committed is not scanned";
                Line::fail("hook.missing", what).fix("ccs hooks git install")
            }
        };
        let good = line.level == Level::Ok;
        self.say(args, output, line)?;
        Ok(if good { Code::Ok } else { Code::Findings })
    }

    fn say(&self, args: &Json, output: &mut Output, line: Line) -> anyhow::Result<Code> {
        let chained = fs::symlink_metadata(&self.kept)
            .is_ok()
            .then_some(self.kept.as_path());
        if args.json {
            let installed = matches!(self.found()?, Found::Ours(..));
            let hook = &self.hook;
            json::value(
                output,
                &Answer {
                    installed,
                    hook,
                    chained,
                },
            )?;
            return Ok(Code::Ok);
        }
        human::line(output, &line)?;
        if let Some(kept) = chained {
            let text = format!("`{}` runs after it", kept.display());
            human::line(output, &Line::info("hook.chained", text))?;
        }
        Ok(Code::Ok)
    }

    fn changed(&self) -> anyhow::Error {
        let what = format!("`{}` is not as ccs wrote it", self.hook.display());
        let next = "move your changes into another hook, delete this one and run the command again";
        Stop::new(Code::Refused, what).next(next).into()
    }
}

#[cfg(unix)]
fn is_runnable(path: &Path) -> bool {
    use std::os::unix::fs::PermissionsExt;
    fs::metadata(path).is_ok_and(|meta| meta.permissions().mode() & 0o111 != 0)
}

#[cfg(not(unix))]
fn is_runnable(path: &Path) -> bool {
    path.is_file()
}
