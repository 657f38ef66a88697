//! Keys of well-known services by their look. What to use when no better scanner is at hand.

use super::{Secret, Secrets};

/// Sees keys that begin in a way nothing else does.
#[derive(Clone, Copy, Debug, Default)]
pub struct WellKnown;

/// The beginning, how many letters follow at least, and what it is.
const PREFIXES: &[(&str, usize, &str)] = &[
    ("sk-ant-", 20, "Anthropic key"),
    ("sk-or-", 20, "OpenRouter key"),
    ("sk-proj-", 20, "OpenAI key"),
    ("sk_live_", 16, "Stripe key"),
    ("rk_live_", 16, "Stripe key"),
    ("ghp_", 30, "GitHub token"),
    ("gho_", 30, "GitHub token"),
    ("ghs_", 30, "GitHub token"),
    ("ghu_", 30, "GitHub token"),
    ("github_pat_", 30, "GitHub token"),
    ("glpat-", 18, "GitLab token"),
    ("xoxb-", 20, "Slack token"),
    ("xoxp-", 20, "Slack token"),
    ("xapp-", 20, "Slack token"),
    ("AKIA", 16, "AWS key id"),
    ("ASIA", 16, "AWS key id"),
    ("AIza", 30, "Google key"),
    ("ya29.", 30, "Google token"),
    ("npm_", 30, "npm token"),
    ("pypi-", 40, "PyPI token"),
    ("hf_", 30, "Hugging Face token"),
    ("gsk_", 40, "Groq key"),
    ("SG.", 40, "SendGrid key"),
    ("dop_v1_", 40, "DigitalOcean token"),
    ("lin_api_", 30, "Linear key"),
    ("ntn_", 40, "Notion token"),
    ("sntrys_", 40, "Sentry token"),
    ("eyJ", 60, "JSON web token"),
];

const PRIVATE_KEY: &str = "PRIVATE KEY-----";

impl Secrets for WellKnown {
    fn secrets(&self, text: &str) -> Vec<Secret> {
        let mut found: Vec<Secret> = PREFIXES
            .iter()
            .flat_map(|prefix| prefixed(text, prefix))
            .collect();
        found.extend(private_keys(text));
        found.extend(passwords_in_urls(text));
        found.sort_by_key(|secret| (secret.span.start, std::cmp::Reverse(secret.span.end)));
        let mut end = 0;
        found.retain(|secret| {
            let apart = secret.span.start >= end;
            end = end.max(secret.span.end);
            apart
        });
        found
    }
}

fn prefixed<'a>(
    text: &'a str,
    &(prefix, least, kind): &'a (&'static str, usize, &'static str),
) -> impl Iterator<Item = Secret> + 'a {
    text.match_indices(prefix).filter_map(move |(start, _)| {
        let before = text[..start].chars().next_back();
        if before.is_some_and(|c| c.is_ascii_alphanumeric() || c == '_') {
            return None;
        }
        let rest = &text[start + prefix.len()..];
        let letter = |c: char| {
            c.is_ascii_alphanumeric()
                || c == '_'
                || c == '-'
                || c == '.' && kind == "JSON web token"
        };
        let length = rest.find(|c| !letter(c)).unwrap_or(rest.len());
        let body = &rest[..length];
        let upper_only = matches!(prefix, "AKIA" | "ASIA");
        let fits = if upper_only {
            length == least
                && body
                    .bytes()
                    .all(|b| b.is_ascii_uppercase() || b.is_ascii_digit())
        } else {
            length >= least && is_random(body)
        };
        let web_token = kind != "JSON web token" || body.matches('.').count() == 2;
        (fits && web_token).then(|| Secret {
            span: start..start + prefix.len() + length,
            kind: kind.to_owned(),
        })
    })
}

