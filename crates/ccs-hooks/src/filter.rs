//! `ccs-hook filter prompt|record`: a text goes in, the same text without its secrets comes out.
//!
//! For a mod of the client, which can put another text in the place of a prompt or of a row of the
//! conversation, and which runs this program to get it. The text that comes out is exact: no line
//! break is added. If it cannot be had, nothing comes out and the exit code is 2.

use std::io::{Read, Write};

use crate::place::Place;
use crate::prompt;
use crate::prompt::find::{Finder, Voice};
use crate::prompt::taken;
use crate::protocol::reply;
use crate::time;

/// What the text is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Mode {
    /// A prompt: what is found goes into the vault, and references stand in its place.
    Prompt,
    /// A row of the conversation: what is found is named.
    Record,
}

impl Mode {
    pub(crate) fn of(word: &str) -> Option<Self> {
        match word {
            "prompt" => Some(Self::Prompt),
            "record" => Some(Self::Record),
            _ => None,
        }
    }
}

/// Filters `stdin` to `stdout`. Returns the exit code.
pub(crate) fn run(
    mode: Mode,
    place: &Place,
    stdin: &mut dyn Read,
    stdout: &mut dyn Write,
    stderr: &mut dyn Write,
) -> u8 {
    let done = text(stdin).and_then(|text| {
        let clean = clean(mode, place, &text)?;
        let written = stdout.write_all(clean.as_bytes());
        written
            .and_then(|()| stdout.flush())
            .map_err(|error| format!("the text cannot be written: {error}"))
    });
    match done {
        Ok(()) => 0,
        Err(why) => {
            reply::say(stderr, &reply::clean(&format!("ccs: {why}")));
            2
        }
    }
}

fn text(stdin: &mut dyn Read) -> Result<String, String> {
    let mut text = String::new();
    let read = stdin
        .take(crate::MAX_INPUT + 1)
        .read_to_string(&mut text)
        .map_err(|error| format!("the text cannot be read: {error}"))?;
    if read as u64 > crate::MAX_INPUT {
        return Err(format!(
            "the text is longer than {} MiB",
            crate::MAX_INPUT >> 20
        ));
    }
    Ok(text)
}

fn clean(mode: Mode, place: &Place, text: &str) -> Result<String, String> {
    let (finder, unread) = Finder::at(place.state.as_deref());
    if let Some(error) = unread {
        return Err(format!("secrets in the vault are not recognised: {error}"));
    }
    match mode {
        Mode::Prompt => prompt(finder, place, text),
        Mode::Record => Ok(record(&finder, text)),
    }
}

fn prompt(finder: Finder, place: &Place, text: &str) -> Result<String, String> {
    let (finder, hits) = prompt::look(finder, text, place);
    if hits.is_empty() {
        return Ok(text.to_owned());
    }
    // a dump of this process would hold the prompt
    let _ = ccs_vault::harden_process();
    let state = place.state.as_deref();
    let keep = prompt::keep(text);
    let taken = taken::take(&finder, text, &hits, keep, state, time::now());
    match (taken.text, taken.not_kept) {
        (Some(text), None) => Ok(text),
        (_, Some(why)) => Err(format!("a secret could not be stored: {why}")),
        (None, None) => Err("the prompt cannot be told without its secrets".into()),
    }
}

fn record(finder: &Finder, text: &str) -> String {
    let mut clean = String::with_capacity(text.len());
    let mut at = 0;
    for hit in finder.find(text, Voice::Record) {
        clean.push_str(&text[at..hit.range.start]);
        clean.push_str(&hit.what.mark());
        at = hit.range.end;
    }
    clean.push_str(&text[at..]);
    clean
}
