//! Personal data: not secret by itself, and so looked for only where a user wants it kept back.

use serde::{Deserialize, Serialize};

use super::check;
use super::rule::Set;

/// A kind of personal data.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
#[non_exhaustive]
pub enum Personal {
    /// An e-mail address.
    Email,
    /// A telephone number: international with `+`, or North American.
    Phone,
    /// A social security number of the United States; numbers that were never given out are not.
    Ssn,
    /// A payment card number with the right check digit.
    Card,
    /// An international bank account number with the right check digits.
    Iban,
}

impl Personal {
    /// All kinds.
    pub const ALL: [Self; 5] = [Self::Email, Self::Phone, Self::Ssn, Self::Card, Self::Iban];

    /// The rule under which it is reported and what is put in its place.
    pub(super) const fn names(self) -> (&'static str, &'static str, &'static str) {
        match self {
            Self::Email => ("personal.email", "E-mail address", "[EMAIL]"),
            Self::Phone => ("personal.phone", "Telephone number", "[PHONE]"),
            Self::Ssn => ("personal.ssn", "Social security number", "[SSN]"),
            Self::Card => ("personal.card", "Payment card number", "[CARD]"),
            Self::Iban => ("personal.iban", "Bank account number", "[IBAN]"),
        }
    }

    /// Calls `found` with every place.
    pub(super) fn each(self, text: &[u8], mut found: impl FnMut(usize, usize)) {
        match self {
            Self::Email => emails(text, found),
            Self::Iban => runs(text, Set::WORD.and(Set::of(b" ")), |from, to| {
                iban(text, from, to, &mut found);
            }),
            Self::Phone | Self::Ssn | Self::Card => runs(text, NUMBER, |from, to| {
                if let Some((from, to)) = self.number(text, from, to) {
                    found(from, to);
                }
            }),
        }
    }

    /// The number in a run of digits and signs, if it is one of this kind.
    fn number(self, text: &[u8], from: usize, to: usize) -> Option<(usize, usize)> {
        let start = from
            + text[from..to]
                .iter()
                .position(|b| b"+(0123456789".contains(b))?;
        let end = from + text[from..to].iter().rposition(u8::is_ascii_digit)? + 1;
        let here = text.get(start..end)?;
        let apart = |at: Option<&u8>| !at.is_some_and(|b| Set::WORD.has(*b) || *b == b'/');
        let free = apart(start.checked_sub(1).and_then(|at| text.get(at))) && apart(text.get(end));
        let fits = match self {
            Self::Phone => is_phone(here),
            Self::Ssn => is_ssn(here),
            _ => is_card(here),
        };
        (free && fits).then_some((start, end))
    }
}

/// What a number is written with.
const NUMBER: Set = Set::of(b"0123456789+-(). ");

/// Calls `found` with every run of characters of a set that has at least seven.
fn runs(text: &[u8], set: Set, mut found: impl FnMut(usize, usize)) {
    let mut from = 0;
    for (at, &byte) in text.iter().chain(b"\n").enumerate() {
        if !set.has(byte) {
            if at - from >= 7 {
                found(from, at);
            }
            from = at + 1;
        }
    }
}

fn emails(text: &[u8], mut found: impl FnMut(usize, usize)) {
    const USER: Set = Set::WORD.and(Set::of(b".%+-"));
    const HOST: Set = Set::WORD.and(Set::of(b".-"));
    for at in memchr::memchr_iter(b'@', text) {
        let user = text[..at]
            .iter()
            .rev()
            .take(64)
            .take_while(|&&b| USER.has(b))
            .count();
        let host = text[at + 1..]
            .iter()
            .take(253)
            .take_while(|&&b| HOST.has(b))
            .count();
        let host = &text[at + 1..at + 1 + host];
        let host = host.strip_suffix(b".").unwrap_or(host);
        let top = host
            .iter()
            .rposition(|&b| b == b'.')
            .map_or(&b""[..], |dot| &host[dot + 1..]);
        if user > 0
            && host.len() > top.len() + 1
            && top.len() >= 2
            && top.iter().all(u8::is_ascii_alphabetic)
        {
            found(at - user, at + 1 + host.len());
        }
    }
}

fn digits(text: &[u8]) -> usize {
    text.iter().filter(|b| b.is_ascii_digit()).count()
}

