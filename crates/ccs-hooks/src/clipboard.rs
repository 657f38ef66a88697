//! Putting a text without secrets on the clipboard, and pasting it, if the user switched that on.
//!
//! Off unless the file `clipboard` in the state folder says `copy` or `paste`. The program that
//! does it is looked for in the system's folders and never on `PATH`, which a repository can set;
//! so can it set `DISPLAY`, which therefore has to name a screen of this machine.

use std::ffi::{OsStr, OsString};
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use crate::files;
use crate::place::{Place, Surroundings};

/// The user's choice, within the state folder.
const FILE: &str = "clipboard";
/// How long a program may take.
const PATIENCE: Duration = Duration::from_secs(3);
/// How long the client takes to draw the blocked prompt, and is left alone.
const BEFORE_PASTING: Duration = Duration::from_millis(350);
/// Where programs are looked for.
const FOLDERS: [&str; 4] = ["/usr/bin", "/bin", "/usr/local/bin", "/opt/homebrew/bin"];

/// What is done with a text that is to be sent again.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Choice {
    /// Nothing.
    Off,
    /// It is put on the clipboard.
    Copy,
    /// It is put on the clipboard and pasted into the window that has the focus, unless that
    /// changes first. Sending it is left to the user.
    Paste,
}

/// What the user chose; off if that cannot be read.
pub(crate) fn choice(state: &Path) -> Choice {
    let bytes = files::read_private(&state.join(FILE), 64).ok().flatten();
    match bytes.as_deref().map(<[u8]>::trim_ascii) {
        Some(b"copy") => Choice::Copy,
        Some(b"paste") => Choice::Paste,
        _ => Choice::Off,
    }
}

