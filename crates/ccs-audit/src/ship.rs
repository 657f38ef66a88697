//! Sending entries elsewhere, each at least once and in order.
//!
//! The log itself is the outbox: a small file remembers the last entry a receiver has taken, and
//! goes forward only after the receiver said so. Whoever is killed in between sends a batch again,
//! with the same numbers; receivers tell entries apart by `seq`. What a receiver is down for waits
//! in the log.

use std::path::{Path, PathBuf};
use std::time::Duration;

use serde::{Deserialize, Serialize};

use crate::error::{Error, Result};
use crate::keys::random;
use crate::place;
use crate::read::{Reader, Stored};
use crate::time::Time;

mod file;
#[cfg(feature = "http")]
mod http;
mod loki;
mod otlp;
mod syslog;
#[cfg(test)]
mod tests;

pub use file::File;
#[cfg(feature = "http")]
pub use http::{Http, Protocol};
pub use loki::loki;
pub use otlp::otlp;
pub use syslog::{Syslog, syslog};

/// The most entries sent at once.
const BATCH: usize = 500;
/// A batch ends after so many bytes of details.
const BATCH_BYTES: usize = 1 << 20;
/// The first pause after a failure, in seconds; it doubles with each further one.
const FIRST_PAUSE: u64 = 1;
/// The longest pause, in seconds.
const LONGEST_PAUSE: u64 = 300;
/// Refused entries that are listed; all are counted.
const MAX_LISTED: usize = 100;

/// Where entries go.
pub trait Sink {
    /// Hands over a batch and returns once the receiver has it.
    ///
    /// # Errors
    ///
    /// [`Refused`] says whether trying again makes sense.
    fn send(&mut self, batch: &[Stored]) -> Result<(), Refused>;
}

/// Why a receiver did not take a batch.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Refused {
    /// It could not be reached, is busy, or does not let us in.
    #[error("{why}")]
    Later {
        /// What it said.
        why: String,
        /// How long it wants to be left alone.
        pause: Option<Duration>,
    },
    /// It will never take these entries as they are.
    #[error("{why}")]
    Never {
        /// What it said.
        why: String,
    },
}

impl Refused {
    pub(crate) fn later(why: impl ToString) -> Self {
        Self::Later {
            why: why.to_string(),
            pause: None,
        }
    }
}

/// How far a receiver has come, as it is remembered between processes.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Progress {
    /// The last entry it has.
    pub last: Option<u64>,
    /// How many it has taken.
    pub sent: u64,
    /// How many it has refused for good.
    pub refused: u64,
    /// The last of those, and why.
    pub refusals: Vec<(u64, String)>,
    /// Failures in a row.
    pub failures: u32,
    /// What the last failure was.
    pub failure: String,
    /// It is left alone until then.
    pub until: Option<Time>,
}

/// What one step came to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Step {
    /// The receiver has these entries now.
    Sent {
        /// How many.
        count: usize,
        /// The last of them.
        last: u64,
    },
    /// There is nothing to send.
    Idle,
    /// The receiver is left alone for so long.
    Waiting {
        /// How long.
        pause: Duration,
        /// What it said last.
        why: String,
    },
}

/// The way to one receiver. Only one process may hold it.
pub struct Outbox {
    path: PathBuf,
    progress: Progress,
    _lock: std::fs::File,
}

impl Outbox {
    /// Opens the outbox called `name` (letters, digits, `-` and `_`) of the log in `folder`. A new
    /// one begins with the first entry.
    ///
    /// # Errors
    ///
    /// [`Error::Locked`] if another process holds it; [`Error::Corrupt`] if its file is damaged or
    /// the name cannot be one.
    pub fn open(folder: &Path, name: &str) -> Result<Self> {
        place::check_folder(folder)?;
        let path = folder.join(format!("ship-{name}.json"));
        let plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_');
        if name.is_empty() || name.len() > 64 || !name.chars().all(plain) {
            return Err(corrupt(path, "not a name for an outbox"));
        }
        let lock = place::lock(&path.with_extension("lock"), Duration::ZERO)?;
        let progress = match place::read(&path, 1 << 20)? {
            None => Progress::default(),
            Some(bytes) => serde_json::from_slice(&bytes)
                .map_err(|error| corrupt(path.clone(), &error.to_string()))?,
        };
        Ok(Self {
            path,
            progress,
            _lock: lock,
        })
    }

    /// How far the receiver has come.
    #[must_use]
    pub fn progress(&self) -> &Progress {
        &self.progress
    }

    /// Goes on after entry `seq`: what comes before counts as sent.
    ///
    /// # Errors
    ///
    /// [`Error::File`] if that cannot be remembered.
    pub fn begin_after(&mut self, seq: u64) -> Result<()> {
        self.progress.last = Some(seq);
        self.save()
    }

