//! What the installed hook costs on this machine: each tool call waits for it twice.

use std::path::Path;
use std::time::{Duration, Instant};

use ccs_integrity::settings::Found;

use super::Machine;
use crate::output::human::Line;
use crate::places::Places;
use crate::proof::{self, PATIENCE};

/// How often it is asked.
const RUNS: usize = 9;
/// Somebody who waits notices more than this.
const BOUND: Duration = Duration::from_millis(100);
/// A machine on which every program starts slowly is not the hook's doing: it is slow if it takes
/// so many times what starting it alone takes.
const TIMES: u32 = 4;

/// The median of several answers to a harmless call.
pub(crate) fn check(machine: &Machine<'_>) -> Option<Line> {
    let mut handlers = machine.files.iter().flat_map(|settings| &settings.handlers);
    let guards = |handler: &&Found| handler.ours && handler.event == "PreToolUse";
    let handler = handlers.find(guards)?;
    let program = handler.command.clone().unwrap_or_default();
    let (calls, starts) = measured(Path::new(&program), &handler.args, machine.places);
    Some(told(calls, starts))
}

/// How long each answer took, and each start of the program alone, in turns; fewer if some did
/// not come about.
fn measured(program: &Path, args: &[String], places: &Places) -> (Vec<Duration>, Vec<Duration>) {
    let input = proof::called("git status", places);
    let version = ["--version".to_owned()];
    let run = |args: &[String], input: &[u8]| {
        let begun = Instant::now();
        let answer = proof::ask(program, args, input, &places.home, PATIENCE).ok()?;
        Some((answer.code, begun.elapsed()))
    };
    let (mut calls, mut starts) = (Vec::new(), Vec::new());
    for _ in 0..RUNS {
        match run(args, &input) {
            Some((Some(0), time)) => calls.push(time),
            _ => break,
        }
        starts.extend(run(&version, b"").map(|(_, time)| time));
    }
    (calls, starts)
}

fn told(calls: Vec<Duration>, starts: Vec<Duration>) -> Line {
    if calls.len() < RUNS {
        let text = "the installed hook does not answer a harmless call";
        return Line::fail("latency", text).fix("ccs setup");
    }
    let (call, start) = (median(calls), median(starts));
    let ms = |time: Duration| format!("{:.1} ms", time.as_secs_f64() * 1000.0);
    let text = format!(
        "the hook answers a harmless call in {} (median of {RUNS}; starting it alone takes {})",
        ms(call),
        ms(start)
    );
    if call <= BOUND || call <= start * TIMES {
        return Line::ok("latency", text);
    }
    let fix = "ccs doctor again on an idle machine; then a local disk for the state folder";
    Line::warn("latency.slow", text).fix(fix)
}

fn median(mut times: Vec<Duration>) -> Duration {
    times.sort_unstable();
    times.get(times.len() / 2).copied().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::output::human::Level;

    fn level(calls: [u64; 9], start: u64) -> Level {
        let ms = |times: &[u64]| times.iter().copied().map(Duration::from_millis).collect();
        told(ms(&calls), ms(&[start; 9])).level
    }

    #[test]
    fn the_median_decides_and_a_slow_machine_is_not_the_hooks_doing() {
        assert_eq!(level([1, 1, 1, 1, 2, 900, 900, 900, 900], 1), Level::Ok);
        assert_eq!(level([1, 1, 1, 1, 200, 900, 900, 900, 900], 1), Level::Warn);
        assert_eq!(level([200; 9], 100), Level::Ok);
    }

    #[test]
    fn a_hook_that_does_not_answer_each_time_fails() {
        assert_eq!(told(vec![Duration::ZERO; 8], Vec::new()).level, Level::Fail);
    }
}
