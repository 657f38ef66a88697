//! The network: who is connected to, what is sent, what comes back.

use super::Machine;
use super::args::Args;
use crate::script::Act;
use crate::script::table::{Entry, Shape};
use crate::script::value::{Taint, Texts, Value};

/// Options that hold what a request sends.
const BODY: &[&str] = &[
    "data",
    "json",
    "body",
    "files",
    "form",
    "content",
    "multipart",
    "infile",
];

impl Machine {
    pub(super) fn network(&mut self, entry: Entry, receiver: Option<&Value>, args: &Args) -> Value {
        match entry.shape {
            Shape::Connect => self.connect(entry, receiver, args),
            Shape::ConnectPort => self.connect_port(entry, args),
            Shape::Address => {
                let port = args.items.first().map(Value::texts);
                let host = args.items.get(1).map(Value::texts);
                Value::Text(self.host_and_port(host, port))
            }
            Shape::SocketHandle => {
                let socket = Value::object("socket", Texts::of("\0"));
                if let Some((0, name)) = args.variables.first() {
                    self.set(name, socket.clone());
                }
                socket
            }
            Shape::Request => self.request(entry, receiver, args),
            Shape::Send => {
                let body = self
                    .main(&entry, receiver, args)
                    .unwrap_or_else(Value::unknown);
                let to = self
                    .nth(entry.to, receiver, args)
                    .unwrap_or_else(Value::unknown);
                self.send(&to.texts(), &body);
                Value::Unknown(Taint::NET)
            }
            Shape::CurlOption => self.curl_option(args),
            Shape::Download => self.download(entry, receiver, args),
            Shape::Listen => {
                self.scene.socket |= entry.gives != "http";
                self.act(Act::Listen);
                Value::Unknown(Taint::SOCKET)
            }
            _ => {
                self.scene.waits += 1;
                let taint = args.items.first().map_or(Taint::NONE, Value::taint);
                for (at, name) in &args.variables {
                    if i8::try_from(*at).is_ok_and(|at| at == entry.to) {
                        self.set(name, Value::Unknown(taint));
                    }
                }
                Value::Unknown(taint)
            }
        }
    }

    fn host_and_port(&mut self, host: Option<Texts>, port: Option<Texts>) -> Texts {
        let host = host.unwrap_or_else(|| Texts::unknown(Taint::NONE));
        match port {
            Some(port) if !port.first().is_empty() => {
                let colon = host.followed_by(&Texts::of(":"), &mut self.budget);
                colon.followed_by(&port, &mut self.budget)
            }
            _ => host,
        }
    }

    /// The address among the arguments, however it is written.
    fn address(&mut self, entry: Entry, receiver: Option<&Value>, args: &Args) -> Option<Texts> {
        let host = args.option(&["host", "hostname", "peeraddr", "peerhost", "computername"]);
        if let Some(host) = host {
            let host = host.texts();
            let port = args.option(&["port", "peerport"]).map(Value::texts);
            return Some(self.host_and_port(Some(host), port));
        }
        match self.main(&entry, receiver, args)? {
            Value::List(list) if list.items.len() >= 2 => {
                let port = Some(list.items[1].texts());
                Some(self.host_and_port(Some(list.items[0].texts()), port))
            }
            // A bare word before the address, as in `PeerAddr, "host:port"`.
            Value::Path(_) => {
                let text = args
                    .items
                    .iter()
                    .find(|item| matches!(item, Value::Text(_)));
                Some(text.map_or(Texts::unknown(Taint::NONE), Value::texts))
            }
            host => {
                let next = usize::try_from(entry.at)
                    .ok()
                    .and_then(|at| args.items.get(at + 1));
                let port = next
                    .filter(|port| port.number().is_some())
                    .map(Value::texts);
                Some(self.host_and_port(Some(host.texts()), port))
            }
        }
    }

    fn connect(&mut self, entry: Entry, receiver: Option<&Value>, args: &Args) -> Value {
        let local = args.is_on(&["localport", "listen", "localaddr"]);
        if local {
            self.scene.socket = true;
            self.act(Act::Listen);
            return Value::object("socket", Texts::of("\0"));
        }
        let Some(to) = self.address(entry, receiver, args) else {
            return Value::Unknown(Taint::NONE);
        };
        // Perl's `connect(S, address)` has its socket as the first argument.
        let socket = receiver
            .or(args.items.first())
            .filter(|s| s.kind() == "socket");
        self.scene.socket |= entry.gives == "socket" || socket.is_some();
        for host in &to.all {
            let host = host
                .trim_start_matches("tcp://")
                .trim_start_matches("ssl://");
            self.act(Act::Connect {
                to: host.to_owned(),
            });
        }
        match socket {
            Some(Value::Object(object)) => {
                *object.texts.borrow_mut() = Texts {
                    all: to.all,
                    taint: Taint::NONE,
                };
                Value::Object(object.clone())
            }
            _ if entry.gives.is_empty() => Value::Unknown(Taint::NET),
            _ => Value::object(entry.gives, to),
        }
    }

