//! Receivers on the loopback that are killed and started again while entries are sent to them.

mod common;

use std::collections::BTreeMap;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::mpsc::{self, Receiver, Sender};
use std::thread::JoinHandle;
use std::time::Duration;

use ccs_audit::ship::{Http, Outbox, Protocol, Sink, Step, Syslog};
use common::{Home, fill};
use serde_json::Value;

/// What the receiver does with a request, by the number of it.
#[derive(Clone, Copy)]
enum Answer {
    Take,
    /// It has the entries, and dies before it says so.
    TakeAndDie,
    Busy,
}

/// A receiver that answers so many requests and is gone.
struct Server {
    thread: JoinHandle<()>,
    port: u16,
}

impl Server {
    fn start(port: u16, plan: Vec<Answer>, bodies: Sender<Value>) -> Self {
        let listener = TcpListener::bind(("127.0.0.1", port)).expect("bound");
        let port = listener.local_addr().expect("an address").port();
        let thread = std::thread::spawn(move || {
            for answer in plan {
                let (stream, _) = listener.accept().expect("a request");
                serve(stream, answer, &bodies);
            }
        });
        Self { thread, port }
    }
}

fn serve(stream: TcpStream, answer: Answer, bodies: &Sender<Value>) {
    let mut reader = BufReader::new(stream);
    let (mut length, mut line) = (0, String::new());
    loop {
        line.clear();
        reader.read_line(&mut line).expect("a header");
        if let Some(value) = line.to_lowercase().strip_prefix("content-length:") {
            length = value.trim().parse().expect("a length");
        }
        if line == "\r\n" {
            break;
        }
    }
    let mut body = vec![0; length];
    reader.read_exact(&mut body).expect("a body");
    let head = match answer {
        Answer::Busy => "503 Busy\r\nRetry-After: 0",
        Answer::TakeAndDie | Answer::Take => "200 OK",
    };
    if !matches!(answer, Answer::Busy) {
        bodies
            .send(serde_json::from_slice(&body).expect("JSON"))
            .expect("the test listens");
    }
    if !matches!(answer, Answer::TakeAndDie) {
        let text = format!("HTTP/1.1 {head}\r\nContent-Length: 2\r\nConnection: close\r\n\r\n{{}}");
        reader
            .get_mut()
            .write_all(text.as_bytes())
            .expect("answered");
    }
}

/// One step of a process of its own, as soon as the receiver may be tried again.
fn step(home: &Home, sink: &mut dyn Sink) -> Step {
    let path = home.path().join("ship-r.json");
    if let Ok(text) = std::fs::read_to_string(&path) {
        let mut progress: Value = serde_json::from_str(&text).expect("JSON");
        progress["until"] = Value::Null; // the pause is over
        std::fs::write(&path, progress.to_string()).expect("written");
    }
    let mut outbox = Outbox::open(&home.path(), "r").expect("opened");
    outbox.step(&mut home.reader(), sink).expect("readable")
}

/// Ships a log of 1,501 entries to a receiver that is killed and started again twice; how often it
/// got each.
fn ship(protocol: Protocol, numbers: fn(&Value) -> Vec<u64>) -> BTreeMap<u64, usize> {
    let home = Home::new();
    fill(&mut home.log(), 1_500);
    let (sender, bodies): (_, Receiver<Value>) = mpsc::channel();
    let mut port = 0;
    for plan in [
        vec![Answer::Take, Answer::TakeAndDie],
        vec![Answer::Busy, Answer::TakeAndDie],
        vec![Answer::Take; 3],
    ] {
        let count = plan.len();
        let server = Server::start(port, plan, sender.clone());
        port = server.port;
        let url = format!("http://127.0.0.1:{port}");
        for _ in 0..count {
            let mut http = Http::new(protocol, &url, vec![], None).expect("made");
            step(&home, &mut http);
        }
        server.thread.join().expect("ended");
        let mut http = Http::new(protocol, &url, vec![], None).expect("made");
        if let Step::Sent { .. } = step(&home, &mut http) {
            panic!("nobody is there");
        }
    }
    drop(sender);
    let mut found = BTreeMap::new();
    for seq in bodies.iter().flat_map(|body| numbers(&body)) {
        *found.entry(seq).or_default() += 1;
    }
    found
}

fn assert_all_there(found: &BTreeMap<u64, usize>) {
    let numbers: Vec<u64> = found.keys().copied().collect();
    assert_eq!(numbers, (0..=1_500).collect::<Vec<_>>());
    // a batch whose answer was lost came again, and its numbers say so
    assert!(found.values().any(|times| *times > 1));
}

fn seq_of_line(line: &Value) -> u64 {
    let entry: Value = serde_json::from_str(line.as_str().expect("text")).expect("JSON");
    entry["seq"].as_u64().expect("a number")
}

#[test]
fn a_loki_receiver_that_is_killed_twice_has_every_entry() {
    let found = ship(Protocol::Loki, |body| {
        let streams = body["streams"].as_array().expect("streams").iter();
        let values = streams.flat_map(|stream| stream["values"].as_array().expect("values"));
        values.map(|value| seq_of_line(&value[1])).collect()
    });
    assert_all_there(&found);
}

#[test]
fn an_otlp_receiver_that_is_killed_twice_has_every_entry() {
    let found = ship(Protocol::Otlp, |body| {
        let records = body.pointer("/resourceLogs/0/scopeLogs/0/logRecords");
        let records = records.and_then(Value::as_array).expect("records").iter();
        records
            .map(|record| seq_of_line(&record["body"]["stringValue"]))
            .collect()
    });
    assert_all_there(&found);
}

#[test]
fn syslog_messages_are_counted_and_each_is_one_entry() {
    let home = Home::new();
    fill(&mut home.log(), 100);
    let listener = TcpListener::bind("127.0.0.1:0").expect("bound");
    let address = listener.local_addr().expect("an address").to_string();
    let server = std::thread::spawn(move || {
        let mut text = String::new();
        let (mut stream, _) = listener.accept().expect("a connection");
        stream.read_to_string(&mut text).expect("text");
        text
    });
    let mut sink = Syslog::new(&address);
    assert_eq!(
        step(&home, &mut sink),
        Step::Sent {
            count: 101,
            last: 100
        }
    );
    drop(sink);
    let text = server.join().expect("ended");
    let (mut rest, mut count) = (text.as_str(), 0);
    while let Some((length, after)) = rest.split_once(' ') {
        let (message, next) = after.split_at(length.parse().expect("a length"));
        assert!(message.contains(&format!("seq=\"{count}\"")), "{message}");
        (rest, count) = (next, count + 1);
    }
    assert_eq!(count, 101);
}

#[test]
fn nobody_there_is_a_reason_to_wait() {
    let home = Home::new();
    fill(&mut home.log(), 1);
    let mut sink = Syslog::new("127.0.0.1:1");
    let Step::Waiting { pause, why } = step(&home, &mut sink) else {
        panic!("sent to nobody")
    };
    assert!(
        pause >= Duration::from_secs(1) && why.starts_with("127.0.0.1:1: "),
        "{why}"
    );
}
