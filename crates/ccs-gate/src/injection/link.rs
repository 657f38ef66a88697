//! Images and links that carry data away: the model fills a placeholder in the address, and
//! whoever draws the image sends it.

use super::role::Found;
use super::shape::Shape;
use super::token::Token;
use super::words::{self, class};

/// Longer addresses are cut, in bytes.
const LONGEST: usize = 512;

/// Every such address in `text`.
pub(crate) fn look(text: &str, tokens: &[Token]) -> Vec<Found> {
    let mut found = Vec::new();
    for (at, token) in tokens
        .iter()
        .enumerate()
        .filter(|(_, token)| token.combo == words::URL)
    {
        if !is_image(text, token.start()) {
            if carries_away(text, token) {
                found.push((Shape::DataImage, token.start(), token.end()));
            }
            continue;
        }
        // The reader of words ends an address at a bracket; the placeholder may be in it.
        let rest = near(text, token.start());
        let end = rest.find([')', '\n', '"', ' ']).unwrap_or(rest.len());
        let end = rest[end..]
            .find([')', '\n', '"'])
            .map_or(end, |more| if more < 120 { end + more } else { end });
        let address = &rest[..end];
        let query = address.split_once('?').map_or("", |(_, query)| query);
        let named = tokens[at + 1..]
            .iter()
            .take(12)
            .any(|next| next.is(&class::SECRET));
        if has_placeholder(query, named) || has_placeholder(path_end(address), named) {
            found.push((Shape::DataImage, token.start(), token.start() + end));
        }
    }
    found
}

/// What stands at `at`, as far as an address reaches.
fn near(text: &str, at: usize) -> &str {
    let far = text.len().min(at + LONGEST);
    let end = (at..=far).rev().find(|&end| text.is_char_boundary(end));
    &text[at..end.unwrap_or(at)]
}

/// An address, of an image or not, with what only the model could fill in: the conversation, or
/// the key of one service in an address of another.
fn carries_away(text: &str, token: &Token) -> bool {
    let rest = near(text, token.start());
    let line = &rest[..rest.find(['\n', '"', '<']).unwrap_or(rest.len())];
    let Some((host, query)) = line.split_once('?') else {
        return false;
    };
    let query = &query[..query.find(')').unwrap_or(query.len())];
    let asked = query
        .match_indices("[[")
        .chain(query.match_indices("{{"))
        .any(|(at, _)| {
            let inside = query[at + 2..].split([']', '}']).next().unwrap_or_default();
            let mut words = inside.split(|c: char| !c.is_alphanumeric());
            words.any(|word| TALK.iter().any(|talk| word.eq_ignore_ascii_case(talk)))
        });
    asked
        || query
            .match_indices('$')
            .any(|(at, _)| is_foreign_key(&query[at + 1..], host))
}

/// What a model has in its context and a program has not.
const TALK: [&str; 6] = [
    "conversation",
    "chat",
    "history",
    "transcript",
    "context",
    "prompt",
];

/// Services whose keys lie in the environment of a coding agent.
const SERVICES: [&str; 9] = [
    "ANTHROPIC",
    "OPENAI",
    "AWS",
    "GITHUB",
    "GH",
    "CLAUDE",
    "NPM",
    "SLACK",
    "STRIPE",
];

/// Whether a variable's name says that it is the key of a service, and the host is not that
/// service's.
fn is_foreign_key(name: &str, host: &str) -> bool {
    let name = name.trim_start_matches(['{', '(']);
    let end = name.find(|c: char| !c.is_ascii_alphanumeric() && c != '_');
    let name = &name[..end.unwrap_or(name.len())];
    let service = name.split('_').next().unwrap_or_default();
    let is_key = ["KEY", "TOKEN", "SECRET", "PASSWORD"]
        .iter()
        .any(|end| name.ends_with(end));
    is_key && SERVICES.contains(&service) && !host.contains(&service.to_ascii_lowercase())
}

/// `![…](address` or `<img … src="address`.
fn is_image(text: &str, at: usize) -> bool {
    let before = &text.as_bytes()[at.saturating_sub(160)..at];
    let Some(&last) = before.last() else {
        return false;
    };
    let line = before.rsplit(|b| *b == b'\n').next().unwrap_or(before);
    match last {
        b'(' => line.windows(2).any(|pair| pair == b"![") && line.ends_with(b"]("),
        b'"' | b'\'' => line
            .windows(4)
            .any(|word| word.eq_ignore_ascii_case(b"<img")),
        _ => false,
    }
}

fn path_end(address: &str) -> &str {
    address.rsplit('/').next().unwrap_or(address)
}

/// A name behind the opening mark, and where it needs one the closing mark behind that: `{name}`,
/// `[[the key]]`, `$NAME`. JSON and subscripts of programs are not names.
fn names_something(rest: &str) -> bool {
    let marks = rest
        .bytes()
        .take_while(|b| matches!(b, b'{' | b'<' | b'[' | b'$'))
        .count();
    let name = rest[marks..]
        .bytes()
        .take(60)
        .take_while(|b| b.is_ascii_alphanumeric() || matches!(b, b' ' | b'_' | b'-' | b'.' | b'+'))
        .count();
    let closed = matches!(rest.as_bytes().get(marks + name), Some(b'}' | b'>' | b']'));
    name > 1 && (closed || rest.starts_with('$') && marks == 1)
}

/// Something to fill in: `{…}`, `<…>`, `[…]`, `$NAME`, `=NAME` in capitals, or an open end.
fn has_placeholder(part: &str, named: bool) -> bool {
    if part.is_empty() {
        return false;
    }
    let filled = part
        .match_indices(['{', '<', '[', '$'])
        .any(|(at, _)| names_something(&part[at..]));
    let value = part.rsplit('=').next().unwrap_or(part);
    let capitals = part.contains('=')
        && value.len() > 3
        && value
            .bytes()
            .all(|b| b.is_ascii_uppercase() || matches!(b, b'_' | b'-'));
    let open = part.ends_with('=') && named;
    filled || capitals || open
}
