//! Stops asking a judge that fails: after three failures within five minutes it rests for two
//! minutes, then a few questions are let through, and two answers in a row end the rest.
//!
//! A hook lives for one question, so the state is a file that all of them share.

use std::fs::{File, OpenOptions};
use std::io;
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use serde::{Deserialize, Serialize};

use super::config::FOLDER;
use crate::files;

/// So many failures …
const FAILURES: usize = 3;
/// … within so many milliseconds open it …
const WINDOW: u64 = 300_000;
/// … for so many milliseconds.
const REST: u64 = 120_000;
/// So many answers in a row close it again.
const SUCCESSES: u32 = 2;
/// So many questions at a time while it is not sure.
const PROBES: usize = 3;
/// A question whose process did not live to say how it ended is forgotten after so many milliseconds.
const LOST: u64 = 15_000;
/// The file of the state.
const FILE: &str = "breaker.json";
const LOCK: &str = "breaker.lock";
/// The longest such file, in bytes.
const MAX_FILE: u64 = 64 << 10;
/// How often another process is waited for, a millisecond each.
const TRIES: u32 = 50;

/// Whether the judge is asked.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum State {
    /// It is.
    #[default]
    Closed,
    /// It rests.
    Open,
    /// A few questions show whether it is back.
    HalfOpen,
}

/// What is remembered from question to question. Times are milliseconds since 1970.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Memory {
    /// Whether it is asked.
    pub state: State,
    /// When the last failures were.
    pub failures: Vec<u64>,
    /// When it was opened.
    pub opened: u64,
    /// Answers in a row since it is half open.
    pub successes: u32,
    /// When the questions began that are under way while it is half open.
    pub probes: Vec<u64>,
    /// Whether the user was told since the last answer.
    pub told: bool,
    /// All answers so far.
    pub answered: u64,
    /// All failures so far.
    pub failed: u64,
}

impl Memory {
    /// Whether a question may be asked now.
    fn admit(&mut self, now: u64) -> bool {
        if self.state == State::Open && self.rest(now) == 0 {
            self.state = State::HalfOpen;
            self.successes = 0;
            self.probes.clear();
        }
        match self.state {
            State::Closed => true,
            State::Open => false,
            State::HalfOpen => {
                self.probes
                    .retain(|&begun| begun <= now && now - begun < LOST);
                let free = self.probes.len() < PROBES;
                if free {
                    self.probes.push(now);
                }
                free
            }
        }
    }

    /// How many seconds it still rests.
    #[must_use]
    pub fn rests(&self) -> u64 {
        self.rest(now()).div_ceil(1000)
    }

    /// The same in milliseconds. A clock that was set back does not make it longer.
    fn rest(&self, now: u64) -> u64 {
        match self.state {
            State::Open if self.opened <= now => REST.saturating_sub(now - self.opened),
            _ => 0,
        }
    }

    fn succeeded(&mut self) {
        self.answered += 1;
        self.told = false;
        self.failures.clear();
        if self.state == State::HalfOpen {
            self.probes.pop();
            self.successes += 1;
            if self.successes >= SUCCESSES {
                self.state = State::Closed;
                self.probes.clear();
            }
        }
    }

    /// Whether the user has not been told yet.
    fn failed(&mut self, now: u64) -> bool {
        self.failed += 1;
        self.failures.retain(|&at| at <= now && now - at < WINDOW);
        self.failures.push(now);
        let open = match self.state {
            State::Closed => self.failures.len() >= FAILURES,
            State::HalfOpen => true,
            State::Open => false,
        };
        if open {
            self.state = State::Open;
            self.opened = now;
            self.probes.clear();
            self.failures.clear();
        }
        !std::mem::replace(&mut self.told, true)
    }
}

/// The breaker of a state folder.
pub(super) struct Breaker {
    folder: PathBuf,
}

impl Breaker {
    pub(super) fn of(state: &Path) -> Self {
        Self {
            folder: state.join(FOLDER),
        }
    }

    /// Whether a question may be asked. If that cannot be told, none is.
    pub(super) fn admit(&self) -> bool {
        self.change(|memory| memory.admit(now())).unwrap_or(false)
    }

    pub(super) fn succeeded(&self) {
        // A success that is not noted costs another question.
        let _ = self.change(Memory::succeeded);
    }

    /// Whether the user is to be told.
    pub(super) fn failed(&self) -> bool {
        self.change(|memory| memory.failed(now())).unwrap_or(false)
    }

    /// The same for what is no failure of the judge.
    pub(super) fn is_news(&self) -> bool {
        let told = self.change(|memory| std::mem::replace(&mut memory.told, true));
        !told.unwrap_or(false)
    }

    pub(super) fn memory(&self) -> Memory {
        let bytes = files::read_private(&self.folder.join(FILE), MAX_FILE);
        let bytes = bytes.ok().flatten().unwrap_or_default();
        // A damaged file begins anew: it says only how long to rest.
        serde_json::from_slice(&bytes).unwrap_or_default()
    }

