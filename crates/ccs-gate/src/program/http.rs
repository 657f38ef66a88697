//! curl, wget and other programs that speak HTTP.

use super::Command;
use super::args::Args;
use crate::effect::{Kinds, Tags};
use crate::eval::{Eval, Io};
use crate::net::{Target, is_url};
use crate::path;
use crate::value::{Labels, Value};

/// Options of curl that have a value.
const CURL: &[&str] = &[
    "-A",
    "-b",
    "-c",
    "-C",
    "-d",
    "-D",
    "-e",
    "-E",
    "-F",
    "-h",
    "-H",
    "-K",
    "-m",
    "-o",
    "-P",
    "-Q",
    "-r",
    "-t",
    "-T",
    "-u",
    "-U",
    "-w",
    "-x",
    "-X",
    "-y",
    "-Y",
    "-z",
    "--abstract-unix-socket",
    "--aws-sigv4",
    "--cacert",
    "--capath",
    "--cert",
    "--cert-type",
    "--ciphers",
    "--config",
    "--connect-timeout",
    "--connect-to",
    "--cookie",
    "--cookie-jar",
    "--crlfile",
    "--data",
    "--data-ascii",
    "--data-binary",
    "--data-raw",
    "--data-urlencode",
    "--dns-servers",
    "--doh-url",
    "--dump-header",
    "--form",
    "--form-string",
    "--header",
    "--interface",
    "--json",
    "--key",
    "--key-type",
    "--limit-rate",
    "--local-port",
    "--max-filesize",
    "--max-redirs",
    "--max-time",
    "--netrc-file",
    "--noproxy",
    "--output",
    "--output-dir",
    "--pass",
    "--pinnedpubkey",
    "--preproxy",
    "--proto",
    "--proto-default",
    "--proto-redir",
    "--proxy",
    "--proxy-header",
    "--proxy-user",
    "--range",
    "--rate",
    "--referer",
    "--request",
    "--request-target",
    "--resolve",
    "--retry",
    "--retry-delay",
    "--retry-max-time",
    "--socks5",
    "--socks5-hostname",
    "--speed-limit",
    "--speed-time",
    "--stderr",
    "--time-cond",
    "--tls-max",
    "--trace",
    "--trace-ascii",
    "--unix-socket",
    "--upload-file",
    "--url",
    "--url-query",
    "--user",
    "--user-agent",
    "--variable",
    "--write-out",
    "--expand-data",
    "--expand-url",
    "--ipfs-gateway",
];
/// Options of wget that have a value.
const WGET: &[&str] = &[
    "-a",
    "-A",
    "-B",
    "-D",
    "-e",
    "-I",
    "-i",
    "-l",
    "-o",
    "-O",
    "-P",
    "-Q",
    "-R",
    "-t",
    "-T",
    "-U",
    "-w",
    "-X",
    "--append-output",
    "--base",
    "--bind-address",
    "--body-data",
    "--body-file",
    "--ca-certificate",
    "--ca-directory",
    "--certificate",
    "--config",
    "--connect-timeout",
    "--cut-dirs",
    "--directory-prefix",
    "--dns-timeout",
    "--domains",
    "--execute",
    "--header",
    "--http-password",
    "--http-user",
    "--include-directories",
    "--input-file",
    "--level",
    "--limit-rate",
    "--load-cookies",
    "--max-redirect",
    "--method",
    "--output-document",
    "--output-file",
    "--password",
    "--post-data",
    "--post-file",
    "--private-key",
    "--proxy-password",
    "--proxy-user",
    "--quota",
    "--read-timeout",
    "--referer",
    "--reject",
    "--accept",
    "--save-cookies",
    "--secure-protocol",
    "--timeout",
    "--tries",
    "--use-askpass",
    "--user",
    "--user-agent",
    "--wait",
    "--waitretry",
];

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

pub(super) fn curl(eval: &mut Eval<'_>, command: &Command<'_>, io: &Io) -> Value {
    let args = Args::read(command.args(), CURL);
    let mut request = Request {
        urls: args.texts().chain(args.values(&["--url"])).collect(),
        method: args.value(&["X", "--request"]).map(str::to_uppercase),
        files: args.values(&["T", "--upload-file"]).collect(),
        outputs: args
            .values(&[
                "o",
                "--output",
                "D",
                "--dump-header",
                "c",
                "--cookie-jar",
                "--trace",
                "--trace-ascii",
                "--stderr",
            ])
            .map(str::to_owned)
            .collect(),
        unverified: args.has(&["k", "--insecure"]),
        head: args.has(&["I", "--head"]),
        ..Request::default()
    };
    for data in args.values(&[
        "d",
        "--data",
        "--data-ascii",
        "--data-binary",
        "--json",
        "--data-urlencode",
    ]) {
        data_or_file(data, &mut request);
    }
    request
        .bodies
        .extend(args.values(&["--data-raw", "--form-string"]));
    for part in args.values(&["F", "--form"]) {
        let value = part.split_once('=').map_or(part, |(_, value)| value);
        data_or_file(value.split(';').next().unwrap_or(value), &mut request);
    }
    for header in args.values(&["H", "--header"]) {
        if let Some(file) = header.strip_prefix('@') {
            request.files.push(file);
        }
    }
    if args.has(&["O", "--remote-name", "J", "--remote-name-all"]) {
        request.outputs.extend(
            request
                .urls
                .iter()
                .map(|url| path::name(&Target::of(url).path).to_owned()),
        );
    }
    for file in args.values(&["K", "--config", "--netrc-file"]) {
        eval.read(file);
    }
    if args.has(&["G", "--get"]) && request.method.is_none() {
        request.method = Some("GET".to_owned());
    }
    perform(eval, command, &request, io)
}

