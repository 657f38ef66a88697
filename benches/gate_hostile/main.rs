//! How long the gate takes for a megabyte of text that is made to keep it busy.
//!
//! ```text
//! cargo bench -p ccs-benches --bench gate_hostile [-- PART-OF-A-NAME]
//! ```

mod shapes;

use std::panic::catch_unwind;
use std::process::ExitCode;
use std::time::Duration;

use ccs_benches::cpu;
use ccs_gate::{Call, Decision, Facts, Gate};
use shapes::{SHAPES, Shape};

/// The most CPU time that one call may take.
const MOST: Duration = Duration::from_millis(50);
const ROUNDS: u32 = 5;

/// Lengths of the texts in KiB. A shape that is too slow is not tried with a longer text, for
/// what grows faster than its text would not come to an end.
const LENGTHS: [usize; 6] = [1, 4, 16, 64, 256, 1024];

/// What came out for a shape.
struct Measure {
    /// KiB of the longest text that was tried.
    length: usize,
    time: Duration,
    decision: Decision,
}

#[expect(clippy::print_stdout, reason = "a bench speaks to who started it")]
fn main() -> ExitCode {
    let wanted = std::env::args().skip(1).find(|arg| !arg.starts_with('-'));
    let wanted = wanted.unwrap_or_default();
    let gate = Gate::builtin();
    let mut slow = 0;
    for shape in SHAPES.iter().filter(|shape| shape.name.contains(&wanted)) {
        let Ok(measure) = catch_unwind(|| measured(&gate, shape)) else {
            println!("PANIC {}", shape.name);
            slow += 1;
            continue;
        };
        let Measure {
            length,
            time,
            decision,
        } = measure;
        let mark = if time > MOST { "  TOO SLOW" } else { "" };
        let millis = time.as_secs_f64() * 1e3;
        println!(
            "{length:4} KiB {millis:9.2} ms  {decision:5?}  {}{mark}",
            shape.name
        );
        slow += usize::from(time > MOST);
    }
    println!("{slow} above {MOST:?}");
    ExitCode::from(u8::from(slow > 0))
}

fn measured(gate: &Gate, shape: &Shape) -> Measure {
    let mut last = None;
    for length in LENGTHS {
        let text = shape.text(length << 10);
        let mut decision = Decision::Allow;
        let time = cpu::least(ROUNDS, || decision = judged(gate, &text));
        last = Some(Measure {
            length,
            time,
            decision,
        });
        if time > MOST {
            break;
        }
    }
    last.expect("there are lengths")
}

fn judged(gate: &Gate, text: &str) -> Decision {
    let facts = Facts {
        home: Some("/home/dev"),
        cwd: Some("/home/dev/shop"),
        project: Some("/home/dev/shop"),
        state: Some("/home/dev/.claude/ccs"),
        ..Facts::default()
    };
    gate.judge(&Call::command(text), &facts).decision
}
