//! One text from its views to its signals.

mod layer;
#[cfg(test)]
mod tests;

use super::decode;
use super::link;
use super::markup;
use super::mention::Mentions;
use super::part;
use super::pattern::{self, Match};
use super::plain::{Kind, Plain, Trace};
use super::prose::{self, Prose};
use super::role;
use super::rule::{self, FAMILIES, RULES};
use super::score::{self, Hit};
use super::shape::Shape;
use super::terminal;
use super::token::{self, Token};
use super::view::{Recovered, Veil, View};
use layer::{Layer, Place};

/// Longer texts are looked at from both ends.
const LONGEST: usize = 4 << 20;
/// How much is recovered from a text at most, in bytes.
const MOST_RECOVERED: usize = 256 << 10;
/// Less than this holds no instruction that is worth a look.
const LEAST: usize = 256;
/// An encoding inside an encoding inside an encoding is the last one.
const DEEPEST: usize = 3;

/// What a scan found, and how much it had to do for it.
#[derive(Debug, Default)]
pub(crate) struct Scan {
    pub(crate) hits: Vec<Hit>,
    /// Words looked at and bytes recovered: grows with the text, not faster.
    pub(crate) work: u64,
    recovered: usize,
    allowance: usize,
}

/// Looks at `text` from all sides.
pub(crate) fn scan(text: &str) -> Scan {
    let mut scan = Scan {
        allowance: (2 * text.len() + 4096).min(MOST_RECOVERED),
        ..Scan::default()
    };
    if text.len() <= LONGEST {
        scan.root(text, 0);
        return scan;
    }
    let head = (0..=LONGEST / 2)
        .rev()
        .find(|&at| text.is_char_boundary(at))
        .unwrap_or(0);
    let tail = (text.len() - LONGEST / 2..text.len())
        .find(|&at| text.is_char_boundary(at))
        .unwrap_or(head);
    scan.root(&text[..head], 0);
    scan.root(&text[tail..], tail);
    scan.shape(Shape::Incomplete, View::Plain, head, (head, tail));
    scan
}

impl Scan {
    fn root(&mut self, text: &str, base: usize) {
        let mut plain = Plain::of(text);
        let map = std::mem::take(&mut plain.map);
        let place = Place::Root {
            map: &map,
            base,
            text,
        };
        self.layer(plain, place, View::Plain, 0);
    }

    /// One text in its plain form, and what is recovered from it.
    fn layer(&mut self, plain: Plain<'_>, place: Place<'_>, view: View, depth: usize) {
        let text: &str = &plain.text;
        let tokens = token::read(text);
        self.work += tokens.len() as u64;
        if let Place::Part { at, start, end } = place {
            self.prose(prose::judge(&tokens), view, at, (start, end));
        }
        let terminal = terminal::look(text);
        let mut veils = plain.veils;
        self.traces(&plain.traces, place, view);
        self.letters(&veils, place);
        veils.extend(markup::veils(text));
        veils.extend(terminal.veils);
        veils.sort_by_key(|veil| (veil.start, veil.end));
        let layer = Layer {
            text,
            tokens: &tokens,
            veils: &veils,
            place,
            view,
        };
        for (shape, start, end) in terminal.shapes {
            self.shape(
                shape,
                View::Terminal,
                place.at(start),
                place.origin(start, end),
            );
        }
        self.patterns(&layer);
        self.forms(&layer);
        self.concealed(&layer);
        let mut runs = decode::runs(text, &tokens, view);
        self.last_first(&mut runs);
        for recovered in runs {
            let (at, origin) = (
                place.at(recovered.start),
                place.origin(recovered.start, recovered.end),
            );
            self.recovered(recovered, at, origin, depth);
        }
        for (recovered, origin) in plain.recovered {
            let at = place.at(recovered.start);
            self.recovered(recovered, at, place.exact(origin), depth);
        }
    }

    /// If there is more than may be looked at, half of that goes to what comes last: nothing is
    /// hidden by what stands before it.
    fn last_first(&self, runs: &mut [Recovered]) {
        let rest = self.allowance.saturating_sub(self.recovered);
        if runs.iter().map(|run| run.text.len()).sum::<usize>() <= rest {
            return;
        }
        let mut behind = 0;
        let fits = |run: &Recovered| {
            behind += run.text.len();
            behind > rest / 2
        };
        let first = runs.iter().rposition(fits).map_or(0, |before| before + 1);
        runs.rotate_left(first);
    }

    /// A text that was hidden in another. Of one that is too long both ends are looked at.
    fn recovered(
        &mut self,
        mut found: Recovered,
        at: usize,
        (start, end): (usize, usize),
        depth: usize,
    ) {
        let rest = self.allowance.saturating_sub(self.recovered);
        if found.text.len() > rest || depth >= DEEPEST {
            self.shape(Shape::Incomplete, found.view, at, (start, end));
            if depth >= DEEPEST || rest < LEAST {
                return;
            }
            found.text = ends(&found.text, rest / 4);
        }
        self.recovered += found.text.len();
        self.work += found.text.len() as u64;
        let place = Place::Part { at, start, end };
        let plain = Plain::of(&found.text);
        self.layer(plain, place, found.view, depth + 1);
    }

    fn patterns(&mut self, layer: &Layer<'_>) {
        let from = self.hits.len();
        let (mentions, mut parts) = (Mentions::default(), Vec::new());
        let (hits, work) = (&mut self.hits, &mut self.work);
        pattern::find(layer.tokens, work, |found| {
            if part::is_part(&found) {
                parts.push(found);
            } else {
                hits.push(of_words(layer, &found, &mentions));
            }
        });
        for found in part::paired(layer.text, layer.tokens, parts) {
            hits.push(of_words(layer, &found, &mentions));
        }
        score::settle(&mut self.hits[from..]);
    }

