//! Finding entries.

use std::collections::{BTreeMap, HashMap};

use crate::entry::{Details, View};
use crate::error::Result;
use crate::index::{self, BLOCK, Bits, Kind};
use crate::read::{Reader, Stored};
use crate::segment::{Columns, Segment};
use crate::time::Time;

/// What to look for. Empty fields ask for nothing; all others must fit.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Filter {
    /// The session.
    pub session: String,
    /// The event.
    pub event: String,
    /// The tool.
    pub tool: String,
    /// The decision.
    pub decision: String,
    /// One of the rules.
    pub rule: String,
    /// The agent.
    pub agent: String,
    /// The user.
    pub user: String,
    /// Not before this moment.
    pub since: Option<Time>,
    /// Before this moment.
    pub until: Option<Time>,
    /// Somewhere in target, details, rules, tool, session or event, in either case. Encrypted
    /// details are looked at if they can be read.
    pub text: String,
    /// Only entries after this one.
    pub after: Option<u64>,
    /// At most this many; 0 for all.
    pub limit: usize,
    /// The oldest first; otherwise the newest.
    pub oldest_first: bool,
}

impl Filter {
    fn terms(&self) -> impl Iterator<Item = (Kind, &str)> {
        let all = [
            (Kind::Session, &self.session),
            (Kind::Event, &self.event),
            (Kind::Tool, &self.tool),
            (Kind::Decision, &self.decision),
            (Kind::Rule, &self.rule),
            (Kind::Agent, &self.agent),
            (Kind::User, &self.user),
        ];
        all.into_iter()
            .filter(|(_, value)| !value.is_empty())
            .map(|(kind, value)| (kind, &**value))
    }

    /// Whether the entry has all the terms asked for.
    pub(crate) fn fits(&self, entry: &View<'_>) -> bool {
        self.terms().all(|(kind, value)| match kind {
            Kind::Session => entry.session() == value,
            Kind::Event => entry.event() == value,
            Kind::Tool => entry.tool() == value,
            Kind::Decision => entry.decision() == value,
            Kind::Rule => entry.rules().any(|rule| rule == value),
            Kind::Agent => entry.agent() == value,
            Kind::User => entry.user() == value,
        })
    }

    /// Whether a single entry fits, limit aside: for entries that came another way, such as those
    /// that are followed as they are written.
    #[must_use]
    pub fn matches(&self, stored: &Stored) -> bool {
        let bytes = stored.record.to_bytes();
        let fits = |entry: &View<'_>| self.fits(entry) && self.fits_place(entry);
        View::read(&bytes).is_some_and(|entry| fits(&entry)) && self.fits_text(stored)
    }

    fn fits_place(&self, entry: &View<'_>) -> bool {
        let (seq, time) = (entry.head.seq, entry.head.time);
        self.after.is_none_or(|after| seq > after)
            && self.since.is_none_or(|since| time >= since)
            && self.until.is_none_or(|until| time < until)
    }

    /// Whether a block may hold entries of the time asked for.
    fn may_be_in(&self, oldest: i64, newest: i64) -> bool {
        self.since.is_none_or(|since| newest >= since.0)
            && self.until.is_none_or(|until| oldest < until.0)
    }

    fn fits_text(&self, stored: &Stored) -> bool {
        if self.text.is_empty() {
            return true;
        }
        let (record, wanted) = (&stored.record, self.text.to_lowercase());
        let details = match &record.details {
            Details::Text(text) => text,
            _ => "",
        };
        let texts = [
            &record.target,
            details,
            &record.tool,
            &record.session,
            &record.event,
        ];
        let rules = record.rules.iter().map(String::as_str);
        texts
            .into_iter()
            .chain(rules)
            .any(|text| text.to_lowercase().contains(&wanted))
    }
}

impl Reader {
    /// The entries that fit.
    ///
    /// # Errors
    ///
    /// Why the log cannot be read.
    pub fn query(&mut self, filter: &Filter) -> Result<Vec<Stored>> {
        let limit = if filter.limit == 0 {
            usize::MAX
        } else {
            filter.limit
        };
        let mut found = Vec::new();
        self.each(filter, |stored| {
            found.push(stored);
            Ok(found.len() < limit)
        })?;
        Ok(found)
    }

