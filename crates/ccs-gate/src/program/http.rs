//! Programs that speak HTTP: what their requests send, change and fetch.

mod curl;
mod httpie;
mod wget;

pub(super) use curl::curl;
pub(super) use httpie::httpie;
pub(super) use wget::wget;

use super::Command;
use crate::effect::{Kinds, Tags};
use crate::eval::{Eval, Io};
use crate::net::{Target, is_url};
use crate::value::{Labels, Value};

/// One request as far as the command line tells.
#[derive(Default)]
struct Request<'v> {
    urls: Vec<&'v str>,
    method: Option<String>,
    /// Texts and files that are sent.
    bodies: Vec<&'v str>,
    files: Vec<&'v str>,
    outputs: Vec<String>,
    unverified: bool,
    /// Only headers are asked for.
    head: bool,
}

impl Request<'_> {
    fn sends(&self) -> bool {
        !self.bodies.is_empty() || !self.files.is_empty()
    }

    fn tags(&self) -> Tags {
        Tags::UNVERIFIED.when(self.unverified)
    }
}

fn perform(eval: &mut Eval<'_>, command: &Command<'_>, request: &Request<'_>, io: &Io) -> Value {
    let sent = body(eval, command, request, io);
    let mut got = Value::default();
    for url in request
        .urls
        .iter()
        .filter(|url| !url.starts_with('\0') || url.len() > 1 || request.urls.len() == 1)
    {
        if let Some(file) = url.strip_prefix("file://") {
            got.push(&eval.read(file));
            continue;
        }
        if let Some(page) = one(eval, request, url, &sent) {
            got.push(&page);
        }
    }
    for output in &request.outputs {
        if !matches!(output.as_str(), "-" | "") {
            eval.write(output, &got, false);
        }
    }
    if request.outputs.iter().any(|output| output != "-") {
        Value::default()
    } else {
        got
    }
}

/// What comes back from one address.
fn one(eval: &mut Eval<'_>, request: &Request<'_>, url: &str, sent: &Value) -> Option<Value> {
    let (sends, tags) = (request.sends(), request.tags());
    let method = request
        .method
        .as_deref()
        .unwrap_or(if sends { "POST" } else { "GET" });
    let risky = sent.labels.has(Labels::SECRET.and(Labels::ENVIRONMENT));
    if sends || risky {
        eval.send(url, sent, tags);
    }
    let target = Target::of(url);
    if !matches!(method, "GET" | "HEAD" | "OPTIONS") {
        let verb = Tags::REMOVE
            .when(is_removal(method, &target))
            .and(Tags::ADMIN.when(is_admin(method, &target)));
        let local = is_own_server(url);
        if verb != Tags::NONE && !local {
            eval.effect(Kinds::HTTP, target.places(), verb.and(tags), url);
        }
    }
    (!request.head || method != "HEAD").then(|| eval.fetch(url, tags))
}

/// A web application under development on this machine, as opposed to a service that runs here.
fn is_own_server(url: &str) -> bool {
    const PORTS: &[&str] = &[
        "3000", "3001", "4000", "4200", "5000", "5173", "8000", "8080", "8787", "8888",
    ];
    let target = Target::of(url);
    let authority = url
        .split("://")
        .nth(1)
        .unwrap_or(url)
        .split(['/', '?'])
        .next()
        .unwrap_or("");
    let port = authority.rsplit(':').next().unwrap_or("");
    target.places().has(crate::effect::Places::LOOPBACK) && PORTS.contains(&port)
}

fn is_removal(method: &str, target: &Target) -> bool {
    const PATHS: &[&str] = &[
        "_delete_by_query",
        "/delete",
        "/destroy",
        "/purge",
        "/flush",
        "delete_series",
        "/_close",
        "/wipe",
        "/drop",
        "/terminate",
        "/remove",
        "/purge_all",
        "/clear",
    ];
    method == "DELETE" || (method != "PATCH" && PATHS.iter().any(|path| target.path.contains(path)))
}

fn is_admin(method: &str, target: &Target) -> bool {
    const PATHS: &[&str] = &[
        "_cluster/settings",
        "/admin",
        "_settings",
        "/_shutdown",
        "/quitquitquit",
        "/shutdown",
        "/config",
        "/_snapshot",
        "_reroute",
        "/-/",
    ];
    matches!(method, "PUT" | "POST" | "PATCH")
        && PATHS.iter().any(|path| target.path.contains(path))
}

/// All that is sent: the texts, the files, standard input.
fn body(eval: &mut Eval<'_>, command: &Command<'_>, request: &Request<'_>, io: &Io) -> Value {
    let mut all = Value::default();
    for text in &request.bodies {
        all.push_str(text);
    }
    for file in &request.files {
        if matches!(*file, "-" | "." | "/dev/stdin") {
            all.push(&io.stdin.clone().unwrap_or_default());
        } else {
            all.push(&eval.read(file));
        }
    }
    all.labels = command
        .args()
        .iter()
        .fold(all.labels, |labels, value| labels.and(value.labels));
    all
}

/// A word that is the address of a web page.
pub(super) fn url_words<'c>(command: &Command<'c>) -> impl Iterator<Item = &'c str> {
    command.texts().filter(|word| is_url(word))
}
