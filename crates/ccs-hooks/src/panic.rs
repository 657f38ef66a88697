//! A bug of ours must not let a call through: the client stops on exit code 2 and on no other,
//! while a Rust program that panics ends in 101 or 134.

use std::ffi::OsString;
use std::io;
use std::panic::PanicHookInfo;

use crate::failure::Failure;
use crate::protocol::reply::Reply;
use crate::run::event_of;

/// Makes every later panic of this process end it with the answer of the failure table for the
/// event named by `argument`, and with exit code 2 if there is no such event.
///
/// The message names the place in the program and nothing of the input.
pub fn stop_on_panic(argument: Option<OsString>) {
    std::panic::set_hook(Box::new(move |info| {
        let code = reply(argument.as_ref(), info)
            .map_or(2, |reply| reply.write(&mut io::stdout(), &mut io::stderr()));
        #[expect(clippy::exit, reason = "the one way to leave a panic with this code")]
        std::process::exit(code.into());
    }));
}

fn reply(argument: Option<&OsString>, info: &PanicHookInfo<'_>) -> Option<Reply> {
    let place = info.location().map(ToString::to_string);
    let failure = Failure::Panic(place.unwrap_or_else(|| "an unknown place".into()));
    match event_of(argument) {
        Some(event) => Some(failure.reply(event)),
        None => {
            let text = format!("ccs: {failure}.");
            crate::protocol::reply::say(&mut io::stderr(), &text);
            None
        }
    }
}