    /// Shows the entries that fit, in the order asked for, until `visit` returns `false`. The
    /// limit does not apply.
    ///
    /// # Errors
    ///
    /// Why the log cannot be read, or what `visit` returns.
    pub fn each(
        &mut self,
        filter: &Filter,
        mut visit: impl FnMut(Stored) -> Result<bool>,
    ) -> Result<()> {
        let mut order: Vec<usize> = (0..self.segments.len()).collect();
        if !filter.oldest_first {
            order.reverse();
        }
        for place in order {
            let mut blocks = candidates(&self.segments[place], filter)?;
            if !filter.oldest_first {
                blocks.reverse();
            }
            for block in blocks {
                for (body, mac) in rows(&self.segments[place], filter, block)? {
                    let stored = self.stored(&body, &mac).filter(|one| filter.fits_text(one));
                    if let Some(stored) = stored
                        && !visit(stored)?
                    {
                        return Ok(());
                    }
                }
            }
        }
        Ok(())
    }

    /// How many entries fit. Without a text or time the index alone answers.
    ///
    /// # Errors
    ///
    /// Why the log cannot be read.
    pub fn count(&mut self, filter: &Filter) -> Result<u64> {
        let plain = filter.text.is_empty() && filter.since.is_none() && filter.until.is_none();
        let mut count = 0;
        if !plain || filter.after.is_some() {
            self.each(filter, |_| {
                count += 1;
                Ok(true)
            })?;
            return Ok(count);
        }
        for segment in &self.segments {
            for block in candidates(segment, filter)? {
                count += match block.bits {
                    Some(bits) if filter.terms().next().is_some() => bits.count(),
                    _ => rows(segment, filter, block)?.len() as u64,
                };
            }
        }
        Ok(count)
    }

    /// How many entries there are, and how many of each session, rule, tool and so on.
    ///
    /// # Errors
    ///
    /// Why the log cannot be read.
    pub fn stats(&self) -> Result<Stats> {
        let mut stats = Stats::default();
        for segment in &self.segments {
            stats.add(segment)?;
        }
        Ok(stats)
    }
}

/// A block, and which of its entries the index says fit; `None` if it is not indexed.
#[derive(Clone, Copy)]
struct Candidate {
    block: u64,
    bits: Option<Bits>,
}

/// The blocks of the segment that may hold something that fits, oldest first.
fn candidates(segment: &Segment, filter: &Filter) -> Result<Vec<Candidate>> {
    let last = segment.tail()?.seq;
    if filter.after.is_some_and(|after| last <= after) {
        return Ok(Vec::new());
    }
    let indexed = segment.blocks()?;
    let mut bits: Option<BTreeMap<u64, Bits>> = None;
    for (kind, value) in filter.terms() {
        let marks = segment.marks(kind, value)?;
        bits = Some(match bits {
            None => marks.into_iter().collect(),
            Some(before) => marks
                .into_iter()
                .filter_map(|(block, here)| Some((block, before.get(&block)?.and(here))))
                .collect(),
        });
    }
    let first_block = filter.after.map_or(0, |after| (after + 1) / BLOCK);
    let mut found: Vec<Candidate> = indexed
        .iter()
        .filter(|(block, oldest, newest)| {
            *block >= first_block && filter.may_be_in(*oldest, *newest)
        })
        .filter_map(|(block, ..)| {
            let bits = match &bits {
                None => Bits::ALL,
                Some(bits) => *bits.get(block)?,
            };
            Some(Candidate {
                block: *block,
                bits: Some(bits),
            })
        })
        .collect();
    // what comes after the last full block, and the front of a segment that begins within one
    let known: std::collections::HashSet<u64> = indexed.iter().map(|(block, ..)| *block).collect();
    let edges = [segment.seam.first / BLOCK].into_iter().chain(
        indexed
            .last()
            .map_or(segment.seam.first / BLOCK, |(block, ..)| block + 1)..=last / BLOCK,
    );
    let bare = edges.filter(|block| *block >= first_block && !known.contains(block));
    found.extend(bare.map(|block| Candidate { block, bits: None }));
    found.sort_by_key(|candidate| candidate.block);
    found.dedup_by_key(|candidate| candidate.block);
    Ok(found)
}

