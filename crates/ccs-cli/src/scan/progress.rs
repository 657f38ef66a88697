//! A line on the terminal that says how far a long scan has come.

use std::io::{self, IsTerminal, Write};
use std::sync::atomic::Ordering::Relaxed;
use std::sync::mpsc::{self, RecvTimeoutError};
use std::thread;
use std::time::Duration;

use super::size;
use super::tally::Tally;

/// How often the line changes; a scan that is over sooner shows none.
const EVERY: Duration = Duration::from_millis(300);

/// Does the work, with a line on standard error if somebody is looking.
pub(crate) fn while_running<T>(tally: &Tally, work: impl FnOnce() -> T) -> T {
    if !io::stderr().is_terminal() {
        return work();
    }
    thread::scope(|scope| {
        let (running, over) = mpsc::channel::<()>();
        scope.spawn(move || show(tally, &over));
        let done = work();
        drop(running);
        done
    })
}

fn show(tally: &Tally, over: &mpsc::Receiver<()>) {
    let mut shown = false;
    while over.recv_timeout(EVERY) == Err(RecvTimeoutError::Timeout) {
        let (files, bytes) = (tally.files.load(Relaxed), tally.bytes.load(Relaxed));
        put(&format!("\r{files} files, {}\u{1b}[K", size::show(bytes)));
        shown = true;
    }
    if shown {
        put("\r\u{1b}[K");
    }
}

/// Nothing is lost when nobody can see it.
fn put(text: &str) {
    let _ = io::stderr().write_all(text.as_bytes());
}
