//! One question over the wire, within its deadline whatever the other side does.

use std::io::{Read, Write};
use std::net::TcpStream;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::mpsc;
use std::thread;
use std::time::Instant;

use super::config::Config;
use super::endpoint::{Endpoint, Way};
use super::failure::Failure;
use super::http;
use crate::files;
use crate::place::user_home;

/// What `ccs` is started with to ask in the place of a hook.
const RELAY: [&str; 2] = ["judge", "relay"];
/// Where programs that give a key are looked for.
const PROGRAMS: &str = "/usr/local/bin:/usr/bin:/bin:/opt/homebrew/bin";

/// Sends the body and returns that of the answer.
pub(super) fn ask(config: &Config, state: &Path, body: Vec<u8>) -> Result<Vec<u8>, Failure> {
    let endpoint = config.endpoint().map_err(Failure::Config)?;
    let deadline = Instant::now() + config.deadline();
    let answer = if config.needs_ccs(&endpoint) {
        relayed(config, state, body, deadline)
    } else {
        directly(endpoint, body, deadline)
    };
    answer.map_err(|failure| match failure {
        Failure::Late(_) => Failure::Late(config.deadline_ms),
        other => other,
    })
}

/// On a thread of its own: connecting to a socket whose queue is full cannot be given a time.
fn directly(endpoint: Endpoint, body: Vec<u8>, deadline: Instant) -> Result<Vec<u8>, Failure> {
    let (send, receive) = mpsc::channel();
    thread::spawn(move || {
        // Nobody waits any more if this fails.
        let _ = send.send(exchange(&endpoint, &body, deadline));
    });
    receive
        .recv_timeout(http::left(deadline)?)
        .map_err(|_| Failure::Late(0))?
}

fn exchange(endpoint: &Endpoint, body: &[u8], deadline: Instant) -> Result<Vec<u8>, Failure> {
    let target = (endpoint.host.as_str(), endpoint.path.as_str());
    match &endpoint.way {
        Way::Loopback(addresses) => {
            let mut failed = Failure::Unreachable("it has no address".into());
            for address in addresses {
                match TcpStream::connect_timeout(address, http::left(deadline)?) {
                    Ok(mut stream) => return http::post(&mut stream, target, body, deadline),
                    Err(error) => failed = Failure::Unreachable(error.to_string()),
                }
            }
            Err(failed)
        }
        #[cfg(unix)]
        Way::Socket(socket) => {
            let failed = |error: std::io::Error| Failure::Unreachable(error.to_string());
            let mut stream = std::os::unix::net::UnixStream::connect(socket).map_err(failed)?;
            http::post(&mut stream, target, body, deadline)
        }
        #[cfg(not(unix))]
        Way::Socket(_) => Err(Failure::Machine("there are no Unix sockets here".into())),
        Way::Tls { .. } => Err(Failure::Machine("a hook has no TLS".into())),
    }
}

/// Through `ccs`, which has TLS and can open the vault. It finds its state folder and nothing else
/// in its environment: a project may set the variables of a hook.
fn relayed(
    config: &Config,
    state: &Path,
    body: Vec<u8>,
    deadline: Instant,
) -> Result<Vec<u8>, Failure> {
    let machine = |what: String| Failure::Machine(what);
    let program = config.ccs.as_deref().unwrap_or(Path::new(""));
    if !files::is_trusted_program(program) {
        let program = program.display();
        return Err(machine(format!(
            "`{program}` is no program, or others could have written it"
        )));
    }
    let mut command = Command::new(program);
    command
        .args(RELAY)
        .env_clear()
        .env("CCS_HOME", state)
        .env("PATH", PROGRAMS);
    if let Some(home) = user_home() {
        command.env("HOME", home);
    }
    command.stdin(Stdio::piped()).stdout(Stdio::piped());
    let mut child = command
        .stderr(Stdio::null())
        .spawn()
        .map_err(|error| machine(format!("`{}`: {error}", program.display())))?;
    let answer = told(&mut child, body, deadline);
    let _ = child.kill();
    let _ = child.wait();
    answer
}

fn told(child: &mut Child, body: Vec<u8>, deadline: Instant) -> Result<Vec<u8>, Failure> {
    let gone = || Failure::Machine("`ccs` has no input or output".into());
    let mut input = child.stdin.take().ok_or_else(gone)?;
    let output = child.stdout.take().ok_or_else(gone)?;
    let (send, receive) = mpsc::channel();
    thread::spawn(move || {
        let written = input.write_all(&body);
        drop(input);
        let mut answer = Vec::new();
        let read = output
            .take(http::MAX_ANSWER as u64 + 1)
            .read_to_end(&mut answer);
        let _ = send.send(written.and(read).map(|_| answer));
    });
    let answer = receive
        .recv_timeout(http::left(deadline)?)
        .map_err(|_| Failure::Late(0))?
        .map_err(|error| Failure::Machine(error.to_string()))?;
    relay(&answer)
}

/// What `ccs judge relay` printed: a line with the status, or `-` and why there is none, and then
/// the body.
fn relay(answer: &[u8]) -> Result<Vec<u8>, Failure> {
    if answer.len() > http::MAX_ANSWER {
        return Err(Failure::TooLong);
    }
    let end = answer.iter().position(|byte| *byte == b'\n');
    let (line, body) = answer.split_at(end.map_or(answer.len(), |end| end + 1));
    let line = String::from_utf8_lossy(line);
    match line
        .trim_end()
        .split_once(' ')
        .unwrap_or((line.trim_end(), ""))
    {
        ("200", _) => Ok(body.to_vec()),
        ("-", why) => Err(Failure::Unreachable(why.chars().take(200).collect())),
        (status, _) => Err(match status.parse() {
            Ok(status) => Failure::Status(status),
            Err(_) => Failure::NoAnswer("`ccs` ended without one"),
        }),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_the_relay_prints_is_an_answer_or_a_failure() {
        assert_eq!(relay(b"200\n{}"), Ok(b"{}".to_vec()));
        assert_eq!(relay(b"503\n{}"), Err(Failure::Status(503)));
        let unreachable = Failure::Unreachable("no route".into());
        assert_eq!(relay(b"- no route\n"), Err(unreachable));
        let none = Failure::NoAnswer("`ccs` ended without one");
        assert_eq!(relay(b""), Err(none.clone()));
        assert_eq!(relay(b"{}"), Err(none));
        assert_eq!(relay(&[b'2'; http::MAX_ANSWER + 1]), Err(Failure::TooLong));
    }
}
