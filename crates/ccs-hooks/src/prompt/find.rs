//! Where the secrets of a text are: what the vault holds, and what looks like a credential.

use std::borrow::Cow;
use std::ops::Range;
use std::path::Path;

use ccs_gate::Policy;
use ccs_gate::secret::{Confidence, Scanner};
use ccs_vault::Fingerprints;

use super::marker;
use crate::secrets::VAULT;

/// Finds secrets; the vault stays locked.
#[derive(Default)]
pub(crate) struct Finder {
    known: Option<Fingerprints>,
    scanner: Scanner,
}

/// A secret in a text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Hit {
    /// Where it is, in bytes; ends fall between characters.
    pub(crate) range: Range<usize>,
    pub(crate) what: What,
}

/// How a secret was recognised.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum What {
    /// The vault holds it under this name.
    Stored(String),
    /// Its writer said that it is one, and what to call it.
    Marked(String),
    /// It looks like one.
    Found {
        /// The rule's id.
        rule: Cow<'static, str>,
        /// What it is, in a few words.
        title: Cow<'static, str>,
    },
}

impl What {
    /// What stands in the place of the secret in a record, as in what tools return.
    pub(crate) fn mark(&self) -> String {
        match self {
            What::Stored(name) | What::Marked(name) => format!("[ccs:{name}]"),
            What::Found { rule, .. } => format!("[secret:{rule}]"),
        }
    }
}

/// Whose words a text is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Voice {
    /// A prompt: what somebody chose to tell. Passwords that only look like one count, and so
    /// does what is marked.
    Prompt,
    /// Anything else, much of which was never meant to be a secret.
    Record,
}

impl Finder {
    /// A finder that knows what the vault in `state` holds. If the vault cannot be read the finder
    /// goes by looks alone, and the second value says why.
    pub(crate) fn at(state: Option<&Path>) -> (Self, Option<ccs_vault::Error>) {
        let read = state.map_or(Ok(None), |state| Fingerprints::read(&state.join(VAULT)));
        let (known, error) = match read {
            Ok(known) => (known, None),
            Err(error) => (None, Some(error)),
        };
        let scanner = Scanner::builtin();
        (Self { known, scanner }, error)
    }

    /// The same with the exceptions of a policy.
    pub(crate) fn heeding(mut self, policy: &Policy) -> Self {
        self.scanner = policy.secrets.scanner();
        self
    }

    /// The secrets of a text, in order and without overlaps.
    pub(crate) fn find(&self, text: &str, voice: Voice) -> Vec<Hit> {
        let mut hits = Vec::new();
        if voice == Voice::Prompt {
            hits.extend(marker::find(text));
        }
        let known = self.known.iter().flat_map(|known| known.find(text));
        hits.extend(known.map(|hit| Hit {
            range: hit.start..hit.end,
            what: What::Stored(hit.name.to_string()),
        }));
        let least = match voice {
            Voice::Prompt => Confidence::Low,
            Voice::Record => Confidence::Medium,
        };
        let found = self.scanner.scan(text).into_iter();
        let likely = found.filter(|finding| finding.confidence >= least);
        hits.extend(likely.map(|finding| Hit {
            range: finding.start..finding.end,
            what: What::Found {
                rule: finding.rule,
                title: finding.title,
            },
        }));
        settled(hits)
    }
}

/// Where hits overlap, all that any of them covers is one secret. The one that covers it alone
/// says what it is: a stored value above a marked one above what was found by its looks.
fn settled(mut hits: Vec<Hit>) -> Vec<Hit> {
    hits.sort_by_key(|hit| (hit.range.start, rank(&hit.what)));
    let mut settled: Vec<Hit> = Vec::with_capacity(hits.len());
    for hit in hits {
        match settled.last_mut() {
            Some(last) if hit.range.start < last.range.end => join(last, hit),
            _ => settled.push(hit),
        }
    }
    settled
}

fn join(last: &mut Hit, hit: Hit) {
    let whole = last.range.start..last.range.end.max(hit.range.end);
    let (has, is) = (last.range == whole, hit.range == whole);
    let better = match (has, is) {
        (true, true) => rank(&hit.what) < rank(&last.what),
        (has, is) => is || (!has && matches!(last.what, What::Stored(_))),
    };
    last.range = whole;
    if better {
        last.what = hit.what;
    }
}

fn rank(what: &What) -> u8 {
    match what {
        What::Stored(_) => 0,
        What::Marked(_) => 1,
        What::Found { .. } => 2,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn hit(range: Range<usize>, name: Option<&str>) -> Hit {
        let what = match name {
            Some(name) => What::Stored(name.into()),
            None => What::Found {
                rule: "x.y".into(),
                title: "X".into(),
            },
        };
        Hit { range, what }
    }

    #[test]
    fn of_two_that_overlap_all_is_taken_and_the_longer_says_what_it_is() {
        let longer = settled(vec![hit(4..9, Some("A")), hit(2..12, None)]);
        assert_eq!(longer, [hit(2..12, None)]);

        let same = settled(vec![hit(2..12, None), hit(2..12, Some("A"))]);
        assert_eq!(same, [hit(2..12, Some("A"))]);

        let across = settled(vec![
            hit(0..5, Some("A")),
            hit(3..8, None),
            hit(9..10, None),
        ]);
        assert_eq!((across[0].range.clone(), across.len()), (0..8, 2));
        assert!(matches!(across[0].what, What::Found { .. }));
    }

    #[test]
    fn a_mark_names_its_value_in_a_prompt_only() {
        let (finder, _) = Finder::at(None);
        let text = "log in with KEY:MY_PIN=4711 please";
        let is_marked = |voice| {
            let hits = finder.find(text, voice);
            hits.iter()
                .any(|hit| hit.what == What::Marked("MY_PIN".into()))
        };
        assert!(is_marked(Voice::Prompt) && !is_marked(Voice::Record));
    }
}
