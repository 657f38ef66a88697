//! Programs that a bench starts, and what they cost.

use std::fs::File;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::Duration;

use wait4::Wait4;

/// What one run of a program cost, as the kernel tells its parent.
#[derive(Clone, Copy, Debug)]
pub struct Cost {
    /// Time on a processor, in the program and in the kernel for it.
    pub cpu: Duration,
    /// The most memory it had at once, in bytes. Not less than this program's own when it
    /// started the other: the kernel counts from before `exec`.
    pub memory: u64,
}

/// Runs a program to its end, with a file on stdin and nothing read of what it says.
///
/// # Panics
///
/// If it cannot be started, or ends with an exit code that is none of `codes`.
#[must_use]
pub fn cost(command: &mut Command, stdin: &Path, codes: &[i32]) -> Cost {
    let input = File::open(stdin).expect("the input is there");
    command
        .stdin(input)
        .stdout(Stdio::null())
        .stderr(Stdio::null());
    let mut child = command
        .spawn()
        .unwrap_or_else(|error| panic!("{command:?}: {error}"));
    let ended = child.wait4().expect("our own child");
    let ended_well = ended
        .status
        .code()
        .is_some_and(|code| codes.contains(&code));
    assert!(ended_well, "{command:?}: {}", ended.status);
    Cost {
        cpu: ended.rusage.utime + ended.rusage.stime,
        memory: ended.rusage.maxrss,
    }
}

/// What each of some programs costs on its input. They take turns, so that what else the machine
/// does hits all of them; the first three turns, which fill its caches, do not count.
///
/// # Panics
///
/// If one cannot be started, or ends with another exit code than 0.
#[must_use]
pub fn in_turn<const N: usize>(
    mut programs: [(Command, &Path); N],
    rounds: usize,
) -> [Vec<Cost>; N] {
    let mut costs = [const { Vec::new() }; N];
    for round in 0..rounds + 3 {
        for ((command, input), costs) in programs.iter_mut().zip(&mut costs) {
            let cost = cost(command, input, &[0]);
            if round >= 3 {
                costs.push(cost);
            }
        }
    }
    costs
}

/// The median of what a program costs in CPU time.
///
/// # Panics
///
/// If it never ran.
#[must_use]
pub fn median_cpu(costs: &[Cost]) -> Duration {
    median(costs.iter().map(|cost| cost.cpu))
}

/// One of the workspace's programs, of the release build.
///
/// # Panics
///
/// If it was not built.
#[must_use]
pub fn release(name: &str) -> PathBuf {
    let this = std::env::current_exe().expect("this program");
    let folder = this.ancestors().nth(2).expect("the target folder");
    let path = folder.join(name);
    assert!(
        path.is_file(),
        "{}: run `cargo build --release` first",
        path.display()
    );
    path
}

/// The middle one of some values.
///
/// # Panics
///
/// If there are none.
pub fn median<T: Ord + Copy>(values: impl IntoIterator<Item = T>) -> T {
    let mut values: Vec<T> = values.into_iter().collect();
    values.sort_unstable();
    values[values.len() / 2]
}
