//! Whether a client obeys the hook: a session in a scratch home, with a stand-in for the model.
//!
//! The stand-in asks for two commands. One is harmless by itself and refused by the guard, the other
//! is let through. If the first ran, or the second did not, the client does not speak the hooks'
//! protocol any more. No network is reached but loopback.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use ccs_hooks::install::{Record, arguments};
use ccs_hooks::protocol::name::Name;

use super::model::Model;
use crate::places::Places;

/// How long the session may take.
const PATIENCE: Duration = Duration::from_secs(90);
/// Refused in the mode the session runs in; without a repository it could do nothing anyway.
const REFUSED: &str = "touch refused-ran; git push --force origin main";
const ALLOWED: &str = "touch allowed-ran";
/// Where nothing listens.
const NOWHERE: &str = "http://127.0.0.1:9";

/// A home folder that goes when this drops.
pub(super) struct Scratch {
    folder: PathBuf,
}

impl Scratch {
    pub(super) fn new(places: &Places) -> io::Result<Self> {
        let folder = places.in_state(&format!("trial-{}", std::process::id()));
        let _ = fs::remove_dir_all(&folder);
        fs::create_dir_all(folder.join("project"))?;
        Ok(Scratch { folder })
    }

    pub(super) fn home(&self) -> &Path {
        &self.folder
    }
}

impl Drop for Scratch {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.folder);
    }
}

/// Runs the session and says what is wrong.
pub(super) fn obeys(program: &Path, places: &Places) -> Result<(), String> {
    let record = Record::read(&places.state).ok().flatten();
    let Some(record) = record else {
        return Ok(()); // nothing is installed that it could obey
    };
    let scratch = Scratch::new(places).map_err(|error| error.to_string())?;
    prepare(&scratch, &record.hook).map_err(|error| error.to_string())?;
    let model = Model::start(&[REFUSED, ALLOWED]).map_err(|error| error.to_string())?;
    let ended = run(client(program, &scratch, &model)).map_err(|error| error.to_string())?;
    let ran = |name: &str| scratch.home().join("project").join(name).exists();
    match (ran("refused-ran"), ran("allowed-ran")) {
        (false, true) => Ok(()),
        (true, _) => Err("a call that the hook refused was made all the same".to_owned()),
        (false, false) => Err(format!("no session came about: {ended}")),
    }
}

fn prepare(scratch: &Scratch, hook: &Path) -> io::Result<()> {
    let home = scratch.home();
    let (config, project) = (home.join(".claude"), home.join("project"));
    fs::create_dir_all(&config)?;
    // where it tells the hook which home this is
    let args = arguments(Name::PreToolUse, &config.join("ccs"));
    let handler = serde_json::json!({
        "type": "command", "command": hook, "args": args, "timeout": 10, "onFailure": "block"
    });
    let settings = serde_json::json!({ "hooks": { "PreToolUse": [{ "hooks": [handler] }] } });
    fs::write(config.join("settings.json"), settings.to_string())?;
    let trusted = serde_json::json!({ "hasTrustDialogAccepted": true });
    let own = serde_json::json!({
        "hasCompletedOnboarding": true,
        "projects": { project.to_string_lossy(): trusted },
    });
    fs::write(home.join(".claude.json"), own.to_string())
}

/// The client in its scratch folder, which hears nobody but the model.
fn client(program: &Path, scratch: &Scratch, model: &Model) -> Command {
    let home = scratch.home();
    let mut command = Command::new(program);
    command
        .args(["-p", "--dangerously-skip-permissions", "--", "go"])
        .current_dir(home.join("project"))
        .env_clear()
        .env("HOME", home)
        .env("TMPDIR", home)
        .env(
            "PATH",
            std::env::var_os("PATH").unwrap_or_else(|| "/usr/bin:/bin".into()),
        )
        .envs([
            ("ANTHROPIC_BASE_URL", model.address()),
            ("ANTHROPIC_API_KEY", "not-a-key".to_owned()),
            ("HTTPS_PROXY", NOWHERE.to_owned()),
            ("HTTP_PROXY", NOWHERE.to_owned()),
            ("NO_PROXY", "127.0.0.1,localhost".to_owned()),
        ])
        .envs(
            [
                "CLAUDE_CODE_DISABLE_NONESSENTIAL_TRAFFIC",
                "DISABLE_TELEMETRY",
                "DISABLE_AUTOUPDATER",
                "DISABLE_ERROR_REPORTING",
                // the session is fenced in by what it is asked to do; root needs to say so
                "IS_SANDBOX",
            ]
            .map(|name| (name, "1")),
        )
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null());
    command
}

/// Waits for the client to end, up to a limit; answers how it ended.
fn run(mut client: Command) -> io::Result<String> {
    let mut child = client.spawn()?;
    let started = Instant::now();
    loop {
        if let Some(status) = child.try_wait()? {
            return Ok(format!("it ended with {status}"));
        }
        if started.elapsed() > PATIENCE {
            child.kill()?;
            child.wait()?;
            return Ok(format!(
                "it took longer than {} seconds",
                PATIENCE.as_secs()
            ));
        }
        std::thread::sleep(Duration::from_millis(50));
    }
}
