//! Credentials that stand in a command line.

use crate::effect::Places;
use crate::net::{Target, is_url};

/// How tokens begin, and how many letters, digits, `-`, `_` and `.` follow at least.
const TOKENS: &[(&str, usize)] = &[
    ("AIza", 35),
    ("AKIA", 16),
    ("ASIA", 16),
    ("SG.", 60),
    ("dop_v1_", 60),
    ("ghp_", 36),
    ("gho_", 36),
    ("ghu_", 36),
    ("ghs_", 36),
    ("ghr_", 36),
    ("github_pat_", 60),
    ("glpat-", 20),
    ("hf_", 30),
    ("hvs.", 24),
    ("npm_", 36),
    ("pypi-", 80),
    ("rk_live_", 20),
    ("shpat_", 32),
    ("sk-ant-", 40),
    ("sk-proj-", 40),
    ("sk_live_", 20),
    ("xapp-", 24),
    ("xoxb-", 24),
    ("xoxp-", 24),
];

/// What people write where a credential would stand.
const PLACEHOLDERS: &[&str] = &[
    "example", "xxxx", "0000", "1234", "your", "token", "password", "changeme", "dummy", "test",
    "secret", "<", "{", "…",
];

/// Names the kind of credential in a word: the first letters of the token, or `user:…@host`.
/// Never gives the credential itself.
pub(crate) fn kind(word: &str) -> Option<String> {
    token(word)
        .map(|start| format!("{start}…"))
        .or_else(|| login(word))
}

fn token(word: &str) -> Option<&'static str> {
    let of_token = |c: &char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.');
    TOKENS.iter().find_map(|&(start, length)| {
        let (before, rest) = word.split_once(start)?;
        let inner = before.ends_with(|c: char| c.is_ascii_alphanumeric());
        let end = rest.chars().take_while(of_token).count();
        (!inner && end >= length && !is_placeholder(&rest[..end])).then_some(start)
    })
}

/// `https://user:password@host`, unless the host is of this machine or network.
fn login(word: &str) -> Option<String> {
    if !is_url(word) {
        return None;
    }
    let target = Target::of(word);
    let (user, password) = target.user.as_deref()?.split_once(':')?;
    let known = password.len() >= 8 && !password.contains(['\0', '$']) && !is_placeholder(password);
    (known && target.places().has(Places::INTERNET))
        .then(|| format!("{}://{user}:…@{}", target.scheme, target.host))
}

fn is_placeholder(text: &str) -> bool {
    let text = text.to_lowercase();
    PLACEHOLDERS.iter().any(|word| text.contains(word))
}

#[cfg(test)]
mod tests {
    use super::kind;

    fn made_up(start: &str, length: usize) -> String {
        let letters = "aB9dEf7hIjK5mNoP3rStU".chars().cycle().take(length);
        start.chars().chain(letters).collect()
    }

    #[test]
    fn tokens_are_known_by_how_they_begin() {
        for (start, length) in [("ghp_", 36), ("xoxb-", 30), ("sk-ant-", 60)] {
            let token = made_up(start, length);
            for word in [
                token.clone(),
                format!("Bearer {token}"),
                format!("KEY={token},"),
            ] {
                assert_eq!(kind(&word), Some(format!("{start}…")), "{word}");
            }
            assert_eq!(kind(&made_up(start, 8)), None);
            assert_eq!(kind(&format!("x{token}")), None);
        }
    }

    #[test]
    fn a_login_in_an_address_is_shown_without_its_password() {
        let word = "https://ann:hunter2hunter2@db.example.com/x";
        assert_eq!(kind(word).as_deref(), Some("https://ann:…@db.example.com"));
        for word in [
            "postgres://app:hunter2hunter2@localhost/dev",
            "https://ann:\0@db.example.com",
            "https://user:password@host.com",
            "https://ann@db.example.com",
            "ann:hunter2hunter2@x",
        ] {
            assert_eq!(kind(word), None, "{word}");
        }
    }
}
