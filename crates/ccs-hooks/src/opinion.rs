//! A second opinion on a text: a language model on this machine that is asked where the scanner is
//! not sure. Off unless its owner switched it on (`ccs judge enable`).
//!
//! A model can be wrong, can lie, and can be talked into things by the text it reads. So what it
//! says counts only within narrow bounds, which [`Opinion`] names; any failure leaves the scanner's
//! verdict as it is. How it works for those who run it: `docs/JUDGE.md`.

mod ask;
mod breaker;
mod cache;
mod config;
mod endpoint;
mod failure;
mod http;
mod prompt;
mod weigh;
mod window;

use std::ops::Range;
use std::path::{Path, PathBuf};

use ccs_gate::injection::{Report, Source};
use ccs_gate::ioc::{self, Indicator};
use ring::rand::{SecureRandom, SystemRandom};

pub use breaker::{Memory, State};
pub use config::{Api, Config, FILE, FOLDER, KeySource};
pub use endpoint::Endpoint;
pub use failure::Failure;
pub use weigh::{Heuristic, Look, Opinion};

use crate::hex;
use crate::secrets::{Secrets, Taken};
use breaker::Breaker;
use cache::{Cache, Key};
use prompt::{Question, Word};
use weigh::{GREY, is_grey, kept, weighed};

/// Asks for a second opinion on what came from `source` if the owner wants one and it is worth
/// asking. `None` leaves the report as it is.
///
/// `unseen` says that nothing from the same place was looked at before.
#[must_use]
pub fn on(
    state: Option<&Path>,
    text: &str,
    report: &Report,
    source: Source,
    unseen: bool,
) -> Option<Opinion> {
    let heuristic = Heuristic::from(report);
    let unseen = unseen && is_external(source);
    if text.is_empty() || !may_want(&heuristic, unseen) {
        return None;
    }
    let state = state?;
    match Judge::open(state) {
        Ok(None) => None,
        Ok(Some(judge)) => judge
            .wants(&heuristic, unseen)
            .then(|| judge.second_opinion(text, &heuristic)),
        Err(failure) => {
            let news = Breaker::of(state).is_news();
            Some(kept(&heuristic, news.then(|| told(&failure))))
        }
    }
}

/// Whether strangers write what comes from there.
fn is_external(source: Source) -> bool {
    use Source::{Description, Mail, Page, Remote, Search};
    matches!(source, Page | Search | Remote | Mail | Description)
}

fn may_want(heuristic: &Heuristic, unseen: bool) -> bool {
    unseen || is_grey(heuristic)
}

/// The parts of a text that the judge is shown.
struct Shown {
    ranges: Vec<Range<usize>>,
    /// Whether they are all of it.
    complete: bool,
    /// Their words, without secrets.
    words: Vec<String>,
}

/// A judge that is switched on.
pub struct Judge {
    config: Config,
    state: PathBuf,
}

impl Judge {
    /// The judge of a state folder; `None` if there is none or it is switched off.
    ///
    /// # Errors
    ///
    /// [`Failure::Config`] if its configuration cannot be used.
    pub fn open(state: &Path) -> Result<Option<Self>, Failure> {
        let config = Config::read(state).map_err(Failure::Config)?;
        Ok(config
            .filter(|config| config.enabled)
            .map(|config| Self::new(config, state)))
    }

    /// A judge by this configuration, whether it is switched on or not.
    #[must_use]
    pub fn new(config: Config, state: &Path) -> Self {
        Self {
            config,
            state: state.to_owned(),
        }
    }

    /// Whether a text is worth a question: the scanner is not sure, or it comes from an external
    /// place that was never seen and is drawn for a sample.
    #[must_use]
    pub fn wants(&self, heuristic: &Heuristic, unseen: bool) -> bool {
        let drawn = || {
            random::<1>().is_ok_and(|[byte]| {
                u32::from(byte) * 100 < u32::from(self.config.sample_percent) * 256
            })
        };
        is_grey(heuristic) || (unseen && heuristic.score < GREY && drawn())
    }

    /// The verdict after the judge was heard, from what it said before about the same text or by
    /// asking it, within the deadline of its configuration.
    #[must_use]
    pub fn second_opinion(&self, text: &str, heuristic: &Heuristic) -> Opinion {
        let (cache, key) = (
            Cache::of(&self.state),
            Key::new(&self.config, text, &heuristic.spans),
        );
        if let Some(look) = cache.get(&key, text) {
            return weighed(heuristic, &look, self.config.may_lower());
        }
        let breaker = Breaker::of(&self.state);
        if !breaker.admit() {
            return kept(heuristic, None);
        }
        match self.look(text, &heuristic.spans) {
            Ok(look) => {
                breaker.succeeded();
                cache.put(&key, &look);
                weighed(heuristic, &look, self.config.may_lower())
            }
            Err(failure) => kept(heuristic, breaker.failed().then(|| told(&failure))),
        }
    }

    /// Asks once, whatever was said or failed before, and remembers nothing of it.
    ///
    /// # Errors
    ///
    /// Why there is no answer.
    pub fn look(&self, text: &str, spans: &[Range<usize>]) -> Result<Look, Failure> {
        let shown = self.windows(text, spans)?;
        let key = key()?;
        let question = Question {
            windows: &shown.words,
            key: &key,
        };
        let body = ask::ask(&self.config, &self.state, question.judging(&self.config))?;
        let words = question.judged(&self.config, &body)?;
        let places = |wanted| {
            let of = shown
                .ranges
                .iter()
                .zip(&words)
                .filter(move |(_, word)| **word == Some(wanted));
            of.map(|(range, _)| (range.start, range.end)).collect()
        };
        Ok(Look {
            complete: shown.complete,
            attacks: places(Word::Attack),
            suspicious: places(Word::Suspicious),
        })
    }