    /// Sends the next batch, unless the receiver is being left alone.
    ///
    /// # Errors
    ///
    /// Why the log cannot be read or progress not be remembered. A receiver that fails is no error:
    /// it is left alone for a while, longer each time, up to five minutes.
    pub fn step(&mut self, reader: &mut Reader, sink: &mut dyn Sink) -> Result<Step> {
        if let Some(waiting) = self.waiting(Time::now()) {
            return Ok(waiting);
        }
        reader.refresh()?;
        let batch = cut(reader.after(self.progress.last, BATCH)?);
        let Some(last) = batch.last() else {
            return Ok(Step::Idle);
        };
        let (count, last) = (batch.len(), last.record.seq);
        let outcome = self.deliver(&batch, sink);
        if let Err(Refused::Later { why, pause }) = outcome {
            let pause = self.leave_alone(&why, pause)?;
            return Ok(Step::Waiting { pause, why });
        }
        Ok(Step::Sent { count, last })
    }

    /// Hands over the batch; what is refused for good is narrowed down to single entries, which are
    /// noted and left behind.
    fn deliver(&mut self, batch: &[Stored], sink: &mut dyn Sink) -> Result<(), Refused> {
        let why = match sink.send(batch) {
            Ok(()) => return self.taken(batch, None),
            Err(Refused::Never { why }) => why,
            Err(later) => return Err(later),
        };
        if batch.len() == 1 {
            return self.taken(batch, Some(why));
        }
        let (front, back) = batch.split_at(batch.len() / 2);
        self.deliver(front, sink)?;
        self.deliver(back, sink)
    }

    fn taken(&mut self, batch: &[Stored], refused: Option<String>) -> Result<(), Refused> {
        let progress = &mut self.progress;
        progress.last = batch.last().map(|one| one.record.seq).or(progress.last);
        match (refused, progress.last) {
            (Some(why), Some(seq)) => {
                progress.refused += 1;
                progress.refusals.push((seq, why));
                let excess = progress.refusals.len().saturating_sub(MAX_LISTED);
                progress.refusals.drain(..excess);
            }
            _ => progress.sent += batch.len() as u64,
        }
        (progress.failures, progress.until) = (0, None);
        progress.failure.clear();
        self.save().map_err(Refused::later)
    }

    fn waiting(&self, now: Time) -> Option<Step> {
        let until = self.progress.until?;
        let left = u64::try_from(until.0.saturating_sub(now.0)).ok()?;
        // a clock that was set back must not stop the shipping for years
        let left = Duration::from_micros(left).min(Duration::from_secs(2 * LONGEST_PAUSE));
        let why = self.progress.failure.clone();
        (!left.is_zero()).then_some(Step::Waiting { pause: left, why })
    }

    fn leave_alone(&mut self, why: &str, wanted: Option<Duration>) -> Result<Duration> {
        self.progress.failures = self.progress.failures.saturating_add(1);
        let pause = pause(self.progress.failures, wanted, random()?);
        let micros = i64::try_from(pause.as_micros()).unwrap_or(i64::MAX);
        self.progress.until = Some(Time(Time::now().0.saturating_add(micros)));
        why.clone_into(&mut self.progress.failure);
        self.save()?;
        Ok(pause)
    }

    fn save(&self) -> Result<()> {
        let json = serde_json::to_vec(&self.progress).expect("numbers and text");
        place::replace(&self.path, &json)
    }
}

/// The pause after so many failures: twice as long each time and up to a quarter longer by
/// chance, so that many machines do not come back at once; never shorter than the receiver wants.
fn pause(failures: u32, wanted: Option<Duration>, chance: [u8; 1]) -> Duration {
    let doubled = FIRST_PAUSE.saturating_mul(1 << failures.saturating_sub(1).min(20));
    let pause = Duration::from_secs(doubled.min(LONGEST_PAUSE));
    let pause = pause + pause * u32::from(chance[0]) / 1_024;
    let longest = Duration::from_secs(2 * LONGEST_PAUSE);
    pause.max(wanted.unwrap_or_default()).min(longest)
}

/// The beginning of the batch that is short enough, at least one entry.
fn cut(mut batch: Vec<Stored>) -> Vec<Stored> {
    let mut bytes = 0;
    let end = batch.iter().position(|one| {
        bytes += one.record.to_bytes().len();
        bytes > BATCH_BYTES
    });
    batch.truncate(end.unwrap_or(batch.len()).max(1));
    batch
}

fn corrupt(path: PathBuf, why: &str) -> Error {
    let why = why.to_owned();
    Error::Corrupt { path, why }
}