/// The entries of a block that fit, in the order asked for.
fn rows(segment: &Segment, filter: &Filter, from: Candidate) -> Result<Vec<(Vec<u8>, Vec<u8>)>> {
    let mut found = Vec::new();
    let mut keep = |body: &[u8], mac: &[u8]| {
        let fits = |entry: &View<'_>| filter.fits(entry) && filter.fits_place(entry);
        if View::read(body).is_some_and(|entry| fits(&entry)) {
            found.push((body.to_vec(), mac.to_vec()));
        }
    };
    let end = (from.block + 1) * BLOCK;
    match from.bits {
        Some(bits) if bits != Bits::ALL => {
            for seq in bits.entries(from.block) {
                if let Some(row) = segment.row(seq)? {
                    keep(&row.body, &row.mac);
                }
            }
        }
        _ => segment.rows(Columns::Tags, from.block * BLOCK, |row| {
            if row.seq < end {
                keep(&row.body, &row.mac);
            }
            Ok(row.seq < end)
        })?,
    }
    if !filter.oldest_first {
        found.reverse();
    }
    Ok(found)
}

/// Numbers about a log.
#[derive(Clone, Debug, Default, PartialEq, Eq, serde::Serialize)]
pub struct Stats {
    /// Entries.
    pub entries: u64,
    /// Segments.
    pub segments: u64,
    /// Bytes of their files.
    pub bytes: u64,
    /// The earliest and the latest time of an entry.
    pub span: Option<(Time, Time)>,
    /// Entries of each session.
    pub sessions: BTreeMap<String, u64>,
    /// Entries of each event.
    pub events: BTreeMap<String, u64>,
    /// Entries of each tool.
    pub tools: BTreeMap<String, u64>,
    /// Entries of each decision.
    pub decisions: BTreeMap<String, u64>,
    /// Entries of each rule.
    pub rules: BTreeMap<String, u64>,
    /// Entries of each agent.
    pub agents: BTreeMap<String, u64>,
    /// Entries of each user.
    pub users: BTreeMap<String, u64>,
}

impl Stats {
    fn add(&mut self, segment: &Segment) -> Result<()> {
        let (first, last) = (segment.seam.first, segment.tail()?.seq);
        self.entries += last + 1 - first;
        self.segments += 1;
        self.bytes += std::fs::metadata(&segment.path).map_or(0, |meta| meta.len());
        let mut counts: HashMap<(u8, String), u64> = HashMap::new();
        segment.all_marks(|kind, value, _, bits| {
            match counts.get_mut(&(kind, value.to_owned())) {
                Some(count) => *count += bits.count(),
                None => drop(counts.insert((kind, value.to_owned()), bits.count())),
            }
        })?;
        for (_, oldest, newest) in segment.blocks()? {
            self.stretch(Time(oldest), Time(newest));
        }
        for candidate in candidates(segment, &Filter::default())? {
            if candidate.bits.is_none() {
                self.add_bare(segment, candidate, &mut counts)?;
            }
        }
        for ((kind, value), count) in counts {
            if let Some(of_kind) = self.of_kind(kind) {
                *of_kind.entry(value).or_default() += count;
            }
        }
        Ok(())
    }

    fn add_bare(
        &mut self,
        segment: &Segment,
        candidate: Candidate,
        counts: &mut HashMap<(u8, String), u64>,
    ) -> Result<()> {
        for (body, _) in rows(segment, &Filter::default(), candidate)? {
            if let Some(entry) = View::read(&body) {
                self.stretch(entry.head.time, entry.head.time);
                index::each_term(&entry, |kind, value| {
                    *counts.entry((kind as u8, value.to_owned())).or_default() += 1;
                });
            }
        }
        Ok(())
    }

    fn stretch(&mut self, oldest: Time, newest: Time) {
        let (from, to) = self.span.unwrap_or((oldest, newest));
        self.span = Some((from.min(oldest), to.max(newest)));
    }

    fn of_kind(&mut self, kind: u8) -> Option<&mut BTreeMap<String, u64>> {
        [
            (Kind::Session, &mut self.sessions),
            (Kind::Event, &mut self.events),
            (Kind::Tool, &mut self.tools),
            (Kind::Decision, &mut self.decisions),
            (Kind::Rule, &mut self.rules),
            (Kind::Agent, &mut self.agents),
            (Kind::User, &mut self.users),
        ]
        .into_iter()
        .find_map(|(known, counts)| (known as u8 == kind).then_some(counts))
    }
}
