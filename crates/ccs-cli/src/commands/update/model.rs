//! A stand-in for the model on loopback: it asks for one command after the other, then is done.

use std::io::{self, BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::thread;

use serde_json::{Value, json};

/// No request of a client is longer.
const MAX_BODY: u64 = 64 << 20;

/// Listens until the process ends.
pub(super) struct Model {
    address: String,
}

impl Model {
    /// Asks for these commands, one a turn.
    pub(super) fn start(commands: &'static [&'static str]) -> io::Result<Self> {
        let listener = TcpListener::bind("127.0.0.1:0")?;
        let address = format!("http://{}", listener.local_addr()?);
        thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                // A client that hangs up has ended.
                thread::spawn(move || serve(&stream, commands));
            }
        });
        Ok(Model { address })
    }

    pub(super) fn address(&self) -> String {
        self.address.clone()
    }
}

fn serve(stream: &TcpStream, commands: &[&str]) -> io::Result<()> {
    let mut reader = BufReader::new(stream);
    let mut first = String::new();
    reader.read_line(&mut first)?;
    let mut length = 0;
    loop {
        let mut line = String::new();
        if reader.read_line(&mut line)? == 0 || line.trim().is_empty() {
            break;
        }
        let (name, value) = line.split_once(':').unwrap_or_default();
        if name.eq_ignore_ascii_case("content-length") {
            length = value.trim().parse().unwrap_or(0);
        }
    }
    let mut body = Vec::new();
    reader.take(MAX_BODY.min(length)).read_to_end(&mut body)?;
    let (kind, answer) = answer(&first, &body, commands);
    let head = format!(
        "HTTP/1.1 200 OK\r\nContent-Type: {kind}\r\nContent-Length: {}\r\nConnection: close\r\n\r\n",
        answer.len()
    );
    let mut stream = stream;
    stream.write_all(head.as_bytes())?;
    stream.write_all(answer.as_bytes())
}

fn answer(first: &str, body: &[u8], commands: &[&str]) -> (&'static str, String) {
    let body: Value = serde_json::from_slice(body).unwrap_or_default();
    if first.contains("count_tokens") || !first.contains("/v1/messages") {
        return ("application/json", json!({ "input_tokens": 1 }).to_string());
    }
    let whole = message(&body, commands);
    match body["stream"].as_bool() {
        Some(true) => ("text/event-stream", stream(&whole)),
        _ => ("application/json", whole.to_string()),
    }
}

/// The turn after as many as the request holds already.
fn message(body: &Value, commands: &[&str]) -> Value {
    let none = Vec::new();
    let messages = body["messages"].as_array().unwrap_or(&none);
    let turn = messages
        .iter()
        .filter(|one| one["role"] == "assistant")
        .count();
    let has_tools = body["tools"]
        .as_array()
        .is_some_and(|tools| !tools.is_empty());
    let command = commands.get(turn).filter(|_| has_tools);
    let (block, reason) = match command {
        Some(command) => (
            json!({ "type": "tool_use", "id": format!("toolu_{turn}"), "name": "Bash",
                "input": { "command": command, "description": "Try a command" } }),
            "tool_use",
        ),
        None => (json!({ "type": "text", "text": "Done." }), "end_turn"),
    };
    json!({ "id": format!("msg_{turn}"), "type": "message", "role": "assistant",
        "model": body["model"].as_str().unwrap_or_default(), "content": [block],
        "stop_reason": reason, "usage": { "input_tokens": 1, "output_tokens": 1 } })
}

/// The message as server-sent events.
fn stream(whole: &Value) -> String {
    let block = &whole["content"][0];
    let (start, delta) = match block["input"].is_object() {
        true => {
            let mut start = block.clone();
            start["input"] = json!({});
            let partial = block["input"].to_string();
            (
                start,
                json!({ "type": "input_json_delta", "partial_json": partial }),
            )
        }
        false => (
            json!({ "type": "text", "text": "" }),
            json!({ "type": "text_delta", "text": block["text"] }),
        ),
    };
    let mut head = whole.clone();
    head["content"] = json!([]);
    if let Some(head) = head.as_object_mut() {
        head.remove("stop_reason");
    }
    let end = json!({ "stop_reason": whole["stop_reason"] });
    [
        json!({ "type": "message_start", "message": head }),
        json!({ "type": "content_block_start", "index": 0, "content_block": start }),
        json!({ "type": "content_block_delta", "index": 0, "delta": delta }),
        json!({ "type": "content_block_stop", "index": 0 }),
        json!({ "type": "message_delta", "delta": end, "usage": whole["usage"] }),
        json!({ "type": "message_stop" }),
    ]
    .iter()
    .map(|event| {
        format!(
            "event: {}\ndata: {event}\n\n",
            event["type"].as_str().unwrap_or_default()
        )
    })
    .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn turn(assistants: usize) -> Value {
        let messages: Vec<Value> = (0..assistants)
            .map(|_| json!({ "role": "assistant" }))
            .collect();
        let body = json!({ "messages": messages, "tools": [{}], "model": "m" });
        message(&body, &["one", "two"])
    }

    #[test]
    fn each_turn_asks_for_the_next_command_and_the_last_is_text() {
        assert_eq!(turn(0)["content"][0]["input"]["command"], "one");
        assert_eq!(turn(1)["content"][0]["input"]["command"], "two");
        assert_eq!(turn(2)["stop_reason"], "end_turn");
        assert!(stream(&turn(0)).contains("input_json_delta"));
    }
}
