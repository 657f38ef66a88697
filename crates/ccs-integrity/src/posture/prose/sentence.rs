//! Where sentences begin and end.

/// Where comments begin and end.
pub(super) fn comments(text: &str) -> Vec<(usize, usize)> {
    let mut found = Vec::new();
    let mut at = 0;
    while let Some(start) = text[at..].find("<!--").map(|start| at + start) {
        let end = text[start..]
            .find("-->")
            .map_or(text.len(), |length| start + length);
        found.push((start, end));
        at = end;
    }
    found
}

pub(super) fn is_within(comments: &[(usize, usize)], offset: usize) -> bool {
    let next = comments.partition_point(|&(start, _)| start <= offset);
    next.checked_sub(1)
        .is_some_and(|at| offset < comments[at].1)
}

/// Lines, and the sentences in them, with their places. A sentence that goes on in the next line
/// of a paragraph is one sentence.
pub(super) fn sentences(text: &str) -> Vec<(usize, &str)> {
    let mut found = Vec::new();
    let mut start = 0;
    let bytes = text.as_bytes();
    let mut at = 0;
    while at < bytes.len() {
        let ends = match bytes[at] {
            b'\n' => paragraph_ends(text, at),
            b'.' | b'!' | b'?' => matches!(bytes.get(at + 1), None | Some(b' ' | b'\n')),
            b'>' => text[..at].ends_with("--"),
            b'<' => text[at..].starts_with("<!--"),
            _ => false,
        };
        if ends {
            let end = if bytes[at] == b'<' { at } else { at + 1 };
            push(&mut found, text, start, end);
            start = end;
        }
        at += 1;
    }
    push(&mut found, text, start, text.len());
    found
}

fn push<'a>(found: &mut Vec<(usize, &'a str)>, text: &'a str, start: usize, end: usize) {
    let sentence = &text[start..end];
    let lead = sentence.len() - sentence.trim_start().len();
    if !sentence.trim().is_empty() {
        found.push((start + lead, sentence.trim()));
    }
}

/// Whether the next line begins something new: a list item, a heading, an empty line, a key.
fn paragraph_ends(text: &str, at: usize) -> bool {
    let next = text[at + 1..]
        .lines()
        .next()
        .unwrap_or_default()
        .trim_start();
    next.is_empty()
        || next.starts_with(['-', '*', '#', '|', '>', '`', '+', '=', '!', '@'])
        || next.starts_with(|c: char| c.is_ascii_digit())
}
