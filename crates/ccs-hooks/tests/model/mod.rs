//! A stand-in for a model's server: it speaks HTTP on the loopback or at a Unix socket, and behaves
//! as it is told.
#![allow(dead_code, reason = "each test file uses its part")]

use std::io::{Read, Write};
use std::net::TcpListener;
use std::os::unix::net::UnixListener;
use std::path::Path;
use std::sync::{Arc, Mutex};
use std::thread;

use serde_json::{Value, json};

/// A connection.
pub(crate) trait Stream: Read + Write {}
impl<T: Read + Write> Stream for T {}

/// What a server does with a request.
pub(crate) type Manner = dyn Fn(&mut dyn Stream, &Value) + Send + Sync;

/// A server that lives as long as the process.
pub(crate) struct Server {
    pub(crate) url: String,
    seen: Arc<Mutex<Vec<Value>>>,
}

impl Server {
    /// One on the loopback.
    pub(crate) fn new(manner: impl Fn(&mut dyn Stream, &Value) + Send + Sync + 'static) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
        let port = listener.local_addr().expect("an address").port();
        let (seen, manner) = (Arc::default(), Arc::new(manner));
        let server = Self {
            url: format!("http://127.0.0.1:{port}/v1/chat/completions"),
            seen: Arc::clone(&seen),
        };
        thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                serve(stream, &seen, &manner);
            }
        });
        server
    }

    /// One at a Unix socket.
    pub(crate) fn at(
        socket: &Path,
        manner: impl Fn(&mut dyn Stream, &Value) + Send + Sync + 'static,
    ) -> Self {
        let listener = UnixListener::bind(socket).expect("a socket");
        let (seen, manner) = (Arc::default(), Arc::new(manner));
        let server = Self {
            url: format!("unix:{}", socket.display()),
            seen: Arc::clone(&seen),
        };
        thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                serve(stream, &seen, &manner);
            }
        });
        server
    }

    /// The bodies of the requests so far, each with its `head`.
    pub(crate) fn seen(&self) -> Vec<Value> {
        self.seen.lock().expect("no panic").clone()
    }

    /// How many requests there were.
    pub(crate) fn count(&self) -> usize {
        self.seen().len()
    }
}

fn serve<S: Stream + Send + 'static>(
    mut stream: S,
    seen: &Arc<Mutex<Vec<Value>>>,
    manner: &Arc<impl Fn(&mut dyn Stream, &Value) + Send + Sync + 'static>,
) {
    let (seen, manner) = (Arc::clone(seen), Arc::clone(manner));
    thread::spawn(move || {
        if let Some(body) = request(&mut stream) {
            seen.lock().expect("no panic").push(body.clone());
            manner(&mut stream, &body);
        }
    });
}

fn request(stream: &mut dyn Read) -> Option<Value> {
    let (mut bytes, mut piece) = (Vec::new(), [0; 4096]);
    loop {
        let text = String::from_utf8_lossy(&bytes).into_owned();
        if let Some((head, _)) = text.split_once("\r\n\r\n") {
            let length = head
                .lines()
                .filter_map(|line| line.split_once(": "))
                .find(|(name, _)| name.eq_ignore_ascii_case("content-length"))?
                .1;
            let from = head.len() + 4;
            if bytes.len() >= from + length.parse::<usize>().ok()? {
                let mut body: Value = serde_json::from_slice(&bytes[from..]).ok()?;
                body["head"] = json!(head);
                return Some(body);
            }
        }
        match stream.read(&mut piece).ok()? {
            0 => return None,
            count => bytes.extend_from_slice(&piece[..count]),
        }
    }
}

/// Sends a whole answer.
pub(crate) fn send(stream: &mut dyn Stream, status: &str, body: &str) {
    let length = body.len();
    let text = format!("HTTP/1.1 {status}\r\nContent-Length: {length}\r\n\r\n{body}");
    // Who asked may be gone.
    let _ = stream.write_all(text.as_bytes());
}

/// What a model wrote, in the form of chat completions.
pub(crate) fn say(stream: &mut dyn Stream, content: &str) {
    let body = json!({"choices": [{"message": {"role": "assistant", "content": content}}]});
    send(stream, "200 OK", &body.to_string());
}

/// The key of a request.
pub(crate) fn key(request: &Value) -> String {
    let system = request["messages"][0]["content"]
        .as_str()
        .or(request["system"].as_str());
    let rest = system.and_then(|text| text.split_once("The key is "));
    rest.map_or_else(String::new, |(_, rest)| rest[..32].to_owned())
}

/// The windows of a request.
pub(crate) fn windows(request: &Value) -> Vec<String> {
    let key = key(request);
    let user = request["messages"][1]["content"]
        .as_str()
        .or(request["prompt"].as_str());
    let user = user.unwrap_or_default();
    let mut windows = Vec::new();
    loop {
        let number = windows.len() + 1;
        let start = format!("<<WINDOW {number} {key}>>\n");
        let end = format!("\n<<END {number} {key}>>\n");
        let Some((_, rest)) = user.split_once(&start) else {
            return windows;
        };
        windows.push(rest.split_once(&end).expect("an end").0.to_owned());
    }
}

/// A model that calls windows with one of these words an attack, and quotes the word.
pub(crate) fn honest(words: &'static [&'static str]) -> impl Fn(&mut dyn Stream, &Value) {
    move |stream, request| say(stream, &verdict(request, words))
}

/// What such a model writes.
pub(crate) fn verdict(request: &Value, words: &[&str]) -> String {
    let windows = windows(request);
    let found: Vec<Value> = windows
        .iter()
        .enumerate()
        .flat_map(|(at, window)| {
            let of = words.iter().filter(|word| window.contains(**word));
            of.map(move |word| json!({"window": at + 1, "verdict": "attack", "quote": word}))
        })
        .collect();
    json!({"key": key(request), "windows": windows.len(), "found": found}).to_string()
}
