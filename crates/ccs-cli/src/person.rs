//! Whether a person is at the keyboard, and talking to them and nobody else.
//!
//! What an agent must not do for itself wants a terminal of a person's own: the controlling
//! terminal is opened by its name, so neither input nor output can be put in its place, and this
//! program must be the one in its foreground. A shell that belongs to a Claude Code session is
//! refused even if it has a terminal. All of this only raises the price: a program of the same user
//! can make a terminal and step out of its session. What it cannot do is know the passphrase.

use std::env;
use std::fs::{File, OpenOptions};
use std::io::{Read, Write};

use ccs_vault::Secret;

use crate::exit::{Code, Stop};
use crate::output::foreign::is_format;
use crate::vault::terminal;

/// Variables that the client sets for everything it starts.
const OF_A_SESSION: [&str; 4] = [
    "CLAUDECODE",
    "CLAUDE_CODE_ENTRYPOINT",
    "CLAUDE_PROJECT_DIR",
    "AI_AGENT",
];
/// The client's own program, as the system names it.
const CLIENT: &str = "claude";
/// Nobody has more shells within shells.
const MAX_ANCESTORS: usize = 64;

/// Refuses to go on in a shell of a Claude Code session.
pub(crate) fn must_not_be_an_agent() -> Result<(), Stop> {
    let own = OF_A_SESSION
        .into_iter()
        .find(|name| env::var_os(name).is_some());
    let why = match own {
        Some(name) => Some(format!("{name} is set")),
        None => ancestor(std::process::id()),
    };
    let Some(why) = why else { return Ok(()) };
    let what = format!("this is for a person, and this shell belongs to an agent's session: {why}");
    Err(Stop::new(Code::Refused, what).next("run it in a terminal of your own"))
}

/// What says that a process above this one is the client or was started by it.
#[cfg(target_os = "linux")]
fn ancestor(process: u32) -> Option<String> {
    let mut process = process;
    for _ in 0..MAX_ANCESTORS {
        let folder = std::path::PathBuf::from(format!("/proc/{process}"));
        let name = std::fs::read_to_string(folder.join("comm")).unwrap_or_default();
        if name.trim() == CLIENT {
            return Some(format!("process {process} is `{CLIENT}`"));
        }
        let environment = std::fs::read(folder.join("environ")).unwrap_or_default();
        let mut variables = environment.split(|&byte| byte == 0);
        if variables.any(|variable| variable.starts_with(b"CLAUDECODE=")) {
            return Some(format!("process {process} was started by one"));
        }
        let stat = std::fs::read_to_string(folder.join("stat")).ok()?;
        // the name before it may hold anything, brackets too
        let (_, after) = stat.rsplit_once(')')?;
        process = after.split_whitespace().nth(1)?.parse().ok()?;
        if process <= 1 {
            break;
        }
    }
    None
}

#[cfg(not(target_os = "linux"))]
fn ancestor(_: u32) -> Option<String> {
    let _ = (CLIENT, MAX_ANCESTORS);
    None
}

/// The terminal of a person.
pub(crate) struct Person {
    terminal: File,
}

impl Person {
    /// # Errors
    ///
    /// If there is no terminal, this program is not in its foreground, or the shell is an agent's.
    pub(crate) fn find() -> Result<Self, Stop> {
        must_not_be_an_agent()?;
        let none = |why: &str| {
            Stop::new(
                Code::Refused,
                format!("this is for a person at a terminal: {why}"),
            )
            .next("run it in a terminal of your own")
        };
        let mut options = OpenOptions::new();
        let terminal = options.read(true).write(true).open(TERMINAL);
        let terminal = terminal.map_err(|_| none("there is none"))?;
        if !is_in_foreground(&terminal) {
            return Err(none("this program is not in its foreground"));
        }
        Ok(Person { terminal })
    }

    /// Writes to the terminal, wherever the output goes. The text must be [`visible`].
    pub(crate) fn show(&mut self, text: &str) -> anyhow::Result<()> {
        Ok(self.terminal.write_all(text.as_bytes())?)
    }

    /// Waits for a yes.
    pub(crate) fn agrees(&mut self, question: &str) -> anyhow::Result<bool> {
        self.show(question)?;
        let (mut line, mut byte) = (Vec::new(), [0]);
        while self.terminal.read(&mut byte)? > 0 && byte[0] != b'\n' && line.len() < 16 {
            line.push(byte[0]);
        }
        let answer = String::from_utf8_lossy(&line).trim().to_lowercase();
        Ok(matches!(answer.as_str(), "y" | "yes"))
    }

    /// Asks for something that is not shown.
    pub(crate) fn secret(&mut self, question: &str) -> anyhow::Result<Secret> {
        terminal::ask_on(self.terminal.try_clone()?, question)
    }

    /// The same, typed twice the same.
    pub(crate) fn new_secret(&mut self, question: &str) -> anyhow::Result<Secret> {
        let first = self.secret(question)?;
        if self.secret("The same again: ")? != first {
            let stop = Stop::new(Code::Usage, "the two are not the same; nothing was changed");
            return Err(stop.next("run the command again").into());
        }
        Ok(first)
    }
}

#[cfg(unix)]
const TERMINAL: &str = "/dev/tty";
#[cfg(not(unix))]
const TERMINAL: &str = "CONIN$";

#[cfg(unix)]
fn is_in_foreground(terminal: &File) -> bool {
    rustix::termios::tcgetpgrp(terminal).is_ok_and(|group| group == rustix::process::getpgrp())
}

#[cfg(not(unix))]
fn is_in_foreground(_: &File) -> bool {
    true
}

/// Text of somebody else's for a terminal: what would move the cursor, change colours or turn
/// letters around is written out.
pub(crate) fn visible(text: &str) -> String {
    let mut shown = String::with_capacity(text.len());
    for letter in text.chars() {
        let hidden = letter.is_control() && !matches!(letter, '\n' | '\t') || is_hidden(letter);
        if hidden {
            shown.push_str(&format!("<U+{:04X}>", u32::from(letter)));
        } else {
            shown.push(letter);
        }
    }
    shown
}

/// As elsewhere, and what chooses between forms of a letter, which can carry a message too.
fn is_hidden(letter: char) -> bool {
    is_format(letter) || matches!(letter, '\u{FE00}'..='\u{FE0F}')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_would_deceive_the_eye_is_written_out() {
        for (text, shown) in [
            ("a\tb\nc é 漢", "a\tb\nc é 漢"),
            ("\u{1b}[2Jx\r", "<U+001B>[2Jx<U+000D>"),
            ("a\u{202e}b\u{200b}", "a<U+202E>b<U+200B>"),
        ] {
            assert_eq!(visible(text), shown);
        }
    }

    #[cfg(target_os = "linux")]
    #[test]
    fn a_process_that_an_agent_started_is_known_by_those_above_it() {
        use std::process::{Command, Stdio};
        let sleeps = |with: &str| {
            let mut command = Command::new("/bin/sh");
            command.args(["-c", "echo; read line"]).env(with, "1");
            command.stdin(Stdio::piped()).stdout(Stdio::piped());
            command.spawn().expect("started")
        };
        for (with, known) in [("CLAUDECODE", true), ("OTHER", false)] {
            let mut child = sleeps(with);
            // its environment can be read once it runs
            let mut said = [0];
            let mut output = child.stdout.take().expect("piped");
            output.read_exact(&mut said).expect("a line");
            let found = ancestor(child.id());
            drop(child.stdin.take());
            child.wait().expect("ended");
            assert_eq!(found.is_some(), known, "{found:?}");
        }
    }
}
