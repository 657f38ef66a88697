//! Programs of the system, run for an answer: found in its own folders and never on `PATH`, which
//! a repository can set, with an empty environment, for a bounded time and a bounded answer.

use std::io::{Read, Write};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::mpsc::{self, Receiver};
use std::thread;
use std::time::{Duration, Instant};

use crate::files;

/// Where programs are looked for.
const FOLDERS: [&str; 5] = [
    "/usr/bin",
    "/bin",
    "/usr/local/bin",
    "/opt/homebrew/bin",
    "/usr/local/go/bin",
];
/// How often it is asked whether a program has ended.
const PAUSE: Duration = Duration::from_millis(2);

/// How long the last of an answer may take to arrive when a program has ended.
const LAST_WORDS: Duration = Duration::from_millis(500);

/// What a program answered.
pub(super) struct Answer {
    pub(super) success: bool,
    pub(super) stdout: Vec<u8>,
    pub(super) stderr: Vec<u8>,
}

/// Why there is no answer.
#[derive(Debug, thiserror::Error)]
pub(super) enum Error {
    #[error("{0}")]
    Io(#[from] std::io::Error),
    #[error("it took too long")]
    Late,
    #[error("its answer is too long")]
    Long,
}

/// The program of this name, if the system has one that nobody else could have put there.
pub(super) fn find(name: &str) -> Option<PathBuf> {
    let mut paths = FOLDERS.iter().map(|folder| Path::new(folder).join(name));
    paths.find(|path| files::is_trusted_program(path))
}

/// The program at `path`, to be run in the root folder, where no file of a project lies.
pub(super) fn command(path: &Path) -> Command {
    let mut command = Command::new(path);
    command
        .env_clear()
        .env("PATH", "/usr/bin:/bin")
        .env("LC_ALL", "C.UTF-8")
        .current_dir("/");
    command
}

/// What the program answers to `input`, in at most `most` bytes each on stdout and stderr.
pub(super) fn run(
    mut command: Command,
    input: Vec<u8>,
    until: Instant,
    most: u64,
) -> Result<Answer, Error> {
    command
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped());
    let mut child = command.spawn()?;
    let stdin = child.stdin.take();
    // a program that has seen enough closes the pipe
    thread::spawn(move || stdin.map(|mut pipe| pipe.write_all(&input)));
    let stdout = reading(child.stdout.take(), most);
    let stderr = reading(child.stderr.take(), most);
    let success = ended(&mut child, until)?;
    let (stdout, stderr) = (arrived(&stdout)?, arrived(&stderr)?);
    if stdout.len() as u64 > most || stderr.len() as u64 > most {
        return Err(Error::Long);
    }
    Ok(Answer {
        success,
        stdout,
        stderr,
    })
}

/// Reads on a thread of its own: what the program started may hold the pipe open for ever.
fn reading(pipe: Option<impl Read + Send + 'static>, most: u64) -> Receiver<Vec<u8>> {
    let (to, from) = mpsc::channel();
    thread::spawn(move || {
        let mut bytes = Vec::new();
        let read = pipe.map(|pipe| pipe.take(most + 1).read_to_end(&mut bytes));
        // nobody listens any more when it took too long
        let _ = read.is_some_and(|read| read.is_ok()) && to.send(bytes).is_ok();
    });
    from
}

fn arrived(from: &Receiver<Vec<u8>>) -> Result<Vec<u8>, Error> {
    from.recv_timeout(LAST_WORDS).map_err(|_| Error::Late)
}

/// Whether the program ended well. One that is late is killed.
fn ended(child: &mut Child, until: Instant) -> Result<bool, Error> {
    loop {
        if let Some(status) = child.try_wait()? {
            return Ok(status.success());
        }
        if Instant::now() >= until {
            let _ = child.kill();
            let _ = child.wait();
            return Err(Error::Late);
        }
        thread::sleep(PAUSE);
    }
}

#[cfg(all(test, unix))]
mod tests {
    use super::*;

    fn shell(script: &str, seconds: u64, most: u64) -> Result<Answer, Error> {
        let mut command = command(Path::new("/bin/sh"));
        command.args(["-c", script]);
        run(
            command,
            b"input".to_vec(),
            Instant::now() + Duration::from_secs(seconds),
            most,
        )
    }

    #[test]
    fn a_program_is_given_its_input_and_nothing_of_our_environment() {
        let answer =
            shell("cat; env | grep -c HOME; pwd; echo no >&2; exit 3", 20, 100).expect("an answer");
        assert_eq!(String::from_utf8_lossy(&answer.stdout), "input0\n/\n");
        assert_eq!((answer.success, answer.stderr), (false, b"no\n".to_vec()));
    }

    #[test]
    fn a_program_that_does_not_end_or_says_too_much_has_no_answer() {
        assert!(matches!(shell("exec sleep 60", 0, 100), Err(Error::Late)));
        assert!(matches!(
            shell("head -c 5000 /dev/zero", 20, 100),
            Err(Error::Long)
        ));
    }

    #[test]
    fn programs_are_found_in_the_system_only() {
        assert!(find("sh").is_some());
        assert_eq!(find("../../tmp/sh"), None);
        assert_eq!(find("no-such-program-here"), None);
    }
}
