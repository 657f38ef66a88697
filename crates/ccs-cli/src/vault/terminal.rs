//! Typing without being seen.

use std::fs::{File, OpenOptions};
use std::io::{self, IsTerminal, Read, Write};
use std::os::fd::AsFd;

use ccs_vault::{MAX_VALUE, Secret};
use rustix::termios::{
    LocalModes, OptionalActions, SpecialCodeIndex, Termios, tcgetattr, tcsetattr,
};
use zeroize::Zeroizing;

use crate::exit::{Code, Stop};

const ERASE: [u8; 2] = [0x08, 0x7f];
const INTERRUPT: u8 = 0x03;
const END: u8 = 0x04;
const CLEAR: u8 = 0x15;

/// Asks for one line on the terminal.
///
/// # Errors
///
/// If there is no terminal, or the question is not answered.
pub(crate) fn ask(question: &str) -> anyhow::Result<Secret> {
    let Some(terminal) = find() else {
        let stop = Stop::new(Code::Usage, "there is no terminal to type a secret on");
        let next = "give it to the input, or name a file with one of the --…from options";
        return Err(stop.next(next).into());
    };
    typed(terminal, question, &mut io::stderr())
}

/// Asks for one line on this terminal, and shows the question there.
///
/// # Errors
///
/// If the question is not answered.
pub(crate) fn ask_on(terminal: File, question: &str) -> anyhow::Result<Secret> {
    let mut screen = terminal.try_clone()?;
    typed(terminal, question, &mut screen)
}

fn typed(mut terminal: File, question: &str, screen: &mut dyn Write) -> anyhow::Result<Secret> {
    let answer = {
        let quiet = Quiet::new(&terminal)?;
        screen.write_all(question.as_bytes())?;
        let answer = line(&mut terminal)?;
        quiet.must_be_all(&mut terminal, answer)?
    };
    screen.write_all(b"\n")?;
    answer.ok_or_else(|| Stop::new(Code::Refused, "stopped; nothing was changed").into())
}

/// The terminal of the input, or the one somebody looks at while the input is something else.
fn find() -> Option<File> {
    let input = io::stdin();
    if input.is_terminal() {
        return Some(input.as_fd().try_clone_to_owned().ok()?.into());
    }
    let own = || OpenOptions::new().read(true).write(true).open("/dev/tty");
    io::stderr().is_terminal().then(own)?.ok()
}

/// A terminal that shows nothing and passes every key on, until this drops: so no signal can end
/// the program with the terminal left like that. What was typed before is not taken for an answer,
/// and what is typed too much is not left for the shell.
struct Quiet {
    terminal: File,
    before: Termios,
}

impl Quiet {
    fn new(terminal: &File) -> io::Result<Self> {
        let quiet = Self {
            terminal: terminal.try_clone()?,
            before: tcgetattr(terminal)?,
        };
        quiet.wait(1, 0)?;
        Ok(quiet)
    }

    /// How many keys a read waits for at least, and for how many tenths of a second.
    fn wait(&self, keys: u8, tenths: u8) -> io::Result<()> {
        let mut modes = self.before.clone();
        modes.local_modes -= LocalModes::ECHO
            | LocalModes::ECHONL
            | LocalModes::ICANON
            | LocalModes::ISIG
            | LocalModes::IEXTEN;
        modes.special_codes[SpecialCodeIndex::VMIN] = keys;
        modes.special_codes[SpecialCodeIndex::VTIME] = tenths;
        let when = if tenths == 0 {
            OptionalActions::Flush
        } else {
            OptionalActions::Now
        };
        Ok(tcsetattr(&self.terminal, when, &modes)?)
    }

    /// Of several lines that were pasted only the first would be stored.
    fn must_be_all(
        &self,
        terminal: &mut File,
        answer: Option<Secret>,
    ) -> anyhow::Result<Option<Secret>> {
        self.wait(0, 1)?;
        if answer.is_some() && terminal.read(&mut [0])? > 0 {
            let stop = Stop::new(
                Code::Usage,
                "that was more than one line; nothing was stored",
            );
            return Err(stop
                .next("give several lines to the input of the command")
                .into());
        }
        Ok(answer)
    }
}

impl Drop for Quiet {
    fn drop(&mut self) {
        let _ = tcsetattr(&self.terminal, OptionalActions::Flush, &self.before);
    }
}

/// One line; `None` if it was interrupted or the terminal is gone.
fn line(terminal: &mut File) -> anyhow::Result<Option<Secret>> {
    let mut typed = Zeroizing::new(Vec::with_capacity(MAX_VALUE + 2));
    let mut key = Zeroizing::new([0]);
    while terminal.read(&mut *key)? > 0 {
        match key[0] {
            b'\n' | b'\r' => return Ok(Some(Secret::new(std::mem::take(&mut *typed)))),
            INTERRUPT => return Ok(None),
            END if typed.is_empty() => return Ok(None),
            END => {}
            CLEAR => typed.clear(),
            key if ERASE.contains(&key) => erase(&mut typed),
            key if typed.len() <= MAX_VALUE => typed.push(key),
            _ => {}
        }
    }
    Ok(None)
}

/// Takes the last character away, all bytes of it.
fn erase(typed: &mut Vec<u8>) {
    while typed.pop().is_some_and(|byte| byte & 0xc0 == 0x80) {}
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_character_is_erased_whole() {
        let mut typed = "aé€".as_bytes().to_vec();
        erase(&mut typed);
        assert_eq!(typed, "aé".as_bytes());
        erase(&mut typed);
        erase(&mut typed);
        erase(&mut typed);
        assert!(typed.is_empty());
    }
}
