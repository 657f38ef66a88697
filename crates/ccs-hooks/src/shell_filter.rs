//! `ccs-hook filter shell`: takes secrets out of a stream, between a shell and whoever reads its output.
//!
//! The client's output hook cannot change what a failing command printed. So every shell that the
//! client starts leads its output through this program: at the start of a session a few lines are
//! left in the file that the client has each bash read before a command. The command itself, its
//! working folder, its exit code and the client's permission rules stay as they are.

use std::io::{self, Read, Write};
use std::sync::mpsc::{self, Receiver, RecvTimeoutError};
use std::time::Duration;

use crate::config;
use crate::place::{Place, Surroundings};
use crate::protocol::event::Session;
use crate::secrets::{Secrets, Taken};

/// How long the stream pauses before what has come is written.
const PAUSE: Duration = Duration::from_millis(15);
/// More than this is written without a pause, in bytes.
const MOST: usize = 1 << 20;
/// What may still be part of a key over several lines is kept back so far, in bytes.
const KEPT: usize = 32 << 10;
/// How often a shell that waits is told to go on.
const TELL_EACH: Duration = Duration::from_millis(10);
const TELL_TIMES: u32 = 500;
/// Tools whose output a shell's is.
const SHELL: &str = "Bash";

/// Copies stdin to stdout without its secrets until it ends; never fails, because a command would
/// lose its output. `end` is what the shell writes last: then all that has come is written, and the
/// shell is told not to wait for programs that it leaves behind.
pub(crate) fn run(state: Option<std::path::PathBuf>, end: &str, around: &Surroundings) -> u8 {
    let secrets = secrets(state, around);
    let shell = parent();
    let mut stream = Stream::new(secrets, end, io::stdout());
    let chunks = chunks(io::stdin());
    let copied = copy(&chunks, &mut stream, || go_on(shell));
    // nobody reads any more
    let _ = copied;
    0
}

fn secrets(state: Option<std::path::PathBuf>, around: &Surroundings) -> Option<Secrets> {
    let folder = std::env::current_dir().ok();
    let session = Session {
        cwd: folder.as_deref().and_then(|path| path.to_str()),
        ..Session::default()
    };
    let place = Place::new(state, around, &session);
    let policy = config::load(&place).map_or_else(|_| ccs_gate::Policy::default(), |it| it.policy);
    let wanted = policy.secrets.outputs && !policy.secrets.leaves_alone(SHELL);
    wanted.then(|| Secrets::for_output(&policy, &place))
}

/// What is read, as it comes.
fn chunks(mut input: impl Read + Send + 'static) -> Receiver<Vec<u8>> {
    let (sender, receiver) = mpsc::sync_channel(4);
    std::thread::spawn(move || {
        let mut buffer = vec![0; 64 << 10];
        loop {
            match input.read(&mut buffer) {
                Ok(0) => return,
                Ok(length) if sender.send(buffer[..length].to_vec()).is_err() => return,
                Ok(_) => {}
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(_) => return,
            }
        }
    });
    receiver
}

fn copy<W: Write>(
    chunks: &Receiver<Vec<u8>>,
    stream: &mut Stream<W>,
    go_on: impl Fn(),
) -> io::Result<()> {
    loop {
        let chunk = match stream.is_empty() {
            true => chunks.recv().map_err(|_| RecvTimeoutError::Disconnected),
            false => chunks.recv_timeout(PAUSE),
        };
        match chunk {
            Ok(chunk) => {
                if stream.take(&chunk)? {
                    go_on();
                }
            }
            Err(RecvTimeoutError::Timeout) => stream.write_lines()?,
            Err(RecvTimeoutError::Disconnected) => return stream.write_all(),
        }
    }
}

/// What has come and is not written yet.
struct Stream<W> {
    secrets: Option<Secrets>,
    end: Vec<u8>,
    waiting: Vec<u8>,
    /// Up to here there was nothing to write at the last pause.
    seen: usize,
    out: W,
}

impl<W: Write> Stream<W> {
    fn new(secrets: Option<Secrets>, end: &str, out: W) -> Self {
        Self {
            secrets,
            end: end.into(),
            waiting: Vec::new(),
            seen: 0,
            out,
        }
    }

    /// Whether there is nothing that a pause would let be written.
    fn is_empty(&self) -> bool {
        self.waiting.len() == self.seen
    }

    /// Takes what has come; true if the shell has said that it is at its end.
    fn take(&mut self, chunk: &[u8]) -> io::Result<bool> {
        self.waiting.extend_from_slice(chunk);
        let ended = !self.end.is_empty() && self.waiting.ends_with(&self.end);
        if ended {
            self.waiting.truncate(self.waiting.len() - self.end.len());
            self.write_all()?;
        } else if self.waiting.len() > MOST {
            self.write_to(whole_lines(&self.waiting, self.waiting.len() - KEPT))?;
        }
        Ok(ended)
    }

    /// Writes the lines that are complete, but not the beginning of a key.
    fn write_lines(&mut self) -> io::Result<()> {
        let limit = match begun_key(&self.waiting) {
            Some(at) if self.waiting.len() - at < KEPT => at,
            _ => self.waiting.len(),
        };
        let lines = self.waiting[..limit]
            .iter()
            .rposition(|&byte| byte == b'\n');
        self.write_to(lines.map_or(0, |at| at + 1))?;
        self.seen = self.waiting.len();
        Ok(())
    }

    fn write_all(&mut self) -> io::Result<()> {
        self.write_to(self.waiting.len())
    }

