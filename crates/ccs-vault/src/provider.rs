//! Secrets by command: the vault holds how to get a value, never the value.
//!
//! A reference is a list of arguments. No shell reads it, so nothing in it is expanded.

use std::io::{self, Read};
use std::process::{Child, Command, Stdio};
use std::sync::mpsc::{self, RecvTimeoutError};
use std::time::{Duration, Instant};

use zeroize::Zeroizing;

use crate::codec::{Malformed, Reader, Writer};
use crate::entry::MAX_VALUE;
use crate::{Error, Result, Secret};

const MAX_ARGUMENTS: usize = 64;
const MAX_LENGTH: usize = 8192;

/// How to get a secret from another program.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reference {
    command: Vec<String>,
    first_line: bool,
}

impl Reference {
    /// 1Password: `op read URI`, the URI beginning with `op://`.
    ///
    /// # Errors
    ///
    /// [`Error::Invalid`] for anything else; so below.
    pub fn one_password(uri: &str) -> Result<Self> {
        if !uri.starts_with("op://") {
            return Err(invalid("a 1Password URI begins with op://"));
        }
        Self::new(&["op", "read", "--no-newline"], &[uri])
    }

    /// AWS Secrets Manager: `aws secretsmanager get-secret-value`, the secret's whole string.
    ///
    /// # Errors
    ///
    /// [`Error::Invalid`] if the id could be read as an option.
    pub fn aws(secret_id: &str) -> Result<Self> {
        let before = [
            "aws",
            "secretsmanager",
            "get-secret-value",
            "--query",
            "SecretString",
        ];
        let before = [&before[..], &["--output", "text", "--secret-id"]].concat();
        Self::new(&before, &[secret_id])
    }

    /// The macOS keychain: `security find-generic-password -w`.
    ///
    /// # Errors
    ///
    /// [`Error::Invalid`] if a name could be read as an option.
    pub fn keychain(service: &str, account: &str) -> Result<Self> {
        let reference = Self::new(&["security", "find-generic-password", "-s"], &[service])?;
        let mut reference = reference.then("-a", account)?;
        reference.command.push("-w".to_owned());
        Ok(reference)
    }

    /// pass: the first line of `pass show PATH`.
    ///
    /// # Errors
    ///
    /// [`Error::Invalid`] if the path could be read as an option.
    pub fn pass(path: &str) -> Result<Self> {
        let reference = Self::new(&["pass", "show"], &[path])?;
        Ok(Self {
            first_line: true,
            ..reference
        })
    }

    /// Any other program and its arguments.
    ///
    /// # Errors
    ///
    /// [`Error::Invalid`] if there is no program, an argument holds a NUL, or there are more than
    /// 64 arguments or 8192 bytes.
    pub fn command<S: Into<String>>(arguments: impl IntoIterator<Item = S>) -> Result<Self> {
        let command: Vec<String> = arguments.into_iter().map(Into::into).collect();
        let length: usize = command.iter().map(String::len).sum();
        if command.first().is_none_or(String::is_empty) {
            return Err(invalid("it names no program"));
        }
        if command.len() > MAX_ARGUMENTS || length > MAX_LENGTH {
            return Err(invalid("it has up to 64 arguments and 8192 bytes"));
        }
        if command.iter().any(|argument| argument.contains('\0')) {
            return Err(invalid("no argument holds a NUL"));
        }
        Ok(Self {
            command,
            first_line: false,
        })
    }

    /// The program and its arguments.
    #[must_use]
    pub fn arguments(&self) -> &[String] {
        &self.command
    }

    /// Runs the command and takes its output, without the line break at the end.
    ///
    /// # Errors
    ///
    /// What the runner says, and [`Fault::Empty`] if nothing came.
    pub fn fetch(&self, runner: &dyn Runner, limits: Limits) -> Result<Secret, Fault> {
        let output = runner.run(&self.command, limits)?;
        let secret = if self.first_line {
            first_line(&output)
        } else {
            output.without_line_end()
        };
        if secret.expose().is_empty() {
            Err(Fault::Empty)
        } else {
            Ok(secret)
        }
    }

    fn new(before: &[&str], names: &[&str]) -> Result<Self> {
        let reference = Self::command(before.iter().copied())?;
        names
            .iter()
            .try_fold(reference, |reference, name| reference.then("", name))
    }

    /// With another name from outside, after `option` if that is not empty.
    fn then(mut self, option: &str, name: &str) -> Result<Self> {
        if name.is_empty() || name.starts_with('-') {
            return Err(invalid(
                "a name is not empty and does not begin with a dash",
            ));
        }
        if !option.is_empty() {
            self.command.push(option.to_owned());
        }
        self.command.push(name.to_owned());
        let checked = Self::command(self.command)?;
        Ok(checked)
    }

