//! What would change in a text, as a unified diff.

use std::fmt::Write;

/// Lines shown around a change.
const CONTEXT: usize = 3;
/// Above this many pairs of differing lines the middle is shown as replaced whole.
const PAIRS: usize = 4_000_000;

/// The difference between two texts under these names. Empty if there is none.
#[must_use]
pub fn unified(names: (&str, &str), before: &str, after: &str) -> String {
    if before == after {
        return String::new();
    }
    let mut text = format!("--- {}\n+++ {}\n", names.0, names.1);
    let edits = edits(&split(before), &split(after));
    for hunk in hunks(&edits) {
        write_hunk(&mut text, &edits, hunk);
    }
    text
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Edit<'a> {
    Same(&'a str),
    Gone(&'a str),
    New(&'a str),
}

fn split(text: &str) -> Vec<&str> {
    text.split_inclusive('\n').collect()
}

/// Every line of both texts once, in order.
fn edits<'a>(before: &[&'a str], after: &[&'a str]) -> Vec<Edit<'a>> {
    let start = common(before.iter(), after.iter());
    let (before_rest, after_rest) = (&before[start..], &after[start..]);
    let end = common(before_rest.iter().rev(), after_rest.iter().rev());
    let old = &before_rest[..before_rest.len() - end];
    let new = &after_rest[..after_rest.len() - end];
    let same = |lines: &[&'a str]| {
        lines
            .iter()
            .map(|line| Edit::Same(line))
            .collect::<Vec<_>>()
    };
    let mut edits = same(&before[..start]);
    edits.extend(middle(old, new));
    edits.extend(same(&before[before.len() - end..]));
    edits
}

fn common<'a>(a: impl Iterator<Item = &'a &'a str>, b: impl Iterator<Item = &'a &'a str>) -> usize {
    a.zip(b).take_while(|(a, b)| a == b).count()
}

/// The longest common subsequence, by the textbook.
fn middle<'a>(old: &[&'a str], new: &[&'a str]) -> Vec<Edit<'a>> {
    if old.len().saturating_mul(new.len()) > PAIRS {
        let gone = old.iter().map(|line| Edit::Gone(line));
        return gone.chain(new.iter().map(|line| Edit::New(line))).collect();
    }
    let width = new.len() + 1;
    let mut best = vec![0_u32; (old.len() + 1) * width];
    for i in (0..old.len()).rev() {
        for j in (0..new.len()).rev() {
            best[i * width + j] = if old[i] == new[j] {
                best[(i + 1) * width + j + 1] + 1
            } else {
                best[(i + 1) * width + j].max(best[i * width + j + 1])
            };
        }
    }
    walk(old, new, |i, j| best[i * width + j])
}

fn walk<'a>(old: &[&'a str], new: &[&'a str], best: impl Fn(usize, usize) -> u32) -> Vec<Edit<'a>> {
    let (mut i, mut j) = (0, 0);
    let mut edits = Vec::new();
    while i < old.len() || j < new.len() {
        if i < old.len() && j < new.len() && old[i] == new[j] {
            edits.push(Edit::Same(old[i]));
            i += 1;
            j += 1;
        } else if j == new.len() || (i < old.len() && best(i + 1, j) >= best(i, j + 1)) {
            edits.push(Edit::Gone(old[i]));
            i += 1;
        } else {
            edits.push(Edit::New(new[j]));
            j += 1;
        }
    }
    edits
}

/// Ranges of edits to show: each change with its context, joined where they touch.
fn hunks(edits: &[Edit<'_>]) -> Vec<std::ops::Range<usize>> {
    let mut hunks: Vec<std::ops::Range<usize>> = Vec::new();
    for (index, edit) in edits.iter().enumerate() {
        if matches!(edit, Edit::Same(_)) {
            continue;
        }
        let start = index.saturating_sub(CONTEXT);
        let end = (index + CONTEXT + 1).min(edits.len());
        match hunks.last_mut() {
            Some(last) if start <= last.end => last.end = end,
            _ => hunks.push(start..end),
        }
    }
    hunks
}

fn write_hunk(text: &mut String, edits: &[Edit<'_>], hunk: std::ops::Range<usize>) {
    let side = |edits: &[Edit<'_>], absent: fn(&Edit<'_>) -> bool| {
        edits.iter().filter(|edit| !absent(edit)).count()
    };
    let is_new = |edit: &Edit<'_>| matches!(edit, Edit::New(_));
    let is_gone = |edit: &Edit<'_>| matches!(edit, Edit::Gone(_));
    let (before, shown) = (&edits[..hunk.start], &edits[hunk.clone()]);
    let old = (side(before, is_new), side(shown, is_new));
    let new = (side(before, is_gone), side(shown, is_gone));
    let _ = writeln!(text, "@@ -{} +{} @@", range(old), range(new));
    for edit in shown {
        let (sign, line) = match edit {
            Edit::Same(line) => (' ', line),
            Edit::Gone(line) => ('-', line),
            Edit::New(line) => ('+', line),
        };
        let _ = write!(text, "{sign}{line}");
        if !line.ends_with('\n') {
            text.push_str("\n\\ No newline at end of file\n");
        }
    }
}

/// First line and count as diff writes them: an empty range names the line before it.
fn range((before, count): (usize, usize)) -> String {
    match count {
        0 => format!("{before},0"),
        1 => format!("{}", before + 1),
        _ => format!("{},{count}", before + 1),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn diff(before: &str, after: &str) -> String {
        unified(("a", "b"), before, after)
    }

    #[test]
    fn equal_texts_have_no_difference() {
        assert_eq!(diff("a\nb\n", "a\nb\n"), "");
    }

    #[test]
    fn a_change_is_shown_with_three_lines_around_it() {
        let before = "1\n2\n3\n4\n5\n6\n7\n8\n9\n";
        let after = before.replace("5\n", "five\nand a half\n");
        assert_eq!(
            diff(before, &after),
            "--- a\n+++ b\n@@ -2,7 +2,8 @@\n 2\n 3\n 4\n-5\n+five\n+and a half\n 6\n 7\n 8\n"
        );
    }

    #[test]
    fn distant_changes_are_shown_apart() {
        let before: String = (100..130).map(|n| format!("{n}\n")).collect();
        let after = before.replace("105\n", "x\n").replace("122\n", "");
        assert_eq!(diff(&before, &after).matches("@@ -").count(), 2);
    }

    #[test]
    fn a_text_that_is_created_comes_from_nothing() {
        assert_eq!(
            diff("", "a\nb"),
            "--- a\n+++ b\n@@ -0,0 +1,2 @@\n+a\n+b\n\\ No newline at end of file\n"
        );
    }

    #[test]
    fn common_lines_between_changes_are_kept() {
        let edits = edits(&["a\n", "b\n", "c\n"], &["x\n", "b\n", "y\n"]);
        let kept: Vec<_> = edits
            .iter()
            .filter(|e| matches!(e, Edit::Same(_)))
            .collect();
        assert_eq!(kept, [&Edit::Same("b\n")]);
    }
}