/// A program and its arguments.
type Tool = (&'static str, &'static [&'static str]);

/// Puts a text on the clipboard.
pub(crate) fn copy(text: &str, place: &Place, around: &Surroundings) -> Result<(), String> {
    let screen = Screen::new(place, around);
    let tool = screen
        .copiers()
        .find_map(|tool| Some((find(tool.0)?, tool.1)));
    let (program, arguments) = tool.ok_or("no program for the clipboard was found")?;
    let mut command = screen.command(&program);
    command.args(arguments).stdin(Stdio::piped());
    let mut child = command.spawn().map_err(|error| error.to_string())?;
    let written = child
        .stdin
        .take()
        .map(|mut pipe| pipe.write_all(text.as_bytes()));
    match (written, ended(child, PATIENCE)) {
        (Some(Ok(())), true) => Ok(()),
        _ => Err(format!("`{}` failed", program.display())),
    }
}

/// Has the clipboard pasted in a moment, by another process so that the client is not held up.
/// Nothing is done where the focus cannot be told, or is not the client's window.
pub(crate) fn paste_soon(place: &Place, around: &Surroundings) -> Result<(), String> {
    let screen = Screen::new(place, around);
    let window = screen.focus().ok_or("the window in front cannot be told")?;
    let own = screen.value("WINDOWID");
    if own.is_some_and(|own| own != OsStr::new(&window)) {
        return Err("another window is in front".into());
    }
    let us = std::env::current_exe().map_err(|error| error.to_string())?;
    let mut command = screen.command(&us);
    command.args(["paste-back", &window]).stdin(Stdio::null());
    #[cfg(unix)]
    std::os::unix::process::CommandExt::process_group(&mut command, 0);
    command.spawn().map(drop).map_err(|error| error.to_string())
}

/// Pastes if `window` still has the focus; what that other process does. The client has put the
/// blocked prompt back into its line, so the line is emptied first.
pub(crate) fn paste_back(window: &str, place: &Place, around: &Surroundings) -> bool {
    std::thread::sleep(BEFORE_PASTING);
    let screen = Screen::new(place, around);
    if screen.focus().as_deref() != Some(window) {
        return false;
    }
    screen.paste().is_some_and(|mut command| {
        command.stdin(Stdio::null());
        let child = command.spawn();
        child.is_ok_and(|child| ended(child, PATIENCE))
    })
}

/// The desktop as far as the environment may say where it is.
struct Screen {
    variables: Vec<(&'static str, OsString)>,
}

impl Screen {
    fn new(place: &Place, around: &Surroundings) -> Self {
        let mut variables = Vec::new();
        for (name, value) in &around.desktop {
            if is_sound(name, value) {
                variables.push((*name, value.clone()));
            }
        }
        if let Some(home) = &place.home {
            variables.push(("HOME", home.into()));
        }
        Self { variables }
    }

    fn value(&self, name: &str) -> Option<&OsStr> {
        let found = self.variables.iter().find(|(known, _)| *known == name);
        found.map(|(_, value)| value.as_os_str())
    }

    fn has(&self, name: &str) -> bool {
        self.value(name).is_some()
    }

    /// What can copy here, the best first.
    fn copiers(&self) -> impl Iterator<Item = Tool> + use<> {
        let mut tools: Vec<Tool> = Vec::new();
        if cfg!(target_os = "macos") {
            tools.push(("pbcopy", &[]));
        }
        if self.has("WAYLAND_DISPLAY") && self.has("XDG_RUNTIME_DIR") {
            tools.push(("wl-copy", &[]));
        }
        if self.has("DISPLAY") {
            tools.push(("xclip", &["-selection", "clipboard", "-in"]));
            tools.push(("xsel", &["--clipboard", "--input"]));
        }
        tools.push(("clip.exe", &[]));
        tools.into_iter()
    }

    /// What tells the window in front from others.
    fn focus(&self) -> Option<String> {
        let mut command = if cfg!(target_os = "macos") {
            let mut command = self.command(&find("osascript")?);
            command.args(["-e", FRONT]);
            command
        } else {
            self.value("DISPLAY")?;
            let mut command = self.command(&find("xdotool")?);
            command.arg("getwindowfocus");
            command
        };
        let output = command.stdin(Stdio::null()).stdout(Stdio::piped()).output();
        let text = String::from_utf8(output.ok()?.stdout).ok()?;
        let text = text.trim();
        (!text.is_empty()).then(|| text.to_owned())
    }

    fn paste(&self) -> Option<Command> {
        if cfg!(target_os = "macos") {
            let mut command = self.command(&find("osascript")?);
            command.args(["-e", PASTE]);
            return Some(command);
        }
        self.value("DISPLAY")?;
        let mut command = self.command(&find("xdotool")?);
        command.args(["key", "--clearmodifiers", "ctrl+u", "ctrl+shift+v"]);
        Some(command)
    }

    fn command(&self, program: &Path) -> Command {
        let mut command = Command::new(program);
        let variables = self.variables.iter().map(|(name, value)| (name, value));
        command
            .env_clear()
            .envs(variables)
            .stdout(Stdio::null())
            .stderr(Stdio::null());
        command
    }
}

/// The application in front, on macOS.
const FRONT: &str =
    "tell application \"System Events\" to get unix id of first process whose frontmost is true";
/// An empty line and the clipboard, on macOS.
const PASTE: &str = "tell application \"System Events\"\nkeystroke \"u\" using control down\nkeystroke \"v\" using command down\nend tell";

/// Whether a variable names something of this machine and this user.
fn is_sound(name: &str, value: &OsStr) -> bool {
    let Some(value) = value.to_str() else {
        return false;
    };
    let is_number = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    match name {
        "DISPLAY" => value
            .strip_prefix(':')
            .is_some_and(|rest| rest.split('.').take(3).all(is_number)),
        "WAYLAND_DISPLAY" => !value.is_empty() && !value.contains('/'),
        "XDG_RUNTIME_DIR" => is_runtime(value),
        "XAUTHORITY" => value.starts_with('/'),
        "WINDOWID" => is_number(value),
        _ => false,
    }
}

#[cfg(unix)]
fn is_runtime(folder: &str) -> bool {
    let user = rustix::process::getuid().as_raw();
    folder.trim_end_matches('/') == format!("/run/user/{user}")
}

#[cfg(not(unix))]
fn is_runtime(_: &str) -> bool {
    false
}

/// A program of the system's that nobody else could have put there.
fn find(name: &str) -> Option<PathBuf> {
    if name == "clip.exe" {
        let windows = [
            r"C:\Windows\System32\clip.exe",
            "/mnt/c/Windows/System32/clip.exe",
        ];
        return windows
            .map(PathBuf::from)
            .into_iter()
            .find(|path| path.is_file());
    }
    let places = FOLDERS.iter().map(|folder| Path::new(folder).join(name));
    places
        .into_iter()
        .find(|path| files::is_trusted_program(path))
}

/// Waits for a program; one that takes too long is ended.
fn ended(mut child: Child, patience: Duration) -> bool {
    let until = Instant::now() + patience;
    loop {
        match child.try_wait() {
            Ok(Some(status)) => return status.success(),
            Ok(None) if Instant::now() < until => std::thread::sleep(Duration::from_millis(5)),
            _ => {
                let _ = child.kill();
                return false;
            }
        }
    }
}

#[cfg(all(test, unix))]
mod tests {
    use super::*;

    #[test]
    fn it_is_off_unless_the_users_own_file_says_otherwise() {
        let state = tempfile::tempdir().expect("a folder");
        assert_eq!(choice(state.path()), Choice::Off);
        for (text, expected) in [
            ("copy\n", Choice::Copy),
            ("paste", Choice::Paste),
            ("Copy", Choice::Off),
        ] {
            files::replace(&state.path().join(FILE), text.as_bytes()).expect("written");
            assert_eq!(choice(state.path()), expected);
        }
    }

    #[test]
    fn a_screen_elsewhere_is_no_screen() {
        for (name, value, sound) in [
            ("DISPLAY", ":0", true),
            ("DISPLAY", ":10.0", true),
            ("DISPLAY", "evil.example:0", false),
            ("DISPLAY", "tcp/evil:0", false),
            ("DISPLAY", "", false),
            ("WAYLAND_DISPLAY", "wayland-0", true),
            ("WAYLAND_DISPLAY", "/tmp/evil", false),
            ("XDG_RUNTIME_DIR", "/tmp", false),
            ("XAUTHORITY", "x", false),
            ("LD_PRELOAD", "/tmp/x.so", false),
        ] {
            assert_eq!(is_sound(name, OsStr::new(value)), sound, "{name}={value}");
        }
    }

    fn screen(variables: &[(&'static str, &str)]) -> Screen {
        let around = Surroundings {
            desktop: variables
                .iter()
                .map(|(name, value)| (*name, (*value).into()))
                .collect(),
            ..Surroundings::default()
        };
        Screen::new(&Place::default(), &around)
    }

    #[test]
    fn the_screens_own_program_is_asked_first() {
        let names = |screen: Screen| -> Vec<&str> { screen.copiers().map(|tool| tool.0).collect() };
        let x11 = names(screen(&[("DISPLAY", ":0")]));
        assert!(x11.contains(&"xclip") && !x11.contains(&"wl-copy"));
        assert!(!names(screen(&[])).contains(&"xclip"));
    }

    #[test]
    fn a_program_that_does_not_end_is_ended() {
        let child = Command::new("/bin/sleep")
            .arg("60")
            .spawn()
            .expect("started");
        assert!(!ended(child, Duration::from_millis(1)));
        let child = Command::new("/bin/sh")
            .args(["-c", "exit 0"])
            .spawn()
            .expect("started");
        assert!(ended(child, Duration::from_secs(600)));
    }
}