    pub(crate) fn write<'w>(&self, writer: &'w mut Writer) -> &'w mut Writer {
        writer
            .u8(self.first_line.into())
            .u8(self.command.len() as u8);
        for argument in &self.command {
            writer.text(argument);
        }
        writer
    }

    pub(crate) fn read(reader: &mut Reader<'_>) -> Result<Self, Malformed> {
        let first_line = reader.u8()? == 1;
        let mut command = Vec::new();
        for _ in 0..reader.u8()? {
            command.push(reader.text()?.to_owned());
        }
        let reference = Self::command(command).map_err(|_| Malformed)?;
        Ok(Self {
            first_line,
            ..reference
        })
    }
}

fn first_line(output: &Secret) -> Secret {
    let line = output
        .expose()
        .split_inclusive(|&byte| byte == b'\n')
        .next();
    Secret::copy_of(line.unwrap_or_default()).without_line_end()
}

fn invalid(why: &'static str) -> Error {
    Error::Invalid {
        what: "reference",
        why,
    }
}

/// How long a command may take and how much it may print.
#[derive(Clone, Copy, Debug)]
#[non_exhaustive]
pub struct Limits {
    /// After this the command is killed.
    pub time: Duration,
    /// More output than this many bytes is no secret.
    pub output: usize,
}

impl Default for Limits {
    /// 30 seconds, long enough for a fingerprint reader, and [`MAX_VALUE`].
    fn default() -> Self {
        Self {
            time: Duration::from_secs(30),
            output: MAX_VALUE,
        }
    }
}

impl Limits {
    /// With another time.
    #[must_use]
    pub fn time(self, time: Duration) -> Self {
        Self { time, ..self }
    }
}

/// Why a command gave no secret. Its output is in no variant.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Fault {
    /// It could not be started or read from.
    #[error("it cannot be run")]
    Start(#[from] io::Error),
    /// It took too long and was killed.
    #[error("it took too long and was stopped")]
    TooSlow,
    /// It printed more than a secret has, and was killed.
    #[error("it printed more than a secret has")]
    TooMuch,
    /// It said that it failed.
    #[error("it failed ({0}); run it by hand to see why")]
    Failed(std::process::ExitStatus),
    /// It printed nothing.
    #[error("it printed nothing")]
    Empty,
}

/// What runs a reference's command.
pub trait Runner {
    /// Runs `command` without a shell and returns what it prints.
    ///
    /// # Errors
    ///
    /// A [`Fault`] if it cannot, does not succeed, or passes a limit.
    fn run(&self, command: &[String], limits: Limits) -> Result<Secret, Fault>;
}

/// Runs commands as children of this process, with its environment and standard error.
#[derive(Clone, Copy, Debug, Default)]
pub struct SystemRunner;

impl Runner for SystemRunner {
    fn run(&self, command: &[String], limits: Limits) -> Result<Secret, Fault> {
        let (program, arguments) = command.split_first().ok_or(Fault::Empty)?;
        let mut child = Command::new(program)
            .args(arguments)
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .spawn()?;
        let output = watch(&mut child, limits);
        if output.is_err() {
            let _ = child.kill();
            let _ = child.wait();
        }
        output
    }
}

/// The output is read aside: a program that closes nothing, or whose own children keep the pipe,
/// must not outlast the limit.
fn watch(child: &mut Child, limits: Limits) -> Result<Secret, Fault> {
    let until = Instant::now() + limits.time;
    let (sender, receiver) = mpsc::channel();
    let stdout = child.stdout.take();
    std::thread::spawn(move || {
        let mut bytes = Zeroizing::new(Vec::with_capacity(limits.output + 1));
        let limit = limits.output as u64 + 1;
        let read = stdout.map(|stdout| stdout.take(limit).read_to_end(&mut bytes));
        let _ = sender.send(read.transpose().map(|_| bytes));
    });
    let bytes = match receiver.recv_timeout(limits.time) {
        Ok(bytes) => bytes?,
        Err(RecvTimeoutError::Timeout | RecvTimeoutError::Disconnected) => {
            return Err(Fault::TooSlow);
        }
    };
    if bytes.len() > limits.output {
        return Err(Fault::TooMuch);
    }
    let status = wait(child, until)?;
    if status.success() {
        Ok(Secret::of(bytes))
    } else {
        Err(Fault::Failed(status))
    }
}

fn wait(child: &mut Child, until: Instant) -> Result<std::process::ExitStatus, Fault> {
    loop {
        if let Some(status) = child.try_wait()? {
            return Ok(status);
        }
        if Instant::now() >= until {
            return Err(Fault::TooSlow);
        }
        std::thread::sleep(Duration::from_millis(2));
    }
}

#[cfg(test)]
mod tests;