/// Digits and letters in no order; `xxxx` and `your-key-here` are placeholders.
pub(super) fn is_random(body: &str) -> bool {
    let lower = body.to_ascii_lowercase();
    let placeholder = [
        "your",
        "example",
        "placeholder",
        "xxxx",
        "changeme",
        "redacted",
        "dummy",
        "0000000",
        "1234567890",
    ];
    if placeholder.iter().any(|word| lower.contains(word)) {
        return false;
    }
    let mut seen: Vec<u8> = body.bytes().collect();
    seen.sort_unstable();
    seen.dedup();
    seen.len() >= 8 && body.bytes().any(|b| b.is_ascii_digit())
}

fn private_keys(text: &str) -> impl Iterator<Item = Secret> {
    text.match_indices(PRIVATE_KEY).filter_map(|(at, _)| {
        let start = text[..at].rfind("-----BEGIN")?;
        let body_start = at + PRIVATE_KEY.len();
        let end = text[body_start..]
            .find("-----END")
            .map_or(text.len(), |length| body_start + length);
        let body = text.get(body_start..end)?;
        (at - start < 40 && body.len() > 40).then(|| Secret {
            span: start..end,
            kind: "private key".to_owned(),
        })
    })
}

/// `scheme://name:password@host`.
fn passwords_in_urls(text: &str) -> impl Iterator<Item = Secret> {
    text.match_indices("://").filter_map(|(at, _)| {
        let rest = &text[at + 3..];
        let end = rest
            .find(|c: char| c.is_whitespace() || "/\"'`<>".contains(c))
            .unwrap_or(rest.len());
        let (login, _) = rest[..end].rsplit_once('@')?;
        let (_, password) = login.split_once(':')?;
        let start = at + 3 + login.len() - password.len();
        let variable = password.contains(['$', '{', '<', '*']);
        (password.len() >= 8 && !variable && is_random(password)).then(|| Secret {
            span: start..start + password.len(),
            kind: "password in an address".to_owned(),
        })
    })
}

#[cfg(test)]
mod tests {
    use super::{Secrets, WellKnown};

    fn kinds(text: &str) -> Vec<String> {
        WellKnown
            .secrets(text)
            .into_iter()
            .map(|secret| secret.kind)
            .collect()
    }

    #[test]
    fn keys_are_seen_whole() {
        let key = format!("sk-{}-api03-{}", "ant", "q8Zr3vT1xY7bN2mK9sD4fG6hJ0pL5wE");
        let text = format!("\"KEY\": \"{key}\", x");
        let found = WellKnown.secrets(&text);
        assert_eq!(&text[found[0].span.clone()], key);
    }

    #[test]
    fn each_kind_is_known() {
        let aws = format!("AKI{}", "AQ7Z3VT1XY7BN2MKD");
        let github = format!("gh{}_{}", 'p', "q8Zr3vT1xY7bN2mK9sD4fG6hJ0pL5wE1aB2c");
        assert_eq!(kinds(&aws), ["AWS key id"]);
        assert_eq!(kinds(&github), ["GitHub token"]);
        assert_eq!(
            kinds("postgres://app:VBpGwd2A6KEQ8gePRj@db:5432/x"),
            ["password in an address"]
        );
        let pem = format!(
            "-----BEGIN {} KEY-----\n{}\n-----END",
            "PRIVATE",
            "MIIE".repeat(20)
        );
        assert_eq!(kinds(&pem), ["private key"]);
    }

    #[test]
    fn placeholders_and_variables_are_no_keys() {
        for text in [
            "sk-ant-your-key-here-1234567890abc",
            "sk-ant-xxxxxxxxxxxxxxxxxxxxxxxxxxxx",
            "${ANTHROPIC_API_KEY}",
            "postgres://app:${PASSWORD}@db/x",
            "postgres://user:password@localhost/x",
            "ask-anthropic-something-long-and-readable",
            "",
        ] {
            assert_eq!(kinds(text), [""; 0], "{text}");
        }
    }
}