fn is_phone(text: &[u8]) -> bool {
    let groups = text
        .split(|b| !b.is_ascii_digit())
        .filter(|group| !group.is_empty());
    let groups: Vec<usize> = groups.map(<[u8]>::len).collect();
    match text.first() {
        Some(b'+') => (8..=15).contains(&digits(text)),
        _ => matches!(groups[..], [3, 3, 4] | [1, 3, 3, 4]) && !text.contains(&b'+'),
    }
}

/// `AAA-GG-SSSS`; 000, 666 and 900 to 999 are not given out, nor is a group of zeros.
fn is_ssn(text: &[u8]) -> bool {
    let mut parts = text.split(|b| matches!(b, b'-' | b' '));
    let (Some(area), Some(group), Some(serial), None) =
        (parts.next(), parts.next(), parts.next(), parts.next())
    else {
        return false;
    };
    let shape = (area.len(), group.len(), serial.len()) == (3, 2, 4) && digits(text) == 9;
    shape
        && area != b"000"
        && area != b"666"
        && area[0] != b'9'
        && group != b"00"
        && serial != b"0000"
}

fn is_card(text: &[u8]) -> bool {
    let plain = text
        .iter()
        .all(|b| b.is_ascii_digit() || matches!(b, b' ' | b'-'));
    plain && (13..=19).contains(&digits(text)) && check::luhn(text)
}

/// The account number at the start of a word: two letters, two digits, and up to thirty more
/// characters, in groups of four or without spaces.
fn iban(text: &[u8], from: usize, to: usize, found: &mut impl FnMut(usize, usize)) {
    let mut at = from;
    while at + 15 <= to {
        let starts = at == from || text[at - 1] == b' ';
        let head = &text[at..at + 4];
        let country = head[..2].iter().all(u8::is_ascii_uppercase)
            && head[2..].iter().all(u8::is_ascii_digit);
        let end = (at + 42).min(to);
        let ends = (at + 15..=end)
            .rev()
            .filter(|&end| end == to || text[end] == b' ');
        let valid = |end: &usize| {
            let number = &text[at..*end];
            let length = number.iter().filter(|b| b.is_ascii_alphanumeric()).count();
            number.last() != Some(&b' ') && (15..=34).contains(&length) && check::iban(number)
        };
        match ends.into_iter().find(valid).filter(|_| starts && country) {
            Some(end) => {
                found(at, end);
                at = end;
            }
            None => at += 1,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::Personal;

    fn find(kind: Personal, text: &str) -> Vec<&str> {
        let mut all = Vec::new();
        kind.each(text.as_bytes(), |from, to| all.push(&text[from..to]));
        all
    }

    #[test]
    fn each_kind_finds_its_own() {
        for (kind, text, wanted) in [
            (
                Personal::Email,
                "mail maria.k+a@corp.example.net, please",
                "maria.k+a@corp.example.net",
            ),
            (Personal::Phone, "call 212-555-0142 now", "212-555-0142"),
            (Personal::Phone, "call (212) 555-0142.", "(212) 555-0142"),
            (Personal::Phone, "call +49 30 901820.", "+49 30 901820"),
            (Personal::Ssn, "ssn 219-09-9998,", "219-09-9998"),
            (
                Personal::Card,
                "card 4111 1111 1111 1111 exp",
                "4111 1111 1111 1111",
            ),
            (Personal::Card, "4111111111111111", "4111111111111111"),
            (
                Personal::Iban,
                "to GB82 WEST 1234 5698 7654 32 today",
                "GB82 WEST 1234 5698 7654 32",
            ),
            (
                Personal::Iban,
                "DE89370400440532013000",
                "DE89370400440532013000",
            ),
        ] {
            assert_eq!(find(kind, text), [wanted], "{text}");
        }
    }

    #[test]
    fn look_alikes_are_left() {
        for (kind, text) in [
            (Personal::Email, "git@host and @user and a@b"),
            (Personal::Phone, "2026-11-21 10.20.30.40 1.2.3 555-0142"),
            (
                Personal::Ssn,
                "000-12-3456 666-12-3456 912-12-3456 123-00-4567 123-45-0000",
            ),
            (Personal::Card, "1234 5678 9012 3456 and 20261121101112"),
            (
                Personal::Iban,
                "GB82 WEST 1234 5698 7654 33 and AB12 is not one",
            ),
        ] {
            assert!(
                find(kind, text).is_empty(),
                "{text}: {:?}",
                find(kind, text)
            );
        }
    }
}
