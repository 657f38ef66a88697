//! What is on the page. Everything is counted; only the newest are kept whole, so that a page about
//! a million entries is as long as one about a thousand.

use std::collections::{BTreeMap, HashMap, VecDeque};

use ccs_audit::verify::{Expect, Report, verify};
use ccs_audit::{Filter, Reader, Record, Stored, Time, alert, change};

use crate::incident::{ENDED, STARTED};

/// The most bars of the timeline.
const MAX_BARS: i64 = 60;
/// What a bar may stand for, in seconds.
const SPANS: [i64; 13] = [
    60,
    5 * 60,
    15 * 60,
    30 * 60,
    3_600,
    2 * 3_600,
    6 * 3_600,
    12 * 3_600,
    86_400,
    7 * 86_400,
    30 * 86_400,
    90 * 86_400,
    365 * 86_400,
];

/// What the page is about.
#[derive(Clone, Debug, Default)]
pub(crate) struct Scope {
    pub(crate) session: Option<String>,
    pub(crate) since: Option<Time>,
    pub(crate) until: Option<Time>,
    /// So many are shown in full.
    pub(crate) newest: usize,
}

/// A decision, as far as colours tell.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Kind {
    Deny,
    Ask,
    Allow,
    Other,
}

impl Kind {
    pub(crate) const ALL: [Self; 4] = [Self::Deny, Self::Ask, Self::Allow, Self::Other];

    pub(crate) fn of(decision: &str) -> Self {
        match decision {
            "deny" | "block" => Self::Deny,
            "ask" | "rewrite" => Self::Ask,
            "allow" | "approve" => Self::Allow,
            _ => Self::Other,
        }
    }

    pub(crate) const fn class(self) -> &'static str {
        match self {
            Self::Deny => "deny",
            Self::Ask => "ask",
            Self::Allow => "allow",
            Self::Other => "other",
        }
    }
}

/// How many of each kind.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Counts([u64; 4]);

impl Counts {
    fn add(&mut self, kind: Kind) {
        self.0[kind as usize] += 1;
    }

    pub(crate) fn of(&self, kind: Kind) -> u64 {
        self.0[kind as usize]
    }

    pub(crate) fn all(&self) -> u64 {
        self.0.iter().sum()
    }
}

/// A bar of the timeline.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Bar {
    pub(crate) from: Time,
    pub(crate) counts: Counts,
}

/// A session.
#[derive(Clone, Debug)]
pub(crate) struct Session {
    pub(crate) id: String,
    pub(crate) first: Time,
    pub(crate) last: Time,
    pub(crate) counts: Counts,
    pub(crate) changes: u64,
    pub(crate) user: String,
}

/// All that is on the page.
pub(crate) struct Data {
    pub(crate) made: Time,
    pub(crate) scope: Scope,
    pub(crate) span: Option<(Time, Time)>,
    pub(crate) counts: Counts,
    pub(crate) bars: Vec<Bar>,
    /// How long a bar is, in seconds.
    pub(crate) bar: i64,
    pub(crate) rules: Vec<(String, Counts)>,
    pub(crate) tools: Vec<(String, Counts)>,
    pub(crate) sessions: Vec<Session>,
    pub(crate) session_count: usize,
    pub(crate) stopped: Vec<Stored>,
    pub(crate) changes: Vec<Stored>,
    pub(crate) change_count: u64,
    pub(crate) notable: Vec<Stored>,
    pub(crate) notable_count: u64,
    pub(crate) checked: Report,
    /// Witnesses that are configured.
    pub(crate) witnesses: Vec<String>,
}

/// Reads the log once, checks it, and opens the details of what is shown in full.
pub(crate) fn gather(
    sealed: &mut Reader,
    opened: &mut Reader,
    scope: Scope,
    expect: &Expect<'_>,
) -> ccs_audit::Result<Data> {
    let mut tally = Tally::new(scope.newest);
    let filter = Filter {
        session: scope.session.clone().unwrap_or_default(),
        since: scope.since,
        until: scope.until,
        oldest_first: true,
        ..Filter::default()
    };
    sealed.each(&filter, |stored| {
        tally.take(&stored.record);
        Ok(true)
    })?;
    let checked = verify(sealed, expect)?;
    let span = tally.span();
    let bar = span.map_or(SPANS[0], |(from, to)| length(to.seconds() - from.seconds()));
    let mut open = |numbers: &VecDeque<u64>| -> ccs_audit::Result<Vec<Stored>> {
        numbers.iter().rev().map(|seq| opened.entry(*seq)).collect()
    };
    Ok(Data {
        made: Time::now(),
        span,
        counts: tally.counts,
        bars: tally.bars(bar),
        bar,
        rules: sorted(tally.rules),
        tools: sorted(tally.tools),
        session_count: tally.sessions.len(),
        sessions: newest(tally.sessions, scope.newest),
        stopped: open(&tally.stopped)?,
        changes: open(&tally.changes)?,
        change_count: tally.change_count,
        notable: open(&tally.notable)?,
        notable_count: tally.notable_count,
        checked,
        witnesses: expect
            .witnesses
            .iter()
            .map(|key| key.name().to_owned())
            .collect(),
        scope,
    })
}

