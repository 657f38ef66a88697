//! Values whose name says that they are secret: `db_password: "…"`, `--token …`, `the key is …`.
//!
//! A word such as `token` is widened to the whole name around it, then an operator and a value
//! must follow, in any of the notations in which people write them. What the name says (`name`)
//! and what the value looks like (`value`) decide together.

use super::name::{self, Named, Strength};
use super::operator::{self, Operator};
use super::rule::{EXACT, GENERIC_KEY, Set};
use super::scan::{Confidence, Kind, Scan};
use super::value::{self, Shape};
use super::{literal, prose, sham};

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
    /// It is part of a connection string: `Server=…;Password=…`.
    connects: bool,
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
    let start = name_start(scan, at);
    if !scan.is_read(Kind::Value, to) && !value(scan, (start, at), to) {
        prose::at(scan, start, to);
    }
}

/// Reads the value of the name at `start..to`. Whether it is a secret.
fn value(scan: &mut Scan<'_>, (start, at): (usize, usize), to: usize) -> bool {
    let Some((operator, from)) = operator::after(scan, at, to) else {
        return false;
    };
    let Some(found) = literal::at(scan, operator, from) else {
        return false;
    };
    scan.read(Kind::Value, to, found.end);
    let text = &scan.text[found.start..found.end];
    let listed = operator == Operator::Comma && !b"\"'`".contains(&scan.before(start));
    let encoded = operator == Operator::Line && is_encoded(scan, start, to);
    if text.len() < 4 || listed || encoded || value::is_reference(text) {
        return false;
    }
    let name = String::from_utf8_lossy(&scan.text[start..to]);
    let Some(named) = name::read(&name)
        .filter(|&named| !is_other(scan, &name, named, (start, to), (operator, found.start)))
    else {
        return false;
    };
    let site = Site {
        operator,
        quoted: found.quoted,
        wrapped: found.wrapped,
        stated: is_stated(scan, start, operator),
        setting: setting(scan, (start, to), (found.start, found.end), operator),
        connects: connects(scan, start, operator),
    };
    let confidence = judge(&name, named, site, text);
    if let Some(confidence) = confidence {
        scan.add(named.rule, found.start, found.end, confidence);
    }
    confidence.is_some()
}

/// Whether what looks like a name is the end of a line of base64, as in a certificate.
fn is_encoded(scan: &Scan<'_>, start: usize, to: usize) -> bool {
    to - start > 32 || matches!(scan.before(start), b'+' | b'/')
}

/// Whether something about the name's place makes it one of something else.
fn is_other(
    scan: &Scan<'_>,
    name: &str,
    named: Named,
    (start, to): (usize, usize),
    (operator, value): (Operator, usize),
) -> bool {
    let before = word_before(scan, start);
    let lone = before.is_none() && operator != Operator::Is && is_lone(name);
    let sent = named.rule == GENERIC_KEY && is_minified(scan, start, to, value);
    let exact = named.strength < Strength::Password && sham::has_word(name.as_bytes(), EXACT);
    is_public(before) || lone || sent || exact
}

/// A key of which nothing more is said: of a table, a cipher's test, a door.
fn is_lone(name: &str) -> bool {
    let name = name.trim_matches(|c: char| !c.is_ascii_alphanumeric());
    name.eq_ignore_ascii_case("key") || name.eq_ignore_ascii_case("keys")
}

/// A property in JavaScript without any spaces, `,apiKey:"…",`: what is sent to every browser is
/// no secret.
fn is_minified(scan: &Scan<'_>, start: usize, end: usize, value: usize) -> bool {
    let tight = matches!(scan.before(start), b',' | b'{') && value == end + 2;
    tight && scan.byte(end) == b':' && matches!(scan.byte(end + 1), b'"' | b'\'')
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

/// The word before the name, if only a space is between them: in prose and in headings it is part
/// of the name.
fn word_before<'t>(scan: &Scan<'t>, start: usize) -> Option<&'t [u8]> {
    let before = &scan.text[scan.line_start(start, 24)..start];
    let word = before.strip_suffix(b" ")?;
    let from = word
        .iter()
        .rposition(|b| !b.is_ascii_alphanumeric())
        .map_or(0, |at| at + 1);
    (from < word.len()).then(|| &word[from..])
}

