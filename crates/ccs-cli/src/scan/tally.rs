//! What a scan has seen so far, counted by several threads.

use std::sync::Mutex;
use std::sync::atomic::{AtomicU64, Ordering::Relaxed};

use serde::Serialize;

use super::leak::Leak;

#[derive(Debug, Default)]
pub(crate) struct Tally {
    pub(crate) files: AtomicU64,
    pub(crate) bytes: AtomicU64,
    binary: AtomicU64,
    leaks: Mutex<Vec<Leak>>,
    large: Mutex<Vec<String>>,
    unreadable: Mutex<Vec<String>>,
}

/// What a scan found.
#[derive(Debug, Serialize)]
pub(crate) struct Report {
    /// How many findings are not accepted.
    #[serde(rename = "secretLeaks")]
    pub(crate) leaks: usize,
    pub(crate) accepted: usize,
    pub(crate) findings: Vec<Leak>,
    /// How many texts were read, and their bytes.
    pub(crate) files: u64,
    pub(crate) bytes: u64,
    /// How many files were not read because they are no text.
    pub(crate) binary: u64,
    /// What was not read because it is too large.
    pub(crate) large: Vec<String>,
    /// What could not be read, and why.
    pub(crate) unreadable: Vec<String>,
}

impl Tally {
    /// Counts a text that was read.
    pub(crate) fn read(&self, bytes: usize) {
        self.files.fetch_add(1, Relaxed);
        self.bytes.fetch_add(bytes as u64, Relaxed);
    }

    pub(crate) fn binary(&self) {
        self.binary.fetch_add(1, Relaxed);
    }

    pub(crate) fn large(&self, path: String) {
        add(&self.large, [path]);
    }

    pub(crate) fn unreadable(&self, why: String) {
        add(&self.unreadable, [why]);
    }

    pub(crate) fn found(&self, leaks: Vec<Leak>) {
        if !leaks.is_empty() {
            add(&self.leaks, leaks);
        }
    }

    /// The report, in the order of paths and places.
    pub(crate) fn finish(self) -> Report {
        let mut findings = inner(self.leaks);
        let key = |leak: &Leak| (leak.path.clone(), leak.commit.clone(), leak.start);
        findings.sort_by_cached_key(key);
        let (mut large, mut unreadable) = (inner(self.large), inner(self.unreadable));
        large.sort();
        unreadable.sort();
        let leaks = findings.iter().filter(|leak| leak.is_open()).count();
        Report {
            leaks,
            accepted: findings.len() - leaks,
            findings,
            files: self.files.into_inner(),
            bytes: self.bytes.into_inner(),
            binary: self.binary.into_inner(),
            large,
            unreadable,
        }
    }
}

fn add<T>(list: &Mutex<Vec<T>>, more: impl IntoIterator<Item = T>) {
    let mut list = list.lock().unwrap_or_else(|broken| broken.into_inner());
    list.extend(more);
}

fn inner<T>(list: Mutex<Vec<T>>) -> Vec<T> {
    list.into_inner()
        .unwrap_or_else(|broken| broken.into_inner())
}