/// The shortest length that makes few enough bars.
fn length(seconds: i64) -> i64 {
    let fits = |length: &&i64| seconds / **length < MAX_BARS;
    SPANS
        .iter()
        .find(fits)
        .copied()
        .unwrap_or(10 * 365 * 86_400)
}

struct Tally {
    newest: usize,
    counts: Counts,
    times: Vec<(Time, Kind)>,
    rules: BTreeMap<String, Counts>,
    tools: BTreeMap<String, Counts>,
    sessions: HashMap<String, Session>,
    stopped: VecDeque<u64>,
    changes: VecDeque<u64>,
    change_count: u64,
    notable: VecDeque<u64>,
    notable_count: u64,
}

impl Tally {
    fn new(newest: usize) -> Self {
        Tally {
            newest,
            counts: Counts::default(),
            times: Vec::new(),
            rules: BTreeMap::new(),
            tools: BTreeMap::new(),
            sessions: HashMap::new(),
            stopped: VecDeque::new(),
            changes: VecDeque::new(),
            change_count: 0,
            notable: VecDeque::new(),
            notable_count: 0,
        }
    }

    fn take(&mut self, record: &Record) {
        let kind = Kind::of(&record.decision);
        self.counts.add(kind);
        self.times.push((record.time, kind));
        for rule in &record.rules {
            count(&mut self.rules, rule, kind);
        }
        if !record.tool.is_empty() {
            count(&mut self.tools, &record.tool, kind);
        }
        if !record.session.is_empty() {
            self.take_session(record, kind);
        }
        if matches!(kind, Kind::Deny | Kind::Ask) {
            keep(&mut self.stopped, record.seq, self.newest);
        }
        if record.event == change::EVENT {
            self.change_count += 1;
            keep(&mut self.changes, record.seq, self.newest);
        }
        if [alert::EVENT, STARTED, ENDED].contains(&record.event.as_str()) {
            self.notable_count += 1;
            keep(&mut self.notable, record.seq, self.newest);
        }
    }

    fn take_session(&mut self, record: &Record, kind: Kind) {
        let new = || Session {
            id: record.session.clone(),
            first: record.time,
            last: record.time,
            counts: Counts::default(),
            changes: 0,
            user: record.user.clone(),
        };
        let session = self
            .sessions
            .entry(record.session.clone())
            .or_insert_with(new);
        session.first = session.first.min(record.time);
        session.last = session.last.max(record.time);
        session.counts.add(kind);
        session.changes += u64::from(record.event == change::EVENT);
    }

    fn span(&self) -> Option<(Time, Time)> {
        let times = self.times.iter().map(|(time, _)| *time);
        Some((times.clone().min()?, times.max()?))
    }

    /// Every bar from the first to the last, those without entries too.
    fn bars(&self, length: i64) -> Vec<Bar> {
        let Some((from, to)) = self.span() else {
            return Vec::new();
        };
        let place = |time: Time| time.seconds().div_euclid(length);
        let (first, last) = (place(from), place(to));
        let mut bars: Vec<Bar> = (first..=last)
            .map(|place| Bar {
                from: Time(0).plus_seconds(place * length),
                counts: Counts::default(),
            })
            .collect();
        for (time, kind) in &self.times {
            let at = usize::try_from(place(*time) - first).unwrap_or(0);
            if let Some(bar) = bars.get_mut(at) {
                bar.counts.add(*kind);
            }
        }
        bars
    }
}

fn count(counts: &mut BTreeMap<String, Counts>, name: &str, kind: Kind) {
    match counts.get_mut(name) {
        Some(counts) => counts.add(kind),
        None => counts.entry(name.to_owned()).or_default().add(kind),
    }
}

fn keep(kept: &mut VecDeque<u64>, seq: u64, newest: usize) {
    kept.push_back(seq);
    if kept.len() > newest {
        kept.pop_front();
    }
}

/// The most first.
fn sorted(counts: BTreeMap<String, Counts>) -> Vec<(String, Counts)> {
    let mut counts: Vec<_> = counts.into_iter().collect();
    counts.sort_by_key(|(_, counts)| std::cmp::Reverse(counts.all()));
    counts
}

fn newest(sessions: HashMap<String, Session>, count: usize) -> Vec<Session> {
    let mut sessions: Vec<Session> = sessions.into_values().collect();
    sessions.sort_by(|a, b| b.last.cmp(&a.last).then_with(|| a.id.cmp(&b.id)));
    sessions.truncate(count);
    sessions
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_timeline_has_few_bars_however_long_it_is() {
        for seconds in [0, 59, 3_600, 86_400, 400 * 86_400, 50 * 365 * 86_400] {
            assert!(seconds / length(seconds) < MAX_BARS, "{seconds}");
        }
    }

    #[test]
    fn only_the_newest_are_kept() {
        let mut kept = VecDeque::new();
        (0..10).for_each(|seq| keep(&mut kept, seq, 3));
        assert_eq!(kept, [7, 8, 9]);
    }
}
