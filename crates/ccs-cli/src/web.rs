//! Requests to those the owner has configured: over HTTP, HTTPS or a Unix socket.

use std::time::Duration;

use anyhow::{Context, bail};
use ureq::Agent;

/// How long an answer may take.
const TIMEOUT: Duration = Duration::from_secs(10);
/// The longest answer, in bytes.
const MAX_ANSWER: u64 = 1 << 20;

/// What came back.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) body: String,
}

/// Posts a body to `url`; `path` is put behind it.
pub(crate) fn post(url: &str, path: &str, kind: &str, body: &str) -> anyhow::Result<Answer> {
    if let Some(socket) = url.strip_prefix("unix:") {
        return over_socket(socket, "POST", path, body);
    }
    let request = agent().post(joined(url, path)).content_type(kind);
    answer(request.send(body), url)
}

/// Gets what is at `path` behind `url`.
pub(crate) fn get(url: &str, path: &str) -> anyhow::Result<Answer> {
    if let Some(socket) = url.strip_prefix("unix:") {
        return over_socket(socket, "GET", path, "");
    }
    answer(agent().get(joined(url, path)).call(), url)
}

fn joined(url: &str, path: &str) -> String {
    match path {
        "" => url.to_owned(),
        path => format!("{}{path}", url.trim_end_matches('/')),
    }
}

/// Redirects are not followed: what is configured is what is asked.
fn agent() -> Agent {
    let config = Agent::config_builder()
        .timeout_global(Some(TIMEOUT))
        .http_status_as_error(false)
        .max_redirects(0)
        .user_agent(concat!("ccs/", env!("CARGO_PKG_VERSION")));
    config.build().into()
}

fn answer(
    sent: Result<ureq::http::Response<ureq::Body>, ureq::Error>,
    url: &str,
) -> anyhow::Result<Answer> {
    let mut response = sent.with_context(|| url.to_owned())?;
    let status = response.status().as_u16();
    let body = response.body_mut().with_config().limit(MAX_ANSWER);
    Ok(Answer {
        status,
        body: body.read_to_string().with_context(|| url.to_owned())?,
    })
}

#[cfg(unix)]
fn over_socket(socket: &str, method: &str, path: &str, body: &str) -> anyhow::Result<Answer> {
    use std::io::{Read, Write};
    use std::os::unix::net::UnixStream;

    let failed = || socket.to_owned();
    let mut stream = UnixStream::connect(socket).with_context(failed)?;
    stream.set_read_timeout(Some(TIMEOUT))?;
    stream.set_write_timeout(Some(TIMEOUT))?;
    let length = body.len();
    let head = format!(
        "{method} {path} HTTP/1.1\r\nHost: localhost\r\nContent-Type: text/plain\r\n\
         Content-Length: {length}\r\nConnection: close\r\n\r\n"
    );
    stream.write_all(head.as_bytes()).with_context(failed)?;
    stream.write_all(body.as_bytes()).with_context(failed)?;
    let mut answer = String::new();
    let mut limited = stream.take(MAX_ANSWER);
    limited.read_to_string(&mut answer).with_context(failed)?;
    read(&answer).with_context(failed)
}

#[cfg(not(unix))]
fn over_socket(_: &str, _: &str, _: &str, _: &str) -> anyhow::Result<Answer> {
    bail!("there are no Unix sockets here")
}

/// An answer whose end is the end of the connection.
#[cfg(unix)]
fn read(text: &str) -> anyhow::Result<Answer> {
    let Some((head, body)) = text.split_once("\r\n\r\n") else {
        bail!("the answer is not HTTP");
    };
    let status = head.split(' ').nth(1).and_then(|code| code.parse().ok());
    Ok(Answer {
        status: status.context("the answer has no status")?,
        body: body.to_owned(),
    })
}