/// Whether the word before the name makes it public: `public key`.
fn is_public(word: Option<&[u8]>) -> bool {
    const WORDS: &[&str] = &[
        "public",
        "primary",
        "foreign",
        "sort",
        "partition",
        "publishable",
        "cache",
        "new",
        "no",
        "invalid",
        "host",
        "sample",
        "example",
        "dummy",
        "fake",
    ];
    word.is_some_and(|word| {
        WORDS
            .iter()
            .any(|known| word.eq_ignore_ascii_case(known.as_bytes()))
    })
}

/// Words that may stand before a setting on its line.
const LEAD: &[&str] = &[
    "export",
    "set",
    "env",
    "setx",
    "#",
    "-",
    "+",
    "//",
    "rem",
    "-e",
    "--env",
    "environment",
    "arg",
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
    let known = |word: &[u8]| {
        LEAD.iter()
            .any(|lead| word.eq_ignore_ascii_case(lead.as_bytes()))
    };
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

/// Whether other parts of a connection string stand before the name.
fn connects(scan: &Scan<'_>, start: usize, operator: Operator) -> bool {
    const PARTS: &[&str] = &[
        "server=",
        "data source=",
        "host=",
        "user id=",
        "uid=",
        "user=",
        "username=",
        "driver=",
    ];
    let line = &scan.text[scan.line_start(start, 256)..start];
    operator == Operator::Equals && line.contains(&b';') && sham::has_word(line, PARTS)
}

/// Whether a sign or a flag ties the value to the name that begins at `start`; a space does only
/// on a line that also has a login, and in SQL.
fn is_stated(scan: &Scan<'_>, start: usize, operator: Operator) -> bool {
    match operator {
        Operator::Call | Operator::Line => false,
        Operator::Space => {
            let line = &scan.text[scan.line_start(start, 96)..start];
            scan.byte(start) == b'-' || sham::has_word(line, &["login ", "machine "])
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
    let least = match named.strength {
        Strength::Password => 8,
        Strength::Secret => 12,
        Strength::Hint if site.wrapped || site.operator == Operator::Call => return None,
        Strength::Hint => 20,
    };
    if drawn(&shape, text, least, site) && !(named.strength == Strength::Hint && is_print(text)) {
        return Some(Confidence::Medium);
    }
    let chosen = !site.wrapped && chosen(&shape, site);
    let enough = match named.strength {
        Strength::Password => chosen || shape.is_word() && (exported(name, site) || site.connects),
        Strength::Secret => chosen && site.stated && made_up(&shape),
        Strength::Hint => false,
    };
    enough.then_some(Confidence::Low)
}

/// Drawn by a machine, and at least so long. A bare word in what may be code must be plainer
/// still.
fn drawn(shape: &Shape, text: &[u8], least: usize, site: Site) -> bool {
    let plain = site.quoted || site.setting.is_some() || shape.surprise > 6.5;
    let number = shape.is_hex() || shape.is_number() || value::is_uuid(text);
    let least = if site.stated { least } else { least.max(16) };
    let opaque = shape.is_random() && plain || site.stated && number;
    opaque && shape.len >= least
}

/// As long as a fingerprint or an id of a public key.
fn is_print(text: &[u8]) -> bool {
    matches!(text.len(), 16 | 40) && text.iter().all(u8::is_ascii_hexdigit)
}

/// Chosen by a person: only where nothing but a value can stand.
fn chosen(shape: &Shape, site: Site) -> bool {
    match (site.operator, site.setting) {
        (Operator::Line | Operator::Space | Operator::Comma, _) => false,
        _ if site.quoted => shape.is_password(),
        (_, Some(Setting::Tight)) => shape.is_password(),
        (_, Some(Setting::Loose)) => shape.is_strong(),
        _ => false,
    }
}

/// Keys and tokens that a person typed: letters with many digits among them, or of three kinds.
fn made_up(shape: &Shape) -> bool {
    let typed = shape.is_strong() && shape.surprise > 5.6;
    typed || shape.is_typed()
}

/// A variable of the environment, which holds no code: `DB_PASSWORD=word`.
fn exported(name: &str, site: Site) -> bool {
    let shouts = name
        .bytes()
        .all(|b| b.is_ascii_uppercase() || b.is_ascii_digit() || b == b'_');
    shouts && site.setting == Some(Setting::Tight) && site.operator == Operator::Equals
}
