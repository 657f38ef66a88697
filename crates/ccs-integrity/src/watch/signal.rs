//! How the thread that gets events tells the one that verifies.

use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use super::Pace;

/// Ends a watcher from another thread.
#[derive(Clone, Debug, Default)]
pub struct Stop(Signal);

impl Stop {
    /// A handle for a watcher that is still to be started.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Ends the watcher after what it is doing.
    pub fn stop(&self) {
        self.0.change(|state| state.stopped = true);
    }

    pub(super) fn signal(&self) -> &Signal {
        &self.0
    }
}

/// What happened since it was last asked. Two bits are all that is kept of any number of events.
#[derive(Clone, Debug, Default)]
pub(super) struct Signal(Arc<Shared>);

#[derive(Debug, Default)]
struct Shared {
    state: Mutex<State>,
    changed: Condvar,
}

#[derive(Clone, Copy, Debug, Default)]
struct State {
    happened: bool,
    folders: bool,
    stopped: bool,
}

pub(super) struct Happened {
    /// Folders came or went, or events were lost: the watches may not be where they should be.
    pub(super) folders: bool,
}

impl Signal {
    pub(super) fn raise(&self, folders: bool) {
        self.change(|state| {
            state.happened = true;
            state.folders |= folders;
        });
    }

    fn change(&self, change: impl FnOnce(&mut State)) {
        change(&mut self.state());
        self.0.changed.notify_all();
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.0.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Waits until something happened and settled, or until `pause` is over. `None` if stopped.
    pub(super) fn wait(&self, pause: Duration, pace: &Pace) -> Option<Happened> {
        let mut state = self.sleep(self.state(), pause, |state| !state.happened);
        let first = Instant::now();
        while state.happened && !state.stopped && first.elapsed() < pace.at_most {
            state.happened = false;
            state = self.sleep(state, pace.settle, |state| !state.happened);
            if !state.happened {
                break;
            }
        }
        if state.stopped {
            return None;
        }
        let folders = std::mem::take(&mut state.folders);
        state.happened = false;
        Some(Happened { folders })
    }

    fn sleep<'a>(
        &self,
        state: MutexGuard<'a, State>,
        time: Duration,
        still: impl Fn(&State) -> bool,
    ) -> MutexGuard<'a, State> {
        let waited = self
            .0
            .changed
            .wait_timeout_while(state, time, |state| !state.stopped && still(state));
        waited.unwrap_or_else(PoisonError::into_inner).0
    }
}
