//! As much of HTTP/1.1 as one question needs: one request, one answer, and the connection ends.
//!
//! Every read waits no longer than what is left until the deadline, so that a server which sends a
//! byte now and then does not get more time than one that sends nothing.

use std::io::{self, Read, Write};
use std::net::TcpStream;
use std::time::{Duration, Instant};

use super::failure::Failure;

/// The longest answer, in bytes, its head included.
pub(super) const MAX_ANSWER: usize = 256 << 10;
/// The longest head of an answer, in bytes.
const MAX_HEAD: usize = 16 << 10;
/// How much is read at a time, in bytes.
const PIECE: usize = 8 << 10;

/// A connection whose waits can be bounded.
pub(super) trait Connection: Read + Write {
    fn wait_at_most(&self, time: Duration) -> io::Result<()>;
}

impl Connection for TcpStream {
    fn wait_at_most(&self, time: Duration) -> io::Result<()> {
        self.set_read_timeout(Some(time))?;
        self.set_write_timeout(Some(time))
    }
}

#[cfg(unix)]
impl Connection for std::os::unix::net::UnixStream {
    fn wait_at_most(&self, time: Duration) -> io::Result<()> {
        self.set_read_timeout(Some(time))?;
        self.set_write_timeout(Some(time))
    }
}

/// Posts a JSON body and returns the body of an answer with status 200.
pub(super) fn post(
    connection: &mut impl Connection,
    (host, path): (&str, &str),
    body: &[u8],
    deadline: Instant,
) -> Result<Vec<u8>, Failure> {
    let length = body.len();
    let head = format!(
        "POST {path} HTTP/1.1\r\nHost: {host}\r\nContent-Type: application/json\r\n\
         Accept: application/json\r\nContent-Length: {length}\r\nConnection: close\r\n\r\n"
    );
    let request = [head.as_bytes(), body].concat();
    for piece in request.chunks(PIECE) {
        connection.wait_at_most(left(deadline)?).map_err(broken)?;
        if let Err(error) = connection.write_all(piece) {
            // It may have answered already, and said why it wants no more.
            return answer(connection, deadline).map_err(|_| broken(error));
        }
    }
    answer(connection, deadline)
}

/// What is left until the deadline.
pub(super) fn left(deadline: Instant) -> Result<Duration, Failure> {
    let left = deadline.saturating_duration_since(Instant::now());
    if left.is_zero() {
        Err(late())
    } else {
        Ok(left)
    }
}

/// The number is filled in where it is known.
fn late() -> Failure {
    Failure::Late(0)
}

fn broken(error: io::Error) -> Failure {
    match error.kind() {
        io::ErrorKind::WouldBlock | io::ErrorKind::TimedOut => late(),
        _ => Failure::Unreachable(error.to_string()),
    }
}

/// What was read so far, and where reading stands.
struct Received {
    bytes: Vec<u8>,
    at_end: bool,
}

impl Received {
    fn more(&mut self, from: &mut impl Connection, deadline: Instant) -> Result<(), Failure> {
        let mut piece = [0; PIECE];
        loop {
            from.wait_at_most(left(deadline)?).map_err(broken)?;
            match from.read(&mut piece) {
                Ok(0) => self.at_end = true,
                Ok(count) => self.bytes.extend_from_slice(&piece[..count]),
                Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
                Err(error) => return Err(broken(error)),
            }
            return if self.bytes.len() > MAX_ANSWER {
                Err(Failure::TooLong)
            } else {
                Ok(())
            };
        }
    }
}

fn answer(from: &mut impl Connection, deadline: Instant) -> Result<Vec<u8>, Failure> {
    let mut received = Received {
        bytes: Vec::new(),
        at_end: false,
    };
    let end = loop {
        if let Some(end) = find(&received.bytes, b"\r\n\r\n") {
            break end;
        }
        if received.at_end {
            return Err(Failure::NoAnswer("it ends within its head"));
        }
        if received.bytes.len() > MAX_HEAD {
            return Err(Failure::TooLong);
        }
        received.more(from, deadline)?;
    };
    let head = Head::read(&received.bytes[..end])?;
    received.bytes.drain(..end + 4);
    // A longer way to the place it names would lead out of what was configured.
    if head.status != 200 {
        return Err(Failure::Status(head.status));
    }
    match head.length {
        Length::Known(length) => whole(received, length, from, deadline),
        Length::Chunks => chunks(received, from, deadline),
        Length::ToTheEnd => {
            while !received.at_end {
                received.more(from, deadline)?;
            }
            Ok(received.bytes)
        }
    }
}

fn whole(
    mut received: Received,
    length: usize,
    from: &mut impl Connection,
    deadline: Instant,
) -> Result<Vec<u8>, Failure> {
    if length > MAX_ANSWER {
        return Err(Failure::TooLong);
    }
    while received.bytes.len() < length {
        if received.at_end {
            return Err(Failure::NoAnswer("it ends too early"));
        }
        received.more(from, deadline)?;
    }
    received.bytes.truncate(length);
    Ok(received.bytes)
}

/// A body in pieces that each say how long they are.
fn chunks(
    mut received: Received,
    from: &mut impl Connection,
    deadline: Instant,
) -> Result<Vec<u8>, Failure> {
    let (mut body, mut at) = (Vec::new(), 0);
    loop {
        let rest = &received.bytes[at..];
        if let Some((length, skip)) = chunk(rest)? {
            if length == 0 {
                return Ok(body);
            }
            if rest.len() >= skip + length + 2 {
                if &rest[skip + length..skip + length + 2] != b"\r\n" {
                    return Err(Failure::NoAnswer("its pieces do not fit"));
                }
                body.extend_from_slice(&rest[skip..skip + length]);
                at += skip + length + 2;
                continue;
            }
        }
        if received.at_end {
            return Err(Failure::NoAnswer("it ends too early"));
        }
        received.more(from, deadline)?;
    }
}

