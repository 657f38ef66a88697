//! Running one program with secrets in its environment and none in its output.

use std::io::{self, Read, Write};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::thread::{self, ScopedJoinHandle};

use zeroize::Zeroizing;

use crate::environment::Environment;
use crate::{Error, Redactor, Result};

impl Environment {
    /// Runs a program with the secrets in its environment, and writes what it prints to `out` and
    /// `err` as it comes, every secret in it replaced; returns how it ended.
    ///
    /// The program's output is a pipe. Its input is what `program` says, by default that of this
    /// process. It ends when everything that holds the pipe has: a server that was put into the
    /// background keeps this waiting, as it keeps a shell's pipeline.
    ///
    /// If a sink refuses, its pipe is closed, which the program notices when it writes on. A sink
    /// whose own reader has gone (`| head`) is no error.
    ///
    /// # Errors
    ///
    /// [`Error::Run`] if the program cannot be started, or a sink refuses for another reason.
    pub fn run<O, E>(&self, program: &mut Command, out: O, err: E) -> Result<ExitStatus>
    where
        O: Write + Send,
        E: Write + Send,
    {
        self.apply(program);
        program.stdout(Stdio::piped()).stderr(Stdio::piped());
        let ran = program
            .spawn()
            .and_then(|child| copy_until_end(child, self.redactor(out), self.redactor(err)));
        ran.map_err(|source| Error::Run {
            program: program.get_program().into(),
            source,
        })
    }
}

/// The code a shell would give for an end: the program's own, or 128 and the number of the signal
/// that killed it.
#[must_use]
pub fn exit_code(end: ExitStatus) -> u8 {
    #[cfg(unix)]
    if let Some(signal) = std::os::unix::process::ExitStatusExt::signal(&end) {
        return u8::try_from(signal).map_or(255, |signal| signal.saturating_add(128));
    }
    let code = end.code().unwrap_or(255);
    u8::try_from(code).unwrap_or(255)
}

fn copy_until_end<O, E>(
    mut child: Child,
    out: Redactor<O>,
    err: Redactor<E>,
) -> io::Result<ExitStatus>
where
    O: Write + Send,
    E: Write + Send,
{
    let (stdout, stderr) = (child.stdout.take(), child.stderr.take());
    let copied = thread::scope(|scope| {
        let out = scope.spawn(|| stdout.map_or(Ok(()), |from| copy(from, out)));
        let err = scope.spawn(|| stderr.map_or(Ok(()), |from| copy(from, err)));
        joined(out).and(joined(err))
    });
    let end = child.wait()?;
    copied.map(|()| end)
}

/// Copies until the end, piece by piece as they come. The pipe is closed on return.
fn copy<W: Write>(mut from: impl Read, mut to: Redactor<W>) -> io::Result<()> {
    let mut piece = Zeroizing::new([0; 16 << 10]);
    let copied = loop {
        match from.read(&mut *piece) {
            Ok(0) => break to.finish().map(drop),
            Ok(length) => {
                if let Err(error) = to.write_all(&piece[..length]).and_then(|()| to.flush()) {
                    break Err(error);
                }
            }
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => break Err(error),
        }
    };
    match copied {
        Err(error) if error.kind() == io::ErrorKind::BrokenPipe => Ok(()),
        copied => copied,
    }
}

fn joined(thread: ScopedJoinHandle<'_, io::Result<()>>) -> io::Result<()> {
    let ended = thread.join();
    ended.unwrap_or_else(|_| Err(io::Error::other("the writing of its output broke off")))
}