    /// Every indicator in the text: those that [`ioc::extract`] finds, and those that the model
    /// names, stand in the text as it names them, and have the form of one.
    ///
    /// # Errors
    ///
    /// Why there is no answer.
    pub fn indicators(&self, text: &str) -> Result<Vec<Indicator>, Failure> {
        let mut found = ioc::extract(text);
        let spans: Vec<_> = found.iter().map(|one| one.start..one.end).collect();
        let shown = self.windows(text, &spans)?;
        let key = key()?;
        let question = Question {
            windows: &shown.words,
            key: &key,
        };
        let body = ask::ask(&self.config, &self.state, question.extracting(&self.config))?;
        for word in question.extracted(&self.config, &body)? {
            let place = text.find(&word);
            let Some((place, indicator)) = place.and_then(|at| Some((at, ioc::read(&word)?)))
            else {
                continue;
            };
            let known =
                |one: &Indicator| one.kind == indicator.kind && one.value == indicator.value;
            if !found.iter().any(known) {
                found.push(Indicator {
                    start: place + indicator.start,
                    end: place + indicator.end,
                    ..indicator
                });
            }
        }
        found.sort_by_key(|one| (one.start, one.end));
        Ok(found)
    }

    fn windows(&self, text: &str, spans: &[Range<usize>]) -> Result<Shown, Failure> {
        let chance = u64::from_be_bytes(random()?);
        let chosen = window::choose(text, spans, self.config.max_input, chance);
        let secrets = Secrets::without_exceptions(Some(&self.state));
        let clean = |range: &Range<usize>| {
            let part = &text[range.clone()];
            let clean = secrets.redact(part, &mut Taken::default());
            clean.unwrap_or_else(|| part.to_owned())
        };
        let words = chosen.ranges.iter().map(clean).collect();
        Ok(Shown {
            ranges: chosen.ranges,
            complete: chosen.complete,
            words,
        })
    }

    /// What is remembered of earlier questions, and how many answers are kept.
    #[must_use]
    pub fn memory(state: &Path) -> (Memory, usize) {
        (Breaker::of(state).memory(), Cache::of(state).count())
    }

    /// Closes the breaker and forgets the answers.
    ///
    /// # Errors
    ///
    /// If the files cannot be changed.
    pub fn reset(state: &Path) -> std::io::Result<()> {
        Breaker::of(state).reset()?;
        Cache::of(state).clear()
    }
}

fn told(failure: &Failure) -> String {
    format!(
        "no second opinion from the judge: {failure}. The scanner's own verdicts hold (ccs judge status)"
    )
}

/// What sets windows apart: 128 bits that the author of a text cannot know.
fn key() -> Result<String, Failure> {
    let bytes: [u8; 16] = random()?;
    Ok(hex::text(&bytes))
}

fn random<const N: usize>() -> Result<[u8; N], Failure> {
    let mut bytes = [0; N];
    let filled = SystemRandom::new().fill(&mut bytes);
    filled.map_err(|_| Failure::Machine("there are no random numbers".into()))?;
    Ok(bytes)
}

#[cfg(test)]
mod tests {
    use ccs_gate::injection::Verdict;

    use super::*;

    #[test]
    fn it_is_asked_in_the_grey_band_and_about_a_sample_of_new_places() {
        let mut config = Config::new("http://localhost/", Api::OpenAi, "m");
        config.sample_percent = 100;
        let all = Judge::new(config.clone(), Path::new("/s"));
        config.sample_percent = 0;
        let none = Judge::new(config, Path::new("/s"));
        for (verdict, score, unseen, asked) in [
            (Verdict::Allow, 0.0, false, (false, false)),
            (Verdict::Allow, 0.1, true, (true, false)),
            (Verdict::Allow, 0.3, false, (true, true)),
            (Verdict::Warn, 0.9, false, (true, true)),
            (Verdict::Block, 1.0, true, (false, false)),
        ] {
            let heuristic = Heuristic {
                verdict,
                score,
                ..Heuristic::default()
            };
            let wants = (
                all.wants(&heuristic, unseen),
                none.wants(&heuristic, unseen),
            );
            assert_eq!(wants, asked, "{score} {unseen}");
        }
    }

    #[test]
    fn without_a_judge_nothing_is_asked_and_nothing_is_made() {
        let state = tempfile::tempdir().expect("a folder");
        let report = Report {
            score: 0.5,
            ..Report::default()
        };
        assert_eq!(
            on(Some(state.path()), "x", &report, Source::Page, true),
            None
        );
        assert_eq!(on(None, "x", &report, Source::Page, true), None);
        assert_eq!(
            std::fs::read_dir(state.path()).expect("a folder").count(),
            0
        );
    }

    #[test]
    fn a_broken_configuration_is_told_once_and_the_verdict_stands() {
        let state = tempfile::tempdir().expect("a folder");
        crate::files::make_private_folder(&state.path().join(FOLDER)).expect("a folder");
        crate::files::replace(&Config::path(state.path()), b"{").expect("written");
        let report = Report {
            verdict: Verdict::Warn,
            score: 0.7,
            ..Report::default()
        };
        let ask = || on(Some(state.path()), "x", &report, Source::File, false).expect("told");
        let first = ask();
        assert_eq!(first.verdict, Verdict::Warn);
        assert!(first.note.is_some_and(|note| note.contains("config.json")));
        assert_eq!(ask().note, None);
    }
}