/// The length of the next piece, and where it begins, once that much has arrived.
fn chunk(bytes: &[u8]) -> Result<Option<(usize, usize)>, Failure> {
    let Some(end) = find(bytes, b"\r\n") else {
        return if bytes.len() > 256 {
            Err(Failure::NoAnswer("its pieces do not fit"))
        } else {
            Ok(None)
        };
    };
    let line = std::str::from_utf8(&bytes[..end]).unwrap_or_default();
    let digits = line.split(';').next().unwrap_or_default().trim();
    let length = usize::from_str_radix(digits, 16)
        .ok()
        .filter(|_| digits.bytes().all(|byte| byte.is_ascii_hexdigit()))
        .ok_or(Failure::NoAnswer("its pieces do not fit"))?;
    if length > MAX_ANSWER {
        return Err(Failure::TooLong);
    }
    Ok(Some((length, end + 2)))
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Length {
    Known(usize),
    Chunks,
    ToTheEnd,
}

#[derive(Debug, PartialEq, Eq)]
struct Head {
    status: u16,
    length: Length,
}

impl Head {
    fn read(bytes: &[u8]) -> Result<Self, Failure> {
        let not_http = Failure::NoAnswer("it is not HTTP");
        let text = std::str::from_utf8(bytes).map_err(|_| not_http.clone())?;
        let mut lines = text.split("\r\n");
        let mut words = lines.next().unwrap_or_default().split(' ');
        let version = words.next().unwrap_or_default();
        let status = words.next().and_then(|code| code.parse().ok());
        let status = status
            .filter(|_| version.starts_with("HTTP/1."))
            .ok_or(not_http)?;
        let mut length = Length::ToTheEnd;
        for (name, value) in lines.filter_map(|line| line.split_once(':')) {
            if name.eq_ignore_ascii_case("transfer-encoding") {
                length = Length::Chunks;
            } else if name.eq_ignore_ascii_case("content-length") && length != Length::Chunks {
                let said = value.trim().parse();
                length = Length::Known(said.map_err(|_| Failure::NoAnswer("it has no length"))?);
            }
        }
        Ok(Self { status, length })
    }
}

fn find(bytes: &[u8], what: &[u8]) -> Option<usize> {
    memchr::memmem::find(bytes, what)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A connection over which everything has been said.
    struct Said(io::Cursor<Vec<u8>>);

    impl Read for Said {
        fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
            let few = into.len().min(7);
            self.0.read(&mut into[..few])
        }
    }

    impl Write for Said {
        fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
            Ok(bytes.len())
        }

        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }

    impl Connection for Said {
        fn wait_at_most(&self, _: Duration) -> io::Result<()> {
            Ok(())
        }
    }

    fn answered(text: &str) -> Result<String, Failure> {
        let mut said = Said(io::Cursor::new(text.as_bytes().to_vec()));
        let deadline = Instant::now() + Duration::from_secs(3600);
        let body = post(&mut said, ("localhost", "/"), b"{}", deadline)?;
        Ok(String::from_utf8(body).expect("UTF-8"))
    }

    #[test]
    fn a_body_ends_where_its_head_says() {
        for text in [
            "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhellomore",
            "HTTP/1.0 200 OK\r\n\r\nhello",
            "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3;x=y\r\nhel\r\n2\r\nlo\r\n0\r\n\r\n",
        ] {
            assert_eq!(answered(text).as_deref(), Ok("hello"), "{text}");
        }
    }

    #[test]
    fn what_is_no_answer_is_told_apart() {
        let none = |why| Err(Failure::NoAnswer(why));
        let chunked =
            |body: &str| format!("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n{body}");
        for (text, expected) in [
            (String::new(), none("it ends within its head")),
            ("SSH-2.0-x\r\n\r\n".into(), none("it is not HTTP")),
            (
                "HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nhello".into(),
                none("it ends too early"),
            ),
            (
                "HTTP/1.1 200 OK\r\nContent-Length: -1\r\n\r\n".into(),
                none("it has no length"),
            ),
            (
                "HTTP/1.1 302 Found\r\nLocation: http://a/\r\n\r\n".into(),
                Err(Failure::Status(302)),
            ),
            ("HTTP/1.1 429 x\r\n\r\n".into(), Err(Failure::Status(429))),
            (chunked("3\r\nhel"), none("it ends too early")),
            (chunked("3\r\nhelxx"), none("its pieces do not fit")),
            (chunked("+3\r\nhel\r\n"), none("its pieces do not fit")),
            (chunked("ffffffff\r\n"), Err(Failure::TooLong)),
            (
                "HTTP/1.1 200 OK\r\nContent-Length: 99999999\r\n\r\n".into(),
                Err(Failure::TooLong),
            ),
            (
                format!("HTTP/1.1 200 OK\r\n{}", "a: b\r\n".repeat(9_000)),
                Err(Failure::TooLong),
            ),
            (
                format!("HTTP/1.1 200 OK\r\n\r\n{}", "x".repeat(300_000)),
                Err(Failure::TooLong),
            ),
        ] {
            assert_eq!(answered(&text), expected, "{text:.80}");
        }
    }

    #[test]
    fn after_the_deadline_nothing_more_is_read() {
        let mut said = Said(io::Cursor::new(b"HTTP/1.1 200 OK\r\n\r\nhello".to_vec()));
        let answer = post(&mut said, ("localhost", "/"), b"{}", Instant::now());
        assert_eq!(answer, Err(Failure::Late(0)));
    }
}