/// `@file` sends a file, anything else is the text itself.
fn data_or_file<'v>(data: &'v str, request: &mut Request<'v>) {
    match data.strip_prefix(['@', '<']).or_else(|| {
        data.split_once('@')
            .filter(|(name, _)| !name.contains([' ', '{', '"', ':', '=']))
            .map(|(_, file)| file)
    }) {
        Some(file) if data.starts_with(['@', '<']) || file.starts_with(['/', '.', '~']) => {
            request.files.push(file);
        }
        _ => request.bodies.push(data),
    }
}

pub(super) fn wget(eval: &mut Eval<'_>, command: &Command<'_>, io: &Io) -> Value {
    let args = Args::read(command.args(), WGET);
    let mut request = Request {
        urls: args.texts().collect(),
        method: args.value(&["--method"]).map(str::to_uppercase),
        bodies: args.values(&["--post-data", "--body-data"]).collect(),
        files: args.values(&["--post-file", "--body-file"]).collect(),
        unverified: args.has(&["--no-check-certificate"]),
        head: args.has(&["--spider"]),
        ..Request::default()
    };
    if !request.bodies.is_empty() || !request.files.is_empty() {
        request.method.get_or_insert_with(|| "POST".to_owned());
    }
    for file in args.values(&["i", "--input-file", "--config"]) {
        eval.read(file);
    }
    for text in args.values(&["--use-askpass"]) {
        eval.run_text(text, &Io::default());
    }
    let folder = args.value(&["P", "--directory-prefix"]);
    match args.value(&["O", "--output-document"]) {
        Some("-") => {}
        Some(file) => request.outputs.push(file.to_owned()),
        None if request.head => {}
        None => {
            let names = request.urls.iter().map(|url| saved_as(url, folder));
            request.outputs = names.collect();
        }
    }
    let value = perform(eval, command, &request, io);
    if request.outputs.is_empty() {
        value
    } else {
        Value::default()
    }
}

fn saved_as(url: &str, folder: Option<&str>) -> String {
    let target = Target::of(url);
    let name = path::name(&target.path);
    let name = if name.is_empty() { "index.html" } else { name };
    folder.map_or(name.to_owned(), |folder| format!("{folder}/{name}"))
}

/// `http METHOD URL key=value`, as httpie and xh have it.
pub(super) fn httpie(eval: &mut Eval<'_>, command: &Command<'_>, io: &Io) -> Value {
    let args = Args::read(
        command.args(),
        &[
            "-a",
            "-A",
            "-o",
            "-s",
            "-p",
            "-b",
            "--auth",
            "--auth-type",
            "--output",
            "--session",
            "--timeout",
            "--verify",
            "--style",
            "--print",
            "--raw",
        ],
    );
    let mut words = args.texts().peekable();
    let method =
        words.next_if(|word| word.len() > 2 && word.bytes().all(|b| b.is_ascii_uppercase()));
    let mut request = Request {
        method: method.map(str::to_owned),
        urls: words.next().into_iter().collect(),
        outputs: args.values(&["o", "--output"]).map(str::to_owned).collect(),
        unverified: args
            .value(&["--verify"])
            .is_some_and(|value| matches!(value, "no" | "false")),
        ..Request::default()
    };
    for word in words {
        match word.split_once('@').or_else(|| word.split_once("=@")) {
            Some((_, file)) if file.contains(['/', '.']) => request.files.push(file),
            _ if word.contains('=') => request.bodies.push(word),
            _ => {}
        }
    }
    perform(eval, command, &request, io)
}

fn perform(eval: &mut Eval<'_>, command: &Command<'_>, request: &Request<'_>, io: &Io) -> Value {
    let mut sent = body(eval, command, request, io);
    let sends = !request.bodies.is_empty() || !request.files.is_empty();
    let tags = Tags::UNVERIFIED.when(request.unverified);
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
        sent.labels = command
            .args()
            .iter()
            .fold(sent.labels, |all, value| all.and(value.labels));
        one(eval, request, url, &sent, sends, tags, &mut got);
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

fn one(
    eval: &mut Eval<'_>,
    request: &Request<'_>,
    url: &str,
    sent: &Value,
    sends: bool,
    tags: Tags,
    got: &mut Value,
) {
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
    if !request.head || method != "HEAD" {
        got.push(&eval.fetch(url, tags));
    }
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
