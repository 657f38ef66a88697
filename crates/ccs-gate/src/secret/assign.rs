//! Values whose name says that they are secret: `db_password: "…"`, `--token …`, `the key is …`.
//!
//! A word such as `token` is widened to the whole name around it, then an operator and a value
//! must follow, in any of the notations in which people write them. What the name says (`name`)
//! and what the value looks like (`value`) decide together.

use super::name::{self, Named, Strength};
use super::operator::{self, Operator};
use super::rule::{EXACT, Set};
use super::scan::{Confidence, Scan};
use super::value::{self, Shape};
use super::{literal, sham};

/// The longest name, in bytes.
const LONGEST: usize = 80;

/// What a name is made of. Bytes above 127 count too.
const NAME: Set = Set::WORD.and(Set::of(b"-.$"));

/// What is known of where a value stands.
#[derive(Clone, Copy, Debug)]
struct Site {
    operator: Operator,
    quoted: bool,
    /// It stands in a call: `Secret::new("…")`.
    wrapped: bool,
    /// The name and the value cannot but belong together.
    stated: bool,
    setting: Option<Setting>,
}

/// A bare value that fills its line as in a file of settings.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Setting {
    /// `name = value`, which may also be code.
    Loose,
    /// `NAME=value`, `name: value`.
    Tight,
}

/// Reads the name around the word at `at..end` and what follows it.
pub(super) fn at(scan: &mut Scan<'_>, at: usize, end: usize) {
    if at < scan.named {
        return;
    }
    let to = name_end(scan, end);
    scan.named = to;
    let Some((operator, from)) = operator::after(scan, at, to) else {
        return;
    };
    let Some(found) = literal::at(scan, operator, from) else {
        return;
    };
    let start = name_start(scan, at);
    let text = &scan.text[found.start..found.end];
    if text.len() < 4 || value::is_reference(text) || !belongs(scan, start, operator) {
        return;
    }
    let name = String::from_utf8_lossy(&scan.text[start..to]);
    let Some(named) = name::read(&name) else {
        return;
    };
    if named.strength < Strength::Password && sham::has_word(name.as_bytes(), EXACT) {
        return;
    }
    let site = Site {
        operator,
        quoted: found.quoted,
        wrapped: found.wrapped,
        stated: is_stated(scan, start, operator),
        setting: setting(scan, (start, to), (found.start, found.end), operator),
    };
    if let Some(confidence) = judge(&name, named, site, text) {
        scan.add(named.rule, found.start, found.end, confidence);
    }
}

fn name_start(scan: &Scan<'_>, at: usize) -> usize {
    let from = at.saturating_sub(LONGEST);
    let part = scan.text[from..at].iter().rev();
    at - part.take_while(|&&b| NAME.has(b) || b >= 128).count()
}

fn name_end(scan: &Scan<'_>, end: usize) -> usize {
    let to = (end + LONGEST).min(scan.text.len());
    let part = scan.text[end..to].iter();
    let mut to = end + part.take_while(|&&b| NAME.has(b) || b >= 128).count();
    while matches!(scan.before(to), b'.' | b'-') {
        to -= 1;
    }
    to.max(end)
}

/// Whether the name is one: in prose, the word before it counts as part of it.
fn belongs(scan: &Scan<'_>, start: usize, operator: Operator) -> bool {
    let line = scan.line_start(start, 24);
    let before = &scan.text[line..start];
    let word = before.trim_ascii_end();
    let word = word.rsplit(|b| !b.is_ascii_alphanumeric()).next().unwrap_or_default();
    let gap = before.len() - before.trim_ascii_end().len();
    let public = ["public", "primary", "foreign", "sort", "partition", "publishable", "cache", "new", "no", "invalid"];
    let _ = operator;
    gap != 1 || !public.iter().any(|known| word.eq_ignore_ascii_case(known.as_bytes()))
}

/// Words that may stand before a setting on its line.
const LEAD: &[&str] = &[
    "export", "set", "env", "setx", "#", "-", "+", "//", "rem", "-e", "--env", "environment", "arg",
];

/// What kind of setting the line is, if nothing stands beside the name and the value.
fn setting(
    scan: &Scan<'_>,
    name: (usize, usize),
    value: (usize, usize),
    operator: Operator,
) -> Option<Setting> {
    let line = scan.line_start(name.0, 64);
    let lead = scan.text[line..name.0].split(|b| b" \t\"'=".contains(b));
    let known = |word: &[u8]| LEAD.iter().any(|lead| word.eq_ignore_ascii_case(lead.as_bytes()));
    let free = lead.filter(|word| !word.is_empty()).all(known);
    let last = scan.byte(value.1);
    let ends = last.is_ascii_whitespace() || matches!(last, b'"' | b'\'' | b'\\');
    match operator {
        _ if !(free && ends) => None,
        Operator::Colon => Some(Setting::Tight),
        Operator::Equals if value.0 == name.1 + 1 => Some(Setting::Tight),
        Operator::Equals => Some(Setting::Loose),
        _ => None,
    }
}

/// Whether a sign or a flag ties the value to the name that begins at `start`; a space does only
/// on a line that also has a login.
fn is_stated(scan: &Scan<'_>, start: usize, operator: Operator) -> bool {
    match operator {
        Operator::Call | Operator::Line => false,
        Operator::Space => {
            let line = scan.line_start(start, 96);
            scan.byte(start) == b'-' || sham::has_word(&scan.text[line..start], &["login ", "machine "])
        }
        _ => true,
    }
}

/// Whether a value of this shape under this name at this place is a secret.
fn judge(name: &str, named: Named, site: Site, text: &[u8]) -> Option<Confidence> {
    let shape = Shape::of(text);
    if sham::is_sham(text) || value::is_weak(text) {
        return None;
    }
    let stated = site.stated;
    let enough = match named.strength {
        Strength::Password if drawn(&shape, text, 8, stated) => return Some(Confidence::Medium),
        Strength::Password => !site.wrapped && (chosen(&shape, site) || shape.is_word() && exported(name, site)),
        Strength::Secret if drawn(&shape, text, 12, stated) => return Some(Confidence::Medium),
        Strength::Secret => stated && !site.wrapped && shape.len >= 10 && shape.is_strong() && chosen(&shape, site),
        Strength::Hint if !site.wrapped && drawn(&shape, text, 20, stated) => return Some(Confidence::Medium),
        Strength::Hint => false,
    };
    enough.then_some(Confidence::Low)
}

/// Drawn by a machine, and at least so long.
fn drawn(shape: &Shape, text: &[u8], least: usize, stated: bool) -> bool {
    let opaque = shape.is_random() || stated && (shape.is_hex() || shape.is_number() || value::is_uuid(text));
    opaque && shape.len >= least.max(if stated { 0 } else { 16 })
}

/// Chosen by a person: only where nothing but a value can stand.
fn chosen(shape: &Shape, site: Site) -> bool {
    match (site.operator, site.setting) {
        (Operator::Line | Operator::Space, _) => false,
        _ if site.quoted => shape.is_password(),
        (_, Some(Setting::Tight)) => shape.is_password(),
        (_, Some(Setting::Loose)) => shape.is_strong(),
        _ => false,
    }
}

/// A variable of the environment, which holds no code: `DB_PASSWORD=word`.
fn exported(name: &str, site: Site) -> bool {
    let shouts = name.bytes().all(|b| b.is_ascii_uppercase() || b.is_ascii_digit() || b == b'_');
    shouts && site.setting == Some(Setting::Tight) && site.operator == Operator::Equals
}
