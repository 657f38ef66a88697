//! How many of a million keys, drawn by chance in the form of each major provider, are not found:
//! most of all those taken for placeholders. At most one in ten thousand may be.
#![allow(clippy::print_stdout, reason = "a benchmark prints what it measured")]

use std::process::ExitCode;

use ccs_gate::secret::Scanner;

/// How many of each, unless the command line says otherwise.
const KEYS: usize = 1_000_000;
/// One in so many may be lost.
const ONE_IN: usize = 10_000;
/// How many stand in one text.
const TOGETHER: usize = 500;

const DIGIT: &str = "0123456789";
const HEX: &str = "0123456789abcdef";
const UPPER: &str = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
const ALNUM: &str = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";
const URL: &str = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

/// A provider's key: fixed texts, and how many characters of which alphabet follow each.
type Form = &'static [(&'static str, &'static str, usize)];

const FORMS: &[(&str, Form)] = &[
    ("AWS", &[("AKIA", UPPER, 16)]),
    ("GitHub", &[("ghp_", ALNUM, 36)]),
    (
        "GitHub, fine-grained",
        &[("github_pat_", ALNUM, 22), ("_", ALNUM, 59)],
    ),
    ("GitLab", &[("glpat-", URL, 20)]),
    ("Google", &[("AIza", URL, 35)]),
    (
        "Slack",
        &[("xoxb-", DIGIT, 12), ("-", DIGIT, 13), ("-", ALNUM, 24)],
    ),
    ("Stripe", &[("sk_live_", ALNUM, 24)]),
    ("Twilio", &[("SK", HEX, 32)]),
    ("SendGrid", &[("SG.", URL, 22), (".", URL, 43)]),
    ("Mailgun", &[("key-", HEX, 32)]),
    ("npm", &[("npm_", ALNUM, 36)]),
    ("PyPI", &[("pypi-AgEIcHlwaS5vcmc", URL, 120)]),
    ("Docker", &[("dckr_pat_", URL, 27)]),
    ("DigitalOcean", &[("dop_v1_", HEX, 64)]),
    ("Shopify", &[("shpat_", HEX, 32)]),
    ("Anthropic", &[("sk-ant-api03-", URL, 93), ("AA", "", 0)]),
    ("OpenAI", &[("sk-proj-", URL, 74), ("T3BlbkFJ", URL, 74)]),
    ("OpenRouter", &[("sk-or-v1-", HEX, 64)]),
    (
        "Hugging Face",
        &[(
            "hf_",
            "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz",
            34,
        )],
    ),
    ("Databricks", &[("dapi", HEX, 32)]),
    ("Linear", &[("lin_api_", ALNUM, 40)]),
    ("Telegram", &[("", "123456789", 9), (":AA", URL, 33)]),
];

fn main() -> ExitCode {
    let keys = std::env::args()
        .find_map(|arg| arg.parse().ok())
        .unwrap_or(KEYS);
    let mut chance = Chance(0x9e37_79b9_7f4a_7c15);
    let mut kept = true;
    for (provider, form) in FORMS {
        let lost = lost(form, keys, &mut chance);
        let good = lost.len() * ONE_IN < keys;
        kept &= good;
        let sign = if good { "" } else { "  too many" };
        let few = &lost[..lost.len().min(3)];
        println!(
            "{provider}: {} of {keys} not found{sign}  {few:?}",
            lost.len()
        );
    }
    if kept {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    }
}

/// The keys that are not found, each on a line of its own after a name.
fn lost(form: Form, keys: usize, chance: &mut Chance) -> Vec<String> {
    let scanner = Scanner::builtin();
    let mut lost = Vec::new();
    for _ in 0..keys.div_ceil(TOGETHER) {
        let (mut text, mut places) = (String::new(), Vec::new());
        for _ in 0..TOGETHER {
            text.push_str("twilio mailgun token: ");
            places.push(text.len());
            key(form, chance, &mut text);
            text.push('\n');
        }
        let mut found = scanner
            .scan(&text)
            .into_iter()
            .map(|one| one.start)
            .peekable();
        for start in places {
            while found.next_if(|&at| at < start).is_some() {}
            if found.peek() != Some(&start) {
                lost.extend(text[start..].lines().next().map(str::to_owned));
            }
        }
    }
    lost
}

fn key(form: Form, chance: &mut Chance, text: &mut String) {
    for (fixed, alphabet, count) in form {
        text.push_str(fixed);
        let letters = alphabet.as_bytes();
        let drawn = (0..*count).map(|_| char::from(letters[chance.below(letters.len())]));
        text.extend(drawn);
    }
}

/// Numbers that look drawn by chance: xorshift64*.
struct Chance(u64);

impl Chance {
    fn below(&mut self, end: usize) -> usize {
        self.0 ^= self.0 >> 12;
        self.0 ^= self.0 << 25;
        self.0 ^= self.0 >> 27;
        let drawn = self.0.wrapping_mul(0x2545_f491_4f6c_dd1d) >> 33;
        drawn as usize % end
    }
}
