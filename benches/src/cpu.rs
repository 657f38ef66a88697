//! CPU time, which other programs on the machine disturb less than they do the clock.

use std::time::Duration;

use rustix::time::{ClockId, clock_gettime};

/// CPU time of this thread.
#[must_use]
pub fn own() -> Duration {
    let time = clock_gettime(ClockId::ThreadCPUTime);
    time.try_into().unwrap_or_default()
}

/// The CPU time that `work` takes: the least of `rounds`, for what is above it is the machine's.
pub fn least(rounds: u32, mut work: impl FnMut()) -> Duration {
    let mut least = Duration::MAX;
    for _ in 0..rounds {
        let before = own();
        work();
        least = least.min(own() - before);
    }
    least
}