    fn write_to(&mut self, end: usize) -> io::Result<()> {
        let rest = self.waiting.split_off(end);
        let ready = std::mem::replace(&mut self.waiting, rest);
        self.seen = 0;
        let text = String::from_utf8_lossy(&ready);
        let secrets = self.secrets.as_ref();
        let clean = secrets.and_then(|secrets| secrets.redact(&text, &mut Taken::default()));
        // bytes that are no text stay as they are where nothing was found
        self.out
            .write_all(clean.as_ref().map_or(&ready, |clean| clean.as_bytes()))?;
        self.out.flush()
    }
}

/// The end of the last line before `limit`, or `limit` itself in a line that long.
fn whole_lines(bytes: &[u8], limit: usize) -> usize {
    let line = bytes[..limit].iter().rposition(|&byte| byte == b'\n');
    line.map_or(limit, |at| at + 1)
}

/// Where a private key begins that has not ended.
fn begun_key(bytes: &[u8]) -> Option<usize> {
    let begin = memchr::memmem::rfind(bytes, b"-----BEGIN ")?;
    let ended = memchr::memmem::find(&bytes[begin..], b"-----END ").is_some();
    (!ended).then_some(begin)
}

#[cfg(unix)]
fn parent() -> Option<rustix::process::Pid> {
    rustix::process::getppid()
}

/// Wakes the shell until it is gone: a signal that comes before it waits would not be noticed.
#[cfg(unix)]
fn go_on(shell: Option<rustix::process::Pid>) {
    std::thread::spawn(move || {
        let Some(shell) = shell else { return };
        for _ in 0..TELL_TIMES {
            if rustix::process::getppid() != Some(shell) {
                return;
            }
            let _ = rustix::process::kill_process(shell, rustix::process::Signal::USR1);
            std::thread::sleep(TELL_EACH);
        }
    });
}

#[cfg(not(unix))]
fn parent() -> Option<()> {
    None
}

#[cfg(not(unix))]
fn go_on(_: Option<()>) {}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::secrets::tests::{STORED, TOKEN, secrets};

    const END: &str = "ccs-end-1";

    /// What is written for what comes, each piece after a pause.
    fn written(pieces: &[&[u8]]) -> Vec<Vec<u8>> {
        let (_keep, secrets) = secrets();
        let mut stream = Stream::new(Some(secrets), END, Vec::new());
        let mut written = Vec::new();
        for piece in pieces {
            stream.take(piece).expect("written");
            stream.write_lines().expect("written");
            written.push(std::mem::take(&mut stream.out));
        }
        stream.write_all().expect("written");
        written.push(stream.out);
        written
    }

    #[test]
    fn lines_are_written_as_they_come_and_without_secrets() {
        let first = format!("a\nTOKEN={TOKEN}\nsome of ");
        let written = written(&[first.as_bytes(), b"a line\n", b"rest"]);
        assert_eq!(written[0], b"a\nTOKEN=[secret:github.personal-token]\n");
        assert_eq!(written[1], b"some of a line\n");
        assert_eq!(
            (written[2].as_slice(), written[3].as_slice()),
            (&b""[..], &b"rest"[..])
        );
    }

    #[test]
    fn a_secret_in_two_pieces_is_one_secret() {
        let (head, tail) = STORED.split_at(9);
        let written = written(&[head.as_bytes(), tail.as_bytes(), b"\n"]);
        assert_eq!(written.concat(), b"[ccs:DEPLOY_KEY]\n");
    }

    #[test]
    fn a_key_over_several_lines_is_kept_back_until_it_has_ended() {
        let body = "MIIEowIBAAKCAQEA7v9XqkzR2mT5wYb8LcJ4hGdF6sAe1uVoXiKq5BZk3vR8pLm2\n";
        let written = written(&[
            b"a\n-----BEGIN RSA PRIVATE KEY-----\n",
            body.as_bytes(),
            format!("{body}-----END RSA PRIVATE KEY-----\nb\n").as_bytes(),
        ]);
        assert_eq!(written[0], b"a\n");
        assert!(written[1].is_empty());
        assert!(!String::from_utf8_lossy(&written.concat()).contains("MIIE"));
        assert!(written[2].ends_with(b"\nb\n"));
    }

    #[test]
    fn bytes_that_are_no_text_stay_as_they_are() {
        let bytes: Vec<u8> = (0..=255).collect();
        assert_eq!(written(&[&bytes]).concat(), bytes);
    }

    #[test]
    fn the_last_word_of_the_shell_is_not_shown_and_lets_it_go() {
        let (_keep, secrets) = secrets();
        let mut stream = Stream::new(Some(secrets), END, Vec::new());
        assert!(!stream.take(b"out ccs-end").expect("written"));
        assert!(stream.take(b"-1").expect("written"));
        assert_eq!(stream.out, b"out ");
        assert!(!stream.take(b"later\n").expect("written"));
    }

    #[test]
    fn a_long_stream_is_written_before_it_ends() {
        let line = format!("{} {TOKEN}\n", "x".repeat(1000));
        let (_keep, secrets) = secrets();
        let mut stream = Stream::new(Some(secrets), END, Vec::new());
        for _ in 0..1100 {
            stream.take(line.as_bytes()).expect("written");
        }
        assert!(!stream.out.is_empty() && stream.waiting.len() < MOST);
        assert!(!String::from_utf8_lossy(&stream.out).contains(TOKEN));
    }
}
