//! The scanner's work is bounded, and chance does not make placeholders.

use super::Scan;
use crate::secret::rule::{FORMS, Form, Part, RULES};
use crate::secret::sham;

/// How many bytes are looked at beside the prefilter's.
fn work(piece: &str, len: usize) -> u64 {
    let text = piece.repeat(len / piece.len() + 1);
    Scan::new(text.as_bytes()).run().work
}

/// Pieces that set off a matcher with every repetition, or that leave something open.
const HOSTILE: &[&str] = &[
    "token=",
    "token: ",
    "password=\"",
    "\"password\": ",
    "the token is ",
    "datadog ",
    "aws secret ",
    "discord\n",
    "okta=00",
    "mysql -p",
    "curl -u ",
    "://a:",
    "https://a:b/",
    "-----BEGIN RSA PRIVATE KEY-----\n",
    "PuTTY-User-Key-File-2: ",
    "Private-Lines: ",
    "eyJhbGciOi.",
    "eyJ0eXAi",
    "ghp_",
    "sk-",
    "xoxb-1-",
    "SG.a.",
    "Basic dXNl",
    "Bearer ",
    "<key>",
    "' ,token, \"",
];

#[test]
fn work_grows_no_faster_than_the_text() {
    for piece in HOSTILE {
        let (short, long) = (work(piece, 10_000), work(piece, 40_000));
        assert!(long <= short * 5 + 1000, "{piece:?}: {short} and {long}");
        assert!(long <= 40_000 * 250, "{piece:?}: {long}");
    }
}

/// A sequence of numbers that looks drawn by chance.
struct Chance(u64);

impl Chance {
    fn below(&mut self, end: usize) -> usize {
        self.0 = self
            .0
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1);
        ((self.0 >> 33) as usize) % end
    }
}

/// The longest run of a token of the form, drawn by chance.
fn body(form: &Form, chance: &mut Chance) -> Vec<u8> {
    let runs = form.parts.iter().filter_map(|part| match part {
        Part::Run { set, min, max } => {
            Some((set, usize::from(*min.max(&16)).min(usize::from(*max))))
        }
        Part::Text(_) => None,
    });
    let (set, len) = runs.max_by_key(|(_, len)| *len).expect("a form has a run");
    let letters: Vec<u8> = (0..128).filter(|&byte| set.has(byte)).collect();
    (0..len)
        .map(|_| letters[chance.below(letters.len())])
        .collect()
}

#[test]
fn drawn_keys_are_not_taken_for_placeholders() {
    let mut chance = Chance(20_261_121);
    let (mut drawn, mut lost) = (0, Vec::new());
    // passwords of any signs are chosen by people: `<new password>` is one of their forms
    let of_signs = |part: &Part| matches!(part, Part::Run { set, .. } if set.has(b'<'));
    let known = FORMS
        .iter()
        .filter(|form| RULES[usize::from(form.rule)].near.is_empty())
        .filter(|form| !form.parts.iter().any(of_signs));
    for form in known {
        for _ in 0..40 {
            let body = body(form, &mut chance);
            drawn += usize::from(body.len() >= 16);
            if body.len() >= 16 && sham::is_sham(&body) {
                lost.push(String::from_utf8_lossy(&body).into_owned());
            }
        }
    }
    assert!(drawn > 10_000);
    assert!(
        lost.len() * 10_000 < drawn,
        "{} of {drawn}: {lost:?}",
        lost.len()
    );
}
