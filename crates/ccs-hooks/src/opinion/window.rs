//! Which parts of a text the judge sees: sentences, never only the beginning.
//!
//! A text that fits is shown whole. Of a longer one, first what the scanner found with its
//! surroundings, then parts of the rest from the first byte to the last. Which ones is drawn anew
//! each time, so that nobody can write around them.

use std::ops::Range;

/// Sentences are joined up to this many bytes.
const FULL: usize = 400;
/// A sentence longer than this is cut, in bytes.
const LONGEST: usize = 800;
/// How far two parts of a sentence that was cut overlap, in bytes.
const OVERLAP: usize = 100;

/// Parts of a text, in its order.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Windows {
    pub(super) ranges: Vec<Range<usize>>,
    /// Whether every byte of the text is in one of them.
    pub(super) complete: bool,
}

/// The windows of `text`, `most` bytes altogether. `chance` is a number nobody can guess.
pub(super) fn choose(text: &str, spans: &[Range<usize>], most: usize, chance: u64) -> Windows {
    let all = sentences(text);
    if all.iter().map(Range::len).sum::<usize>() <= most {
        return Windows {
            ranges: all,
            complete: true,
        };
    }
    let near = near(&all, spans);
    let (found, rest): (Vec<usize>, Vec<usize>) = (0..all.len()).partition(|&at| near[at]);
    let mut budget = most / 3 * 2;
    let mut chosen = draw(&found, &all, &mut budget, chance >> 32);
    budget += most - most / 3 * 2;
    chosen.extend(draw(&rest, &all, &mut budget, chance & 0xffff_ffff));
    chosen.sort_unstable();
    Windows {
        ranges: chosen.into_iter().map(|at| all[at].clone()).collect(),
        complete: false,
    }
}

/// Which windows hold a span, or stand beside one that does. The time grows with their numbers, not
/// with the product.
fn near(all: &[Range<usize>], spans: &[Range<usize>]) -> Vec<bool> {
    let mut edges = vec![0_i64; all.len() + 1];
    for span in spans {
        let first = all.partition_point(|window| window.end <= span.start);
        let behind = all.partition_point(|window| window.start < span.end);
        edges[first.saturating_sub(1).min(all.len())] += 1;
        edges[(behind.max(first) + 1).min(all.len())] -= 1;
    }
    let mut open = 0;
    let depth = edges.iter().take(all.len()).map(|edge| {
        open += edge;
        open > 0
    });
    depth.collect()
}

/// As many of these as the budget allows, evenly spread from one that is drawn; the last of them are
/// followed by the first.
fn draw(from: &[usize], all: &[Range<usize>], budget: &mut usize, chance: u64) -> Vec<usize> {
    let total: usize = from.iter().map(|&at| all[at].len()).sum();
    // Rounded up: every `step`-th one fits.
    let step = total.div_ceil((*budget).max(1)).max(1);
    let first = usize::try_from(chance % from.len().max(1) as u64).unwrap_or(0);
    let mut chosen = Vec::new();
    for turn in 0..from.len().div_ceil(step) {
        let at = from[(first + turn * step) % from.len()];
        let length = all[at].len();
        if length <= *budget {
            *budget -= length;
            chosen.push(at);
        }
    }
    chosen
}

/// The text in pieces that end where a sentence or line does.
fn sentences(text: &str) -> Vec<Range<usize>> {
    let (mut pieces, mut start, mut end) = (Vec::new(), 0, 0);
    let bytes = text.as_bytes();
    for (at, letter) in text.char_indices() {
        let after = at + letter.len_utf8();
        let space = bytes.get(after).is_none_or(u8::is_ascii_whitespace);
        if letter == '\n'
            || matches!(letter, '。' | '！' | '？')
            || (".!?".contains(letter) && space)
        {
            end = after;
        }
        if end > start && (end - start >= FULL || after - start > LONGEST) {
            pieces.push(start..end);
            start = end;
        } else if after - start >= LONGEST {
            pieces.push(start..after);
            let back = (after - OVERLAP..after).find(|&back| text.is_char_boundary(back));
            start = back.unwrap_or(after);
            end = start;
        }
    }
    if start < text.len() {
        pieces.push(start..text.len());
    }
    pieces
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn prose(sentences: usize) -> String {
        (0..sentences)
            .map(|at| format!("This is sentence {at} of a text about nothing. "))
            .collect()
    }

    #[test]
    fn a_text_that_fits_is_shown_whole_and_cut_between_sentences() {
        let text = prose(40);
        let windows = choose(&text, &[], 12_000, 7);
        assert!(windows.complete && windows.ranges.len() > 2);
        for pair in windows.ranges.windows(2) {
            assert_eq!(pair[0].end, pair[1].start);
            assert!(text[..pair[0].end].ends_with('.'));
        }
    }

    #[test]
    fn what_was_found_at_the_end_of_a_long_text_is_seen_with_its_surroundings() {
        let mut text = prose(4_000);
        let at = text.len();
        text.push_str("Now run the installer from the link.");
        let windows = choose(&text, std::slice::from_ref(&(at + 4..at + 7)), 4_000, 7);
        assert!(!windows.complete);
        let shown: String = windows
            .ranges
            .iter()
            .map(|range| &text[range.clone()])
            .collect();
        assert!(shown.contains("run the installer") && shown.contains("sentence 3999"));
    }

    #[test]
    fn no_part_of_a_long_text_is_never_seen() {
        let text = prose(400);
        let parts = sentences(&text).len();
        let seen: std::collections::BTreeSet<usize> = (0..200)
            .flat_map(|chance| choose(&text, &[], 2_000, chance).ranges)
            .map(|range| range.start)
            .collect();
        assert_eq!(seen.len(), parts);
    }

    #[test]
    fn many_findings_leave_room_for_the_rest() {
        let text = prose(4_000);
        let spans: Vec<_> = (0..50_000).step_by(100).map(|at| at..at + 10).collect();
        let windows = choose(&text, &spans, 6_000, 3);
        assert!(windows.ranges.iter().any(|range| range.start > 60_000));
        assert!(windows.ranges.iter().any(|range| range.end < 50_000));
    }

    proptest! {
        #[test]
        fn windows_are_text_within_the_budget(
            text in "(\\PC|[\n. a]){0,3000}",
            from in 0usize..3000,
            most in 1_000usize..3_000,
            chance: u64,
        ) {
            let windows = choose(&text, std::slice::from_ref(&(from..from + 9)), most, chance);
            let total: usize = windows.ranges.iter().map(|range| text[range.clone()].len()).sum();
            prop_assert!(total <= most);
            if windows.complete {
                let mut covered = 0;
                for range in &windows.ranges {
                    prop_assert!(range.start <= covered);
                    covered = range.end;
                }
                prop_assert_eq!(covered, text.len());
            }
        }
    }
}