    fn forms(&mut self, layer: &Layer<'_>) {
        let found = role::look(layer.text, layer.tokens).into_iter();
        for (shape, start, end) in found.chain(link::look(layer.text, layer.tokens)) {
            let view = layer.view_of(start, end);
            self.shape(
                shape,
                view,
                layer.place.at(start),
                layer.place.origin(start, end),
            );
        }
    }

    /// Sentences under a veil.
    fn concealed(&mut self, layer: &Layer<'_>) {
        let mut first = 0;
        for veil in layer.veils {
            // veils come in order, and most are short
            while layer
                .tokens
                .get(first)
                .is_some_and(|token| token.start() < veil.start)
            {
                first += 1;
            }
            let last = first + before(&layer.tokens[first..], veil.end);
            self.work += (last - first) as u64;
            let judged = prose::judge(&layer.tokens[first..last]);
            self.prose(
                judged,
                veil.view,
                layer.place.at(veil.start),
                layer.place.origin(veil.start, veil.end),
            );
        }
    }

    fn prose(&mut self, prose: Prose, view: View, at: usize, origin: (usize, usize)) {
        let concealment = rule::concealment(view);
        let (shape, score) = match prose {
            Prose::None => return,
            Prose::Told => (Shape::ConcealedProse, concealment.prose),
            Prose::Order => (Shape::ConcealedOrder, concealment.order),
        };
        if score > 0 {
            let (start, end) = origin;
            self.hits.push(Hit {
                rule: rule::of_shape(shape),
                view,
                at,
                start,
                end,
                score,
                share: 100,
            });
        }
    }

    fn shape(&mut self, shape: Shape, view: View, at: usize, (start, end): (usize, usize)) {
        let rule = rule::of_shape(shape);
        let score = RULES[usize::from(rule)].score;
        self.hits.push(Hit {
            rule,
            view,
            at,
            start,
            end,
            score,
            share: 100,
        });
    }

    /// Invisible characters. A few may be an accident of copying.
    fn traces(&mut self, traces: &[Trace], place: Place<'_>, view: View) {
        let mut kinds: [Option<(Trace, usize)>; 6] = [None; 6];
        for trace in traces {
            let more = if trace.kind == Kind::Split {
                1
            } else {
                trace.count
            };
            let (first, count) = kinds[trace.kind as usize].get_or_insert((*trace, 0));
            *count += more;
            first.end = trace.end;
        }
        for (kind, shape, enough) in [
            (Kind::Tags, Shape::Tags, 4),
            (Kind::Selectors, Shape::Selectors, 4),
            (Kind::ZeroWidth, Shape::ZeroWidth, 12),
            (Kind::Split, Shape::Split, 4),
            (Kind::Override, Shape::Override, 1),
            (Kind::Isolate, Shape::Isolate, 1),
        ] {
            let all = kinds[kind as usize].filter(|(_, count)| *count >= enough);
            if let Some((all, _)) = all {
                let place_of = place.exact((all.start, all.end));
                self.shape(shape, view, place.at(all.at), place_of);
            }
        }
    }

    /// Words in disguise.
    fn letters(&mut self, veils: &[Veil], place: Place<'_>) {
        for (view, shape, enough) in [
            (View::Lookalike, Shape::Lookalike, 2),
            (View::Stacked, Shape::Stacked, 3),
        ] {
            let mut all = veils.iter().filter(|veil| veil.view == view);
            let count: usize = all.clone().map(|veil| veil.words).sum();
            if let Some(first) = all.next().filter(|_| count >= enough) {
                self.shape(
                    shape,
                    view,
                    place.at(first.start),
                    place.origin(first.start, first.end),
                );
            }
        }
    }
}

/// How many of the words begin before `end`, which is near.
fn before(tokens: &[Token], end: usize) -> usize {
    let mut reach = 8;
    while tokens.get(reach).is_some_and(|token| token.start() < end) {
        reach *= 2;
    }
    let near = &tokens[..reach.min(tokens.len())];
    near.partition_point(|token| token.start() < end)
}

/// The first and the last bytes of a text. The last begin where symbols of an encoding within it
/// do, if it is one.
fn ends(text: &str, each: usize) -> String {
    let behind = (text.len() - each).next_multiple_of(8);
    let head = (0..=each).rev().find(|&at| text.is_char_boundary(at));
    let tail = (behind..text.len()).find(|&at| text.is_char_boundary(at));
    let (head, tail) = (head.unwrap_or(0), tail.unwrap_or(text.len()));
    format!("{}\n\n{}", &text[..head], &text[tail..])
}

/// What a row of words counts for.
fn of_words(layer: &Layer<'_>, found: &Match, mentions: &Mentions) -> Hit {
    let (start, end) = (
        layer.tokens[found.first].start(),
        layer.tokens[found.last].end(),
    );
    let view = layer.view_of(start, end);
    let rule = &RULES[usize::from(found.rule)];
    let discounted = view == View::Plain && FAMILIES[usize::from(rule.family)].mentioned;
    let share = if discounted {
        mentions.share(layer.text, layer.tokens, found)
    } else {
        100
    };
    let (from, to) = layer.place.origin(start, end);
    Hit {
        rule: found.rule,
        view,
        at: layer.place.at(start),
        start: from,
        end: to,
        score: rule.score,
        share,
    }
}