    pub(super) fn reset(&self) -> io::Result<()> {
        self.change(|memory| {
            *memory = Memory {
                answered: memory.answered,
                failed: memory.failed,
                ..Memory::default()
            };
        })
    }

    fn change<T>(&self, change: impl FnOnce(&mut Memory) -> T) -> io::Result<T> {
        files::make_private_folder(&self.folder)?;
        let _held = self.lock()?;
        let mut memory = self.memory();
        let before = memory.clone();
        let result = change(&mut memory);
        if memory != before {
            let text = serde_json::to_vec(&memory)?;
            files::replace(&self.folder.join(FILE), &text)?;
        }
        Ok(result)
    }

    /// Waits a little for others, but not for one that was stopped while it held the lock.
    fn lock(&self) -> io::Result<File> {
        let mut options = OpenOptions::new();
        options.write(true).create(true).truncate(false);
        #[cfg(unix)]
        std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
        let file = options.open(self.folder.join(LOCK))?;
        for _ in 0..TRIES {
            match file.try_lock() {
                Ok(()) => return Ok(file),
                Err(std::fs::TryLockError::WouldBlock) => {
                    std::thread::sleep(Duration::from_millis(1));
                }
                Err(std::fs::TryLockError::Error(error)) => return Err(error),
            }
        }
        Err(io::Error::from(io::ErrorKind::WouldBlock))
    }
}

/// Milliseconds since 1970.
pub(super) fn now() -> u64 {
    let since = SystemTime::now().duration_since(UNIX_EPOCH);
    since.map_or(0, |since| {
        u64::try_from(since.as_millis()).unwrap_or(u64::MAX)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOON: u64 = 1_700_000_000_000;

    fn opened() -> Memory {
        let mut memory = Memory::default();
        for at in 0..3 {
            assert!(memory.admit(NOON + at));
            memory.failed(NOON + at);
        }
        memory
    }

    #[test]
    fn the_third_failure_within_five_minutes_opens_it_for_two() {
        let mut memory = opened();
        assert_eq!(memory.state, State::Open);
        assert_eq!(memory.rest(NOON + 2), REST);
        assert!(!memory.admit(NOON + REST - 1));
        assert!(memory.admit(NOON + 2 + REST));
        assert_eq!(memory.state, State::HalfOpen);
    }

    #[test]
    fn failures_that_are_far_apart_do_not_open_it() {
        let mut memory = Memory::default();
        for times in 0..9 {
            memory.failed(NOON + times * WINDOW / 2);
            assert_eq!(memory.state, State::Closed);
        }
    }

    #[test]
    fn an_answer_forgets_the_failures_before_it() {
        let mut memory = Memory::default();
        for at in 0..9 {
            memory.failed(NOON + at);
            memory.succeeded();
        }
        assert_eq!(
            (memory.state, memory.answered, memory.failed),
            (State::Closed, 9, 9)
        );
    }

    #[test]
    fn half_open_lets_three_through_and_two_answers_close_it() {
        let mut memory = opened();
        let later = NOON + 2 * REST;
        let admitted = (0..5).filter(|_| memory.admit(later)).count();
        assert_eq!(admitted, PROBES);
        memory.succeeded();
        assert_eq!(memory.state, State::HalfOpen);
        memory.succeeded();
        assert_eq!(memory.state, State::Closed);
    }

    #[test]
    fn a_failure_while_half_open_opens_it_again() {
        let mut memory = opened();
        let later = NOON + 2 * REST;
        assert!(memory.admit(later));
        memory.failed(later);
        assert_eq!((memory.state, memory.opened), (State::Open, later));
        assert!(!memory.admit(later + REST - 1));
    }

    #[test]
    fn questions_whose_process_died_do_not_keep_others_out() {
        let mut memory = opened();
        let later = NOON + 2 * REST;
        assert_eq!((0..5).filter(|_| memory.admit(later)).count(), PROBES);
        assert!(memory.admit(later + LOST));
    }

    #[test]
    fn a_clock_that_was_set_back_does_not_keep_it_open() {
        let mut memory = opened();
        assert!(memory.admit(NOON - 3_600_000));
        assert_eq!(memory.state, State::HalfOpen);
    }

    #[test]
    fn a_failure_is_told_once_until_there_was_an_answer() {
        let mut memory = Memory::default();
        assert!(memory.failed(NOON));
        assert!(!memory.failed(NOON + 1));
        memory.succeeded();
        assert!(memory.failed(NOON + 2));
    }

    #[test]
    fn a_damaged_file_begins_anew_and_a_held_lock_is_not_waited_for_for_ever() {
        let state = tempfile::tempdir().expect("a folder");
        let breaker = Breaker::of(state.path());
        assert!(breaker.admit());
        std::fs::write(breaker.folder.join(FILE), "{").expect("written");
        assert!(breaker.admit());

        let held = breaker.lock().expect("free");
        assert!(!breaker.admit());
        drop(held);
        assert!(breaker.admit());
    }
}