    /// JavaScript's `net.connect(port, host)`.
    fn connect_port(&mut self, entry: Entry, args: &Args) -> Value {
        let to = if args.option(&["host", "port"]).is_some() {
            let host = args.option(&["host"]).map(Value::texts);
            let port = args.option(&["port"]).map(Value::texts);
            self.host_and_port(host.or_else(|| Some(Texts::of("localhost"))), port)
        } else {
            let host = args
                .items
                .get(1)
                .filter(|host| !matches!(host, Value::Function(_)));
            let host = host.map_or_else(|| Texts::of("localhost"), Value::texts);
            let port = args.items.first().map(Value::texts);
            self.host_and_port(Some(host), port)
        };
        self.scene.socket = true;
        self.act(Act::Connect {
            to: to.first().to_string(),
        });
        Value::object(
            if entry.gives.is_empty() {
                "socket"
            } else {
                entry.gives
            },
            to,
        )
    }

    fn request(&mut self, entry: Entry, receiver: Option<&Value>, args: &Args) -> Value {
        let url = self.request_address(entry, receiver, args);
        let placed = (entry.to != entry.at)
            .then(|| self.nth(entry.to, receiver, args))
            .flatten();
        let posts = args
            .option(&["method"])
            .is_some_and(|method| method.texts().first().to_lowercase().starts_with("p"));
        let piped = self.input.clone().filter(|_| posts);
        let body = args.option(BODY).cloned().or(placed).or(piped);
        let body = body.filter(|body| !matches!(body, Value::Function(_)));
        let body = body.filter(|body| !matches!(body, Value::Path(p) if &**p == "None"));
        match body {
            Some(body) => self.send(&url, &body),
            None => {
                for to in &url.all {
                    self.act(Act::Connect { to: to.to_string() });
                }
                if url.taint.has(Taint::ENVIRON) {
                    self.act(Act::Env);
                }
            }
        }
        let saved = args.option(&["outfile", "o"]).cloned();
        if let Some(path) = saved {
            self.saved(&path);
        }
        let kind = if entry.gives.is_empty() {
            "response"
        } else {
            entry.gives
        };
        Value::object(
            kind,
            Texts {
                all: url.all,
                taint: Taint::NET,
            },
        )
    }

    fn request_address(&mut self, entry: Entry, receiver: Option<&Value>, args: &Args) -> Texts {
        let named = args.option(&["url", "uri", "href"]).map(Value::texts);
        if let Some(url) = named {
            return url;
        }
        if receiver.is_some_and(|r| r.kind() == "http") && entry.at != -1 {
            // The path on a server that is connected already.
            return receiver.map_or(Texts::of("\0"), |r| match r {
                Value::Object(object) => object.texts.borrow().clone(),
                other => other.texts(),
            });
        }
        match self.main(&entry, receiver, args) {
            Some(Value::Map(map)) => {
                let args = Args::of(vec![Value::Map(map)]);
                self.address(entry, None, &args)
                    .unwrap_or_else(|| Texts::of("\0"))
            }
            Some(Value::Object(object)) => object.texts.borrow().clone(),
            Some(url) => url.texts(),
            None => Texts::of("\0"),
        }
    }

    /// A request or message with a body.
    pub(super) fn send(&mut self, to: &Texts, body: &Value) {
        if body.taint().has(Taint::ENVIRON) || to.taint.has(Taint::ENVIRON) {
            self.act(Act::Env);
        }
        let body = body_text(body);
        for to in &to.all {
            self.act(Act::Send {
                to: to.to_string(),
                body: body.clone(),
            });
        }
    }

    /// PHP's `curl_setopt(handle, option, value)`.
    fn curl_option(&mut self, args: &Args) -> Value {
        let [handle, Value::Path(option), value] = args.items.as_slice() else {
            return Value::unknown();
        };
        match &**option {
            "curlopt_url" => {
                for to in value.texts().all {
                    self.act(Act::Connect { to: to.to_string() });
                }
            }
            "curlopt_postfields" | "curlopt_infile" => {
                let to = match handle {
                    Value::Object(object) => object.texts.borrow().clone(),
                    other => other.texts(),
                };
                self.send(&to, value);
            }
            _ => {}
        }
        Value::unknown()
    }

    /// A file takes what the network brought.
    fn saved(&mut self, path: &Value) {
        for path in path.texts().all {
            self.scene.fetched.push(path.clone());
            self.act(Act::Write {
                path: path.to_string(),
                text: None,
            });
        }
    }

    fn download(&mut self, entry: Entry, receiver: Option<&Value>, args: &Args) -> Value {
        let from = args.option(&["source", "uri", "url"]).cloned();
        let from = from.or_else(|| self.main(&entry, receiver, args));
        for to in from.unwrap_or_else(Value::unknown).texts().all {
            self.act(Act::Connect { to: to.to_string() });
        }
        let path = args
            .option(&["destination", "filename", "destfile"])
            .cloned();
        if let Some(path) = path.or_else(|| self.nth(entry.to, receiver, args)) {
            self.saved(&path);
        }
        Value::Unknown(Taint::NET)
    }
}

/// What a body says, as one text: the values of a map side by side.
fn body_text(body: &Value) -> String {
    match body {
        Value::Map(map) => {
            let values = map
                .pairs
                .iter()
                .map(|(key, value)| format!("{key}={}", body_text(value)));
            values.collect::<Vec<_>>().join("&")
        }
        Value::List(list) => list
            .items
            .iter()
            .map(body_text)
            .collect::<Vec<_>>()
            .join(" "),
        other => other.texts().first().to_string(),
    }
}
