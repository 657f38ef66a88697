//! One word of a text, and what it is.

use std::net::{Ipv4Addr, Ipv6Addr};

use super::Kind;
use super::{host, wallet};

/// Longer words are no indicators, except URLs.
const LONGEST: usize = 320;
/// Longer URLs are cut.
const LONGEST_URL: usize = 4096;

/// What a word is, in the form of lists, and which part of it that is.
pub(super) type Judged = (Kind, String, usize, usize);

/// The words of `text`, as byte ranges.
pub(super) fn split(text: &str) -> impl Iterator<Item = (usize, usize)> + '_ {
    let ends = |c: char| {
        c.is_whitespace()
            || c.is_control()
            || matches!(
                c,
                '"' | '\'' | '`' | '<' | '>' | '(' | ')' | '{' | '}' | ',' | ';' | '|' | '\\' | '…'
            )
    };
    let base = text.as_ptr() as usize;
    text.split(ends)
        .filter(|word| word.len() > 3)
        .map(move |word| {
            let start = word.as_ptr() as usize - base;
            (start, start + word.len())
        })
}

/// What `word` is. `changed` says whether it was made unclickable.
pub(super) fn judge(word: &str, changed: impl Fn() -> bool) -> Option<Judged> {
    if let Some(at) = word.find("://") {
        return url(word, at);
    }
    if word.len() > LONGEST || !word.is_ascii() {
        return None;
    }
    let start = word.len()
        - word
            .trim_start_matches(['[', '*', '_', '#', '=', '!', '@', '-', '.', ':', '/', '~'])
            .len();
    let name = bare(&word[start..]);
    let found = named(name, &changed).or_else(|| assigned(name, &changed))?;
    let (kind, value, from, to) = found;
    Some((kind, value, start + from, start + to))
}

/// The word without what stands behind it. Two colons at the end of an address belong to it.
fn bare(word: &str) -> &str {
    let name = word.trim_end_matches(['.', ':', ']', '!', '?', '*', '_', '=', '/', '~']);
    let longer = word
        .get(..name.len() + 2)
        .filter(|longer| longer.ends_with("::"));
    longer
        .filter(|longer| longer.parse::<Ipv6Addr>().is_ok())
        .unwrap_or(name)
}

/// `ip=45.77.10.9`, `sha256:e3b0…`: what stands behind the name.
fn assigned(word: &str, changed: &impl Fn() -> bool) -> Option<Judged> {
    let at = word
        .find('=')
        .or_else(|| word.find(':').filter(|_| word.matches(':').count() == 1))?;
    let (kind, value, from, to) = named(&word[at + 1..], changed)?;
    Some((kind, value, at + 1 + from, at + 1 + to))
}

fn named(word: &str, changed: &impl Fn() -> bool) -> Option<Judged> {
    let whole = |kind, value| Some((kind, value, 0, word.len()));
    if let Some(kind) = digest(word) {
        return whole(kind, word.to_ascii_lowercase());
    }
    if is_cve(word) {
        return whole(Kind::Cve, word.to_ascii_uppercase());
    }
    if let Some((kind, value)) = wallet::read(word) {
        return whole(kind, value);
    }
    if let Some((user, domain)) = word.split_once('@') {
        return email(user, domain).and_then(|value| whole(Kind::Email, value));
    }
    if let Ok(address) = word.parse::<Ipv6Addr>() {
        return host::is_public_v6(address)
            .then(|| (Kind::Ipv6, address.to_string(), 0, word.len()));
    }
    let end = word.find(['/', ':', '?', '#']).unwrap_or(word.len());
    let name = &word[..end];
    if let Ok(address) = name.parse::<Ipv4Addr>() {
        return host::is_public_v4(address).then(|| (Kind::Ipv4, address.to_string(), 0, end));
    }
    let lower = name.to_ascii_lowercase();
    let written = name == lower || name.to_ascii_uppercase() == name;
    (written && host::is_domain(&lower, changed())).then_some((Kind::Domain, lower, 0, end))
}

fn email(user: &str, domain: &str) -> Option<String> {
    let fits = |b: u8| b.is_ascii_alphanumeric() || b".!#$%&'*+/=?^_`{|}~-".contains(&b);
    let domain = domain.to_ascii_lowercase();
    let right = (1..=64).contains(&user.len()) && user.bytes().all(fits);
    (right && host::is_domain(&domain, true))
        .then(|| format!("{}@{domain}", user.to_ascii_lowercase()))
}

/// A URL: its host must be somebody's.
fn url(word: &str, at: usize) -> Option<Judged> {
    let letters = word[..at].bytes().rev();
    let start = at - letters.take_while(u8::is_ascii_alphanumeric).count();
    let scheme = word[start..at].to_ascii_lowercase();
    if !matches!(scheme.as_str(), "http" | "https" | "ftp" | "ws" | "wss") {
        return None;
    }
    let rest = &word[at + 3..];
    let rest = rest.trim_end_matches(['.', ':', '!', '?', '*', ']']);
    let cut = (0..=rest.len().min(LONGEST_URL))
        .rev()
        .find(|&cut| rest.is_char_boundary(cut))?;
    let rest = &rest[..cut];
    let end = rest.find(['/', '?', '#']).unwrap_or(rest.len());
    let (authority, path) = rest.split_at(end);
    let name = host_of(authority).to_lowercase();
    let somebody = match (name.parse::<Ipv4Addr>(), name.parse::<Ipv6Addr>()) {
        (Ok(address), _) => host::is_public_v4(address),
        (_, Ok(address)) => host::is_public_v6(address),
        _ => host::is_domain(&ascii(&name), true),
    };
    somebody.then(|| {
        (
            Kind::Url,
            format!("{scheme}://{}{path}", authority.to_lowercase()),
            start,
            at + 3 + cut,
        )
    })
}

/// The host in `user:password@host:port`.
pub(super) fn host_of(authority: &str) -> &str {
    let host = authority
        .rsplit_once('@')
        .map_or(authority, |(_, host)| host);
    match host.strip_prefix('[') {
        Some(v6) => v6.split(']').next().unwrap_or(v6),
        None => host.split(':').next().unwrap_or(host),
    }
}

/// Letters of other scripts may stand in a label; for the question whether it ends in a public
/// suffix any letter does.
fn ascii(name: &str) -> String {
    name.chars()
        .map(|c| if c.is_ascii() { c } else { 'x' })
        .collect()
}

fn digest(word: &str) -> Option<Kind> {
    let kind = match word.len() {
        32 => Kind::Md5,
        40 => Kind::Sha1,
        64 => Kind::Sha256,
        128 => Kind::Sha512,
        _ => return None,
    };
    let hex = word.bytes().all(|b| b.is_ascii_hexdigit());
    let one_case = !(word.bytes().any(|b| b.is_ascii_lowercase())
        && word.bytes().any(|b| b.is_ascii_uppercase()));
    let digits = word.bytes().filter(u8::is_ascii_digit).count();
    let mixed = digits > 2 && digits + 2 < word.len();
    (hex && one_case && mixed).then_some(kind)
}

fn is_cve(word: &str) -> bool {
    let mut parts = word.split('-');
    let name = parts
        .next()
        .is_some_and(|part| part.eq_ignore_ascii_case("cve"));
    let number = |part: Option<&str>, digits: std::ops::RangeInclusive<usize>| {
        part.is_some_and(|part| {
            digits.contains(&part.len()) && part.bytes().all(|b| b.is_ascii_digit())
        })
    };
    name && number(parts.next(), 4..=4) && number(parts.next(), 4..=19) && parts.next().is_none()
}
