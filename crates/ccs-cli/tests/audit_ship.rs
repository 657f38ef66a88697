//! Receivers on the loopback that are killed, with the shipper, in the middle of what they are sent.
#![cfg(unix)]

#[path = "support/log.rs"]
mod log;
mod support;

use std::collections::BTreeMap;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream, UdpSocket};
use std::os::unix::net::UnixDatagram;
use std::process::{Child, Stdio};
use std::sync::mpsc::{Receiver, Sender, channel};
use std::thread::JoinHandle;

use serde_json::{Value, json};
use support::Machine;

const ENTRIES: u64 = 1_500;

/// What a receiver has, by the entry's number: every line that came under it.
type Taken = BTreeMap<u64, Vec<String>>;

/// Reads a request of a protocol strictly; `Err` says what a real receiver would refuse.
type Protocol = fn(&str, &Value) -> Result<Vec<String>, String>;

fn loki(path: &str, body: &Value) -> Result<Vec<String>, String> {
    if path != "/loki/api/v1/push" {
        return Err(format!("404 {path}"));
    }
    let mut lines = Vec::new();
    for stream in body["streams"].as_array().ok_or("no streams")? {
        let labels = stream["stream"].as_object().ok_or("no labels")?;
        let plain = |name: &String| name.chars().all(|c| c.is_ascii_alphanumeric() || c == '_');
        if labels.is_empty()
            || !labels
                .iter()
                .all(|(name, value)| plain(name) && value.is_string())
        {
            return Err("labels".into());
        }
        for value in stream["values"].as_array().ok_or("no values")? {
            let [time, line] = value.as_array().ok_or("a value")?.as_slice() else {
                return Err("a value has a time and a line".into());
            };
            time.as_str()
                .and_then(|time| time.parse::<i64>().ok())
                .ok_or("a time in ns")?;
            lines.push(line.as_str().ok_or("a line")?.to_owned());
        }
    }
    Ok(lines)
}

fn otlp(path: &str, body: &Value) -> Result<Vec<String>, String> {
    if path != "/v1/logs" {
        return Err(format!("404 {path}"));
    }
    let mut lines = Vec::new();
    for resource in body["resourceLogs"].as_array().ok_or("no resources")? {
        for scope in resource["scopeLogs"].as_array().ok_or("no scopes")? {
            scope["scope"]["name"].as_str().ok_or("a scope's name")?;
            for record in scope["logRecords"].as_array().ok_or("no records")? {
                let time = record["timeUnixNano"]
                    .as_str()
                    .and_then(|time| time.parse::<u64>().ok());
                time.ok_or("a fixed64 as text")?;
                let severity = record["severityNumber"].as_u64().ok_or("a severity")?;
                if !(1..=24).contains(&severity) {
                    return Err("a severity between 1 and 24".into());
                }
                let attributes = record["attributes"].as_array().ok_or("attributes")?;
                if !attributes
                    .iter()
                    .all(|one| one["key"].is_string() && one["value"].is_object())
                {
                    return Err("an attribute".into());
                }
                lines.push(
                    record["body"]["stringValue"]
                        .as_str()
                        .ok_or("a body")?
                        .to_owned(),
                );
            }
        }
    }
    Ok(lines)
}

/// What a receiver does with its next request.
#[derive(Clone, Copy, PartialEq)]
enum Next {
    Answer,
    /// It has the entries, and is killed before it says so.
    Die,
}

/// A receiver. It is gone after its plan.
struct Server {
    thread: JoinHandle<()>,
    port: u16,
}

impl Server {
    fn start(port: u16, protocol: Protocol, plan: Vec<Next>, taken: Sender<Vec<String>>) -> Self {
        let listener = TcpListener::bind(("127.0.0.1", port)).expect("bound");
        let port = listener.local_addr().expect("an address").port();
        let thread = std::thread::spawn(move || {
            for next in plan {
                let (stream, _) = listener.accept().expect("a request");
                serve(stream, protocol, next, &taken);
            }
        });
        Server { thread, port }
    }
}

fn serve(mut stream: TcpStream, protocol: Protocol, next: Next, taken: &Sender<Vec<String>>) {
    let (path, body) = request(&stream);
    let lines = protocol(&path, &body).expect("what the protocol allows");
    taken.send(lines).expect("the test listens");
    if next == Next::Answer {
        let answer = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\nConnection: close\r\n\r\n{}";
        stream.write_all(answer.as_bytes()).expect("answered");
    }
}

