//! What has to be settled before files are changed: whose they are, and whether to go on.

use std::env;
use std::io::{self, IsTerminal, Write};
use std::path::Path;

use crate::args::{Change as Options, Scope};
use crate::exit::{Code, Stop};
use crate::layout::Target;
use crate::places::Places;
use crate::plan::{self, Change};

/// Under sudo the home folder is usually root's, which is hardly ever meant.
pub(crate) fn must_know_whose(places: &Places) -> Result<(), Stop> {
    let Some(user) = env::var_os("SUDO_USER").filter(|user| user != "root") else {
        return Ok(());
    };
    if places.home_given {
        return Ok(());
    }
    let what = "under sudo it is not clear whose Claude Code is meant";
    let next = format!("add --home ~{}", user.to_string_lossy());
    Err(Stop::new(Code::Usage, what).next(next))
}

/// The system's managed settings are root's.
pub(crate) fn must_be_root(targets: &[Target], next: &str) -> Result<(), Stop> {
    let is_roots = |target: &&Target| {
        target.scope == Scope::Managed
            && target.path.parent() == Path::new(Places::MANAGED).parent()
    };
    match targets.iter().find(is_roots) {
        Some(target) if !is_root() => {
            let what = format!(
                "`{}` belongs to root; nothing was changed",
                target.path.display()
            );
            Err(Stop::new(Code::Refused, what).next(next))
        }
        _ => Ok(()),
    }
}

fn is_root() -> bool {
    #[cfg(unix)]
    {
        rustix::process::geteuid().is_root()
    }
    #[cfg(not(unix))]
    {
        // The system itself refuses there.
        true
    }
}

/// On a terminal, names the files and waits for a yes.
pub(crate) fn confirm(options: &Options, changes: &[Change]) -> anyhow::Result<()> {
    if options.yes || options.json || !io::stdin().is_terminal() || !io::stderr().is_terminal() {
        return Ok(());
    }
    let paths: Vec<String> = plan::paths(changes)
        .map(|path| path.display().to_string())
        .collect();
    if paths.is_empty() {
        return Ok(());
    }
    let question = format!(
        "These files will be changed:\n  {}\nGo on? [Y/n] ",
        paths.join("\n  ")
    );
    io::stderr().write_all(question.as_bytes())?;
    let mut answer = String::new();
    io::stdin().read_line(&mut answer)?;
    match answer.trim().to_lowercase().as_str() {
        "" | "y" | "yes" => Ok(()),
        _ => Err(Stop::new(Code::Refused, "stopped; nothing was changed").into()),
    }
}
