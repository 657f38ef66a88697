//! curl.

use super::{Request, perform};
use crate::eval::{Eval, Io};
use crate::net::Target;
use crate::path;
use crate::program::Command;
use crate::program::args::Args;
use crate::value::Value;

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

pub(in crate::program) fn curl(eval: &mut Eval<'_>, command: &Command<'_>, io: &Io) -> Value {
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