/// The path and the JSON of a POST.
fn request(stream: &TcpStream) -> (String, Value) {
    let mut reader = BufReader::new(stream);
    let (mut length, mut line) = (None, String::new());
    reader.read_line(&mut line).expect("a request");
    let path = line
        .strip_prefix("POST ")
        .and_then(|rest| rest.split(' ').next());
    let path = path.expect("a POST").to_owned();
    let mut is_json = false;
    loop {
        line.clear();
        reader.read_line(&mut line).expect("a header");
        let header = line.trim().to_lowercase();
        match header.split_once(": ") {
            Some(("content-length", value)) => length = value.parse::<usize>().ok(),
            Some(("content-type", value)) => is_json = value.starts_with("application/json"),
            _ => {}
        }
        if header.is_empty() {
            break;
        }
    }
    assert!(is_json, "another content type");
    let mut body = vec![0; length.expect("a length")];
    reader.read_exact(&mut body).expect("a body");
    (path, serde_json::from_slice(&body).expect("JSON"))
}

fn configure(machine: &Machine, destination: &Value) {
    let config = json!({"version": 1, "destinations": [destination]});
    machine.write("home/.claude/ccs/audit-config.json", config.to_string());
}

fn follow(machine: &Machine) -> Child {
    let mut command = machine.command(&["audit", "ship", "--follow"]);
    command
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .expect("started")
}

fn kill(mut child: Child) {
    child.kill().expect("killed");
    child.wait().expect("ended");
}

fn add(taken: &mut Taken, lines: Vec<String>) {
    for line in lines {
        let entry: Value = serde_json::from_str(&line).expect("JSON");
        let seq = entry["seq"].as_u64().expect("a number");
        taken.entry(seq).or_default().push(line);
    }
}

/// Ships while the receiver and the shipper are killed twice; what the receiver was told.
fn shipped(protocol: Protocol, to: &str) -> Taken {
    let machine = log::machine(ENTRIES);
    let (sender, heard): (_, Receiver<Vec<String>>) = channel();
    let mut taken = Taken::new();
    let mut port = 0;
    for _ in 0..2 {
        // it takes one batch, and has the next when both are killed
        let plan = vec![Next::Answer, Next::Die];
        let server = Server::start(port, protocol, plan, sender.clone());
        port = server.port;
        configure(
            &machine,
            &json!({"name": "r", "to": to, "url": format!("http://127.0.0.1:{port}")}),
        );
        let shipper = follow(&machine);
        (0..2).for_each(|_| add(&mut taken, heard.recv().expect("a batch")));
        server.thread.join().expect("ended");
        kill(shipper);
    }
    let server = Server::start(port, protocol, vec![Next::Answer; 32], sender);
    let shipper = follow(&machine);
    while taken.len() as u64 <= ENTRIES {
        add(&mut taken, heard.recv().expect("a batch"));
    }
    kill(shipper);
    drop(server);
    taken
}

fn assert_each_once_by_number(taken: &Taken) {
    let numbers: Vec<u64> = taken.keys().copied().collect();
    assert_eq!(numbers, (0..=ENTRIES).collect::<Vec<_>>());
    // what came twice is the same, so that its number is enough to tell
    assert!(
        taken.values().any(|lines| lines.len() > 1),
        "nothing was lost on the way"
    );
    for lines in taken.values() {
        assert!(lines.iter().all(|line| *line == lines[0]), "{lines:?}");
    }
}

#[test]
fn a_loki_receiver_has_every_entry_though_both_were_killed_twice() {
    assert_each_once_by_number(&shipped(loki, "loki"));
}

#[test]
fn an_otlp_receiver_has_every_entry_though_both_were_killed_twice() {
    assert_each_once_by_number(&shipped(otlp, "otlp"));
}

#[test]
fn a_file_has_every_entry_once_whenever_it_is_shipped_again() {
    let machine = log::machine(20);
    let path = machine.path("out.jsonl");
    configure(&machine, &json!({"name": "f", "to": "file", "path": path}));
    let ship = || machine.run(&["audit", "ship", "--once"]).succeeds();
    ship();
    log::fill(&machine, 5);
    ship();
    ship();
    let numbers: Vec<u64> = machine
        .read("out.jsonl")
        .lines()
        .map(|line| {
            serde_json::from_str::<Value>(line).expect("JSON")["seq"]
                .as_u64()
                .expect("one")
        })
        .collect();
    assert_eq!(numbers, (0..=25).collect::<Vec<_>>());
    let status = machine
        .run(&["audit", "ship", "--status", "--json"])
        .succeeds()
        .json();
    assert_eq!(
        (&status[0]["behind"], &status[0]["progress"]["sent"]),
        (&json!(0), &json!(26))
    );
}

