//! httpie and xh.

use super::{Request, perform};
use crate::eval::{Eval, Io};
use crate::program::Command;
use crate::program::args::Args;
use crate::value::Value;

/// `http METHOD URL key=value`, as httpie and xh have it.
const METHODS: [&str; 7] = ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"];

pub(in crate::program) fn httpie(eval: &mut Eval<'_>, command: &Command<'_>, io: &Io) -> Value {
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
    let method = words.next_if(|word| METHODS.iter().any(|known| known.eq_ignore_ascii_case(word)));
    let mut request = Request {
        method: method.map(str::to_uppercase),
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
