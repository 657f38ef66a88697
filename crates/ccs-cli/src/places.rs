//! Where things are. The only reader of HOME and the other variables that name a place.

use std::env;
use std::path::{Path, PathBuf};

use crate::args::Scope;
use crate::exit::{Code, Stop};

/// The name of the vault's folder in the state folder.
pub(crate) const VAULT: &str = "vault";

/// The file that says what happens with a prompt that is to be sent again, in the state folder.
pub(crate) const CLIPBOARD: &str = "clipboard";

/// The folder of notes on sessions that were not seen to end, in the state folder.
pub(crate) const SESSIONS: &str = "sessions";
/// A long prompt that is to be sent again, in the state folder.
pub(crate) const RESEND: &str = "resend.txt";

/// The places a command works with; all absolute.
#[derive(Clone, Debug)]
pub(crate) struct Places {
    pub(crate) home: PathBuf,
    /// The client's own folder, `~/.claude`.
    pub(crate) claude: PathBuf,
    /// Our state, `~/.claude/ccs`.
    pub(crate) state: PathBuf,
    pub(crate) cwd: PathBuf,
    pub(crate) managed: PathBuf,
    /// Whether the home folder was named on the command line.
    pub(crate) home_given: bool,
}

impl Places {
    /// The client's managed settings.
    pub(crate) const MANAGED: &str = if cfg!(target_os = "macos") {
        "/Library/Application Support/ClaudeCode/managed-settings.json"
    } else if cfg!(windows) {
        r"C:\Program Files\ClaudeCode\managed-settings.json"
    } else {
        "/etc/claude-code/managed-settings.json"
    };

    /// Looks at `--home` and the environment. With `--home`, variables that move the client's
    /// folder are not looked at: they belong to whoever runs ccs.
    pub(crate) fn find(home: Option<&Path>) -> anyhow::Result<Self> {
        let given = home.is_some();
        let home = match home {
            Some(home) => Some(std::path::absolute(home)?),
            None => variable("HOME")?,
        };
        let Some(home) = home else {
            let stop = Stop::new(Code::Usage, "HOME is not set");
            return Err(stop.next("name the home folder with --home DIR").into());
        };
        let moved = match variable("CLAUDE_CONFIG_DIR")? {
            None => variable("CLAUDE_CODE_SECURITY_HOME")?,
            moved => moved,
        };
        let claude = moved
            .filter(|_| !given)
            .unwrap_or_else(|| home.join(".claude"));
        let state = variable("CCS_HOME")?.unwrap_or_else(|| claude.join("ccs"));
        Ok(Places {
            home,
            claude,
            state,
            cwd: env::current_dir()?,
            managed: PathBuf::from(Self::MANAGED),
            home_given: given,
        })
    }

    /// The same with the managed settings in another place.
    pub(crate) fn with_managed(&self, file: Option<&Path>) -> anyhow::Result<Self> {
        let mut places = self.clone();
        if let Some(file) = file {
            places.managed = std::path::absolute(file)?;
        }
        Ok(places)
    }

    /// The settings file of a scope. That of a project is the local one: it names a path on this
    /// machine, which must not reach others through version control.
    pub(crate) fn settings(&self, scope: Scope) -> PathBuf {
        match scope {
            Scope::User => self.claude.join("settings.json"),
            Scope::Managed => self.managed.clone(),
            Scope::Project => self.cwd.join(".claude/settings.local.json"),
        }
    }

    /// Where the hook program belongs: beside the managed settings, owned by root, if they
    /// register it, and in the state folder otherwise.
    pub(crate) fn hook(&self, managed: Option<&Path>) -> PathBuf {
        let name = format!("ccs-hook{}", env::consts::EXE_SUFFIX);
        match managed.and_then(Path::parent) {
            Some(folder) if folder.ends_with("managed-settings.d") => {
                folder.with_file_name("ccs").join("bin").join(name)
            }
            Some(folder) => folder.join("ccs/bin").join(name),
            None => self.state.join("bin").join(name),
        }
    }

    /// Of these folders, those that the state folder lies in.
    pub(crate) fn above_state(&self, folders: &[PathBuf]) -> Vec<PathBuf> {
        let above = |folder: &&PathBuf| self.state.starts_with(folder) && **folder != self.state;
        folders.iter().filter(above).cloned().collect()
    }

    /// The folder of the vault, with its keys.
    pub(crate) fn vault(&self) -> PathBuf {
        self.in_state(VAULT)
    }

    /// A file in the state folder.
    pub(crate) fn in_state(&self, name: &str) -> PathBuf {
        self.state.join(name)
    }
}

/// An absolute path from the environment; an empty variable counts as unset.
fn variable(name: &str) -> Result<Option<PathBuf>, Stop> {
    match env::var_os(name)
        .filter(|value| !value.is_empty())
        .map(PathBuf::from)
    {
        Some(path) if !path.is_absolute() => {
            let what = format!(
                "{name} is `{}`, which is not an absolute path",
                path.display()
            );
            Err(Stop::new(Code::Usage, what).next(format!("set {name} to an absolute path")))
        }
        path => Ok(path),
    }
}