#[test]
fn nobody_there_is_said_and_nothing_is_lost() {
    let machine = log::machine(3);
    let free = TcpListener::bind("127.0.0.1:0").expect("bound");
    let port = free.local_addr().expect("an address").port();
    drop(free);
    configure(
        &machine,
        &json!({"name": "r", "to": "loki", "url": format!("http://127.0.0.1:{port}")}),
    );
    let ship = || machine.run(&["audit", "ship", "--once"]);
    assert!(ship().ends_with(5).stdout.contains("it is left alone for"));
    let status = machine
        .run(&["audit", "ship", "--status", "--json"])
        .succeeds()
        .json();
    assert_eq!(status[0]["behind"], 4);
}

#[test]
fn syslog_goes_over_udp_and_to_a_socket_in_whole_messages() {
    let machine = log::machine(3);
    let udp = UdpSocket::bind("127.0.0.1:0").expect("bound");
    let address = format!("udp:{}", udp.local_addr().expect("an address"));
    configure(
        &machine,
        &json!({"name": "u", "to": "syslog", "address": address}),
    );
    machine.run(&["audit", "ship", "--once"]).succeeds();
    let path = machine.path("log.sock");
    let socket = UnixDatagram::bind(&path).expect("bound");
    let address = format!("unix:{}", path.display());
    configure(
        &machine,
        &json!({"name": "s", "to": "syslog", "address": address}),
    );
    machine.run(&["audit", "ship", "--once"]).succeeds();
    let mut bytes = vec![0; 1 << 16];
    for seq in 0..=3 {
        let length = udp.recv(&mut bytes).expect("a message");
        let of_udp = String::from_utf8(bytes[..length].to_vec()).expect("text");
        let length = socket.recv(&mut bytes).expect("a message");
        assert_eq!(of_udp.as_bytes(), &bytes[..length]);
        assert!(
            of_udp.starts_with("<") && of_udp.contains(&format!("seq=\"{seq}\"")),
            "{of_udp}"
        );
    }
}

#[test]
fn a_project_has_no_say_in_where_entries_go() {
    let machine = log::machine(3);
    let config = json!({"version": 1, "destinations": [
        {"name": "x", "to": "file", "path": machine.path("stolen")}]});
    for name in [
        "project/.claude/ccs/audit-config.json",
        "project/audit-config.json",
    ] {
        machine.write(name, config.to_string());
    }
    let refused = machine.run(&["audit", "ship", "--once"]).ends_with(2);
    assert!(
        refused.stderr.contains("no destination is configured"),
        "{}",
        refused.stderr
    );
    assert!(!machine.path("stolen").exists());
}

#[test]
fn a_value_from_the_vault_goes_into_a_header_and_nowhere_else() {
    let machine = log::machine(3);
    machine.init();
    machine.put("LOKI_TOKEN", "made-up-token-of-some-length");
    let listener = TcpListener::bind("127.0.0.1:0").expect("bound");
    let port = listener.local_addr().expect("an address").port();
    let server = std::thread::spawn(move || {
        let (mut stream, _) = listener.accept().expect("a request");
        let mut head = String::new();
        let mut reader = BufReader::new(stream.try_clone().expect("a stream"));
        while !head.ends_with("\r\n\r\n") {
            reader.read_line(&mut head).expect("a header");
        }
        stream
            .write_all(b"HTTP/1.1 401 No\r\nContent-Length: 0\r\n\r\n")
            .expect("answered");
        head
    });
    configure(
        &machine,
        &json!({"name": "r", "to": "loki", "url": format!("http://127.0.0.1:{port}"),
                "headers": {"Authorization": {"vault": "LOKI_TOKEN", "before": "Bearer "}}}),
    );
    let run = machine.run(&["audit", "ship", "--once"]).ends_with(5);
    let head = server.join().expect("ended").to_lowercase();
    assert!(
        head.contains("authorization: bearer made-up-token-of-some-length"),
        "{head}"
    );
    let told = machine.run(&["audit", "ship", "--status"]).stdout + &run.stdout + &run.stderr;
    assert!(!told.contains("made-up-token"), "{told}");
}
