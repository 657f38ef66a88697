//! As much of HTTP/1.1 as a witness needs: one request, one answer, and the connection ends.

use std::io::{self, BufRead, BufReader, Read, Write};

/// The longest line of a request's head, in bytes.
const MAX_LINE: u64 = 8 << 10;
/// The most lines.
const MAX_LINES: usize = 64;
/// The longest body, in bytes: 63 hashes and a note with many signatures.
const MAX_BODY: usize = 256 << 10;

/// A request.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Request {
    pub(crate) method: String,
    pub(crate) path: String,
    pub(crate) body: String,
}

/// An answer.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Reply {
    pub(crate) status: u16,
    pub(crate) kind: &'static str,
    pub(crate) body: String,
}

impl Reply {
    pub(crate) fn text(status: u16, body: impl Into<String>) -> Self {
        Reply {
            status,
            kind: "text/plain; charset=utf-8",
            body: body.into(),
        }
    }

    pub(crate) fn write(&self, out: &mut impl Write) -> io::Result<()> {
        let (status, kind, length) = (self.status, self.kind, self.body.len());
        let reason = match status {
            200 => "OK",
            400 => "Bad Request",
            403 => "Forbidden",
            404 => "Not Found",
            405 => "Method Not Allowed",
            409 => "Conflict",
            411 => "Length Required",
            413 => "Content Too Large",
            422 => "Unprocessable Content",
            503 => "Service Unavailable",
            _ => "Internal Server Error",
        };
        let head = format!(
            "HTTP/1.1 {status} {reason}\r\nContent-Type: {kind}\r\nContent-Length: {length}\r\n\
             Connection: close\r\n\r\n"
        );
        out.write_all(head.as_bytes())?;
        out.write_all(self.body.as_bytes())?;
        out.flush()
    }
}

/// Reads a request. What is not one, or is too long, has its answer as the error.
pub(crate) fn read(from: impl Read) -> Result<Request, Reply> {
    let mut from = BufReader::new(from);
    let first = line(&mut from)?;
    let mut words = first.split(' ');
    let (Some(method), Some(path), Some(version), None) =
        (words.next(), words.next(), words.next(), words.next())
    else {
        return Err(Reply::text(400, "not a request\n"));
    };
    if !version.starts_with("HTTP/1.") {
        return Err(Reply::text(400, "not HTTP/1\n"));
    }
    let length = head(&mut from)?;
    let body = match (method, length) {
        ("POST", None) => return Err(Reply::text(411, "how long the body is, is not said\n")),
        ("POST", Some(length)) => body(&mut from, length)?,
        _ => String::new(),
    };
    Ok(Request {
        method: method.to_owned(),
        path: path.to_owned(),
        body,
    })
}

/// The length of the body, from the lines up to the empty one.
fn head(from: &mut impl BufRead) -> Result<Option<usize>, Reply> {
    let mut length = None;
    for _ in 0..MAX_LINES {
        let line = line(from)?;
        if line.is_empty() {
            return Ok(length);
        }
        let Some((name, value)) = line.split_once(':') else {
            return Err(Reply::text(400, "a line that is no header\n"));
        };
        if name.eq_ignore_ascii_case("transfer-encoding") {
            return Err(Reply::text(411, "how long the body is, is not said\n"));
        }
        if name.eq_ignore_ascii_case("content-length") {
            let said = value
                .trim()
                .parse()
                .map_err(|_| Reply::text(400, "no length\n"))?;
            if length.is_some_and(|before| before != said) {
                return Err(Reply::text(400, "two lengths\n"));
            }
            length = Some(said);
        }
    }
    Err(Reply::text(400, "too many headers\n"))
}

fn line(from: &mut impl BufRead) -> Result<String, Reply> {
    let mut bytes = Vec::new();
    let mut limited = from.take(MAX_LINE);
    limited
        .read_until(b'\n', &mut bytes)
        .map_err(|error| Reply::text(400, format!("{error}\n")))?;
    let line = bytes
        .strip_suffix(b"\n")
        .map(|line| line.strip_suffix(b"\r").unwrap_or(line));
    let line = line.ok_or_else(|| Reply::text(400, "a line that does not end\n"))?;
    String::from_utf8(line.to_vec()).map_err(|_| Reply::text(400, "not UTF-8\n"))
}

fn body(from: &mut impl Read, length: usize) -> Result<String, Reply> {
    if length > MAX_BODY {
        return Err(Reply::text(413, "too long\n"));
    }
    let mut bytes = vec![0; length];
    from.read_exact(&mut bytes)
        .map_err(|_| Reply::text(400, "a body that is shorter than said\n"))?;
    String::from_utf8(bytes).map_err(|_| Reply::text(400, "not UTF-8\n"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn status(text: &str) -> u16 {
        read(text.as_bytes()).map_or_else(|reply| reply.status, |_| 200)
    }

    #[test]
    fn a_request_is_read_with_its_body() {
        let request = read(&b"POST /x HTTP/1.1\r\nHost: a\r\ncontent-length: 3\r\n\r\nabcdef"[..]);
        let expected = Request {
            method: "POST".into(),
            path: "/x".into(),
            body: "abc".into(),
        };
        assert_eq!(request, Ok(expected));
    }

    #[test]
    fn what_is_no_request_or_too_long_is_answered_so() {
        for (text, expected) in [
            ("".to_owned(), 400),
            ("GET /\r\n\r\n".to_owned(), 400),
            ("GET / SPDY/3\r\n\r\n".to_owned(), 400),
            ("GET / HTTP/1.1\r\nx\r\n\r\n".to_owned(), 400),
            (format!("GET /{} HTTP/1.1\r\n\r\n", "x".repeat(9_000)), 400),
            (
                format!("GET / HTTP/1.1\r\n{}\r\n", "a: b\r\n".repeat(70)),
                400,
            ),
            ("POST / HTTP/1.1\r\n\r\n".to_owned(), 411),
            (
                "POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n".to_owned(),
                411,
            ),
            (
                "POST / HTTP/1.1\r\nContent-Length: 999999999\r\n\r\n".to_owned(),
                413,
            ),
            (
                "POST / HTTP/1.1\r\nContent-Length: -1\r\n\r\n".to_owned(),
                400,
            ),
            (
                "POST / HTTP/1.1\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\nab".to_owned(),
                400,
            ),
            (
                "POST / HTTP/1.1\r\nContent-Length: 9\r\n\r\nab".to_owned(),
                400,
            ),
            ("GET / HTTP/1.1\r\n\r\n".to_owned(), 200),
        ] {
            assert_eq!(status(&text), expected, "{text:.60}");
        }
    }
}
