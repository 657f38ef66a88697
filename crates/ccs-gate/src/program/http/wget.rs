//! wget.

use super::{Request, perform};
use crate::eval::{Eval, Io};
use crate::net::Target;
use crate::path;
use crate::program::Command;
use crate::program::args::Args;
use crate::value::Value;

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

pub(in crate::program) fn wget(eval: &mut Eval<'_>, command: &Command<'_>, io: &Io) -> Value {
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
    if request.sends() {
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
