//! What a secret is called in the vault when nobody gave it a name.

use ccs_vault::Name;

use super::find::What;

/// What people and programs call a credential, where that is not its rule's own name.
const USUAL: [(&str, &str); 15] = [
    ("anthropic.api-key", "ANTHROPIC_API_KEY"),
    ("aws.secret-key", "AWS_SECRET_ACCESS_KEY"),
    ("generic.key", "API_KEY"),
    ("generic.", "GENERIC"),
    ("github.app-", "GITHUB_APP_TOKEN"),
    ("github.", "GITHUB_TOKEN"),
    ("gitlab.personal-token", "GITLAB_TOKEN"),
    ("google.api-key", "GOOGLE_API_KEY"),
    ("huggingface.token", "HF_TOKEN"),
    ("openai.project-key", "OPENAI_API_KEY"),
    ("private-key.", "PRIVATE_KEY"),
    ("pypi.token", "PYPI_TOKEN"),
    ("sendgrid.key", "SENDGRID_API_KEY"),
    ("url.database", "DATABASE_URL"),
    ("url.", "URL_PASSWORD"),
];
/// The longest name that is taken over from a text.
const MAX: usize = 60;

/// A name that can be a variable of a program's environment: the one given, else the one that
/// stands before the value, else one that says what it is.
pub(crate) fn wish(what: &What, before: &str) -> String {
    let name = match what {
        What::Stored(name) | What::Marked(name) => spelled(name),
        What::Found { rule, .. } => assigned(before).unwrap_or_else(|| of_rule(rule)),
    };
    let usable = Name::new(&name).is_ok_and(|name| name.is_variable());
    if usable {
        name
    } else {
        format!("SECRET_{name}")
    }
}

/// As the characters of a variable's name; the case is kept.
fn spelled(name: &str) -> String {
    let word = |letter: char| match letter {
        'a'..='z' | 'A'..='Z' | '0'..='9' => letter,
        _ => '_',
    };
    name.chars().take(MAX).map(word).collect()
}

/// The name in `NAME=`, `NAME: "` or `NAME = '` at the end of a text. One word alone (`token`)
/// says less than the rule does.
fn assigned(before: &str) -> Option<String> {
    let before = before.trim_end_matches(['"', '\'', '`', ' ']);
    let before = before
        .strip_suffix(['=', ':'])?
        .trim_end_matches(['"', '\'', ' ']);
    let is_part = |letter: char| letter.is_ascii_alphanumeric() || letter == '_';
    let start = before.rfind(|letter| !is_part(letter)).map_or(0, |at| {
        at + before[at..].chars().next().map_or(1, char::len_utf8)
    });
    let name = &before[start..];
    let is_telling = name.contains('_') && name.len() <= MAX && !name.starts_with('_');
    is_telling.then(|| name.to_ascii_uppercase())
}

fn of_rule(rule: &str) -> String {
    let usual = USUAL.iter().find(|(known, _)| {
        rule == *known || (known.ends_with(['.', '-']) && rule.starts_with(known))
    });
    match usual {
        Some((_, "GENERIC")) => upper(rule.rsplit('.').next().unwrap_or(rule)),
        Some((_, name)) => (*name).to_owned(),
        None if rule.starts_with("command.") => "PASSWORD".into(),
        None => upper(rule),
    }
}

fn upper(text: &str) -> String {
    spelled(text).to_ascii_uppercase()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn wished(rule: &'static str, before: &str) -> String {
        let what = What::Found {
            rule: rule.into(),
            title: "".into(),
        };
        wish(&what, before)
    }

    #[test]
    fn a_credential_is_called_what_programs_call_it() {
        for (rule, name) in [
            ("github.personal-token", "GITHUB_TOKEN"),
            ("github.app-token", "GITHUB_APP_TOKEN"),
            ("openai.project-key", "OPENAI_API_KEY"),
            ("stripe.secret-key", "STRIPE_SECRET_KEY"),
            ("slack.bot-token", "SLACK_BOT_TOKEN"),
            ("private-key.openssh", "PRIVATE_KEY"),
            ("generic.password", "PASSWORD"),
            ("command.login", "PASSWORD"),
        ] {
            assert_eq!(wished(rule, "use "), name);
        }
    }

    #[test]
    fn the_name_a_value_is_assigned_to_is_its_name() {
        for (before, name) in [
            ("export STAGING_KEY=", "STAGING_KEY"),
            ("\"db_password\": \"", "DB_PASSWORD"),
            ("é DB_PASS = '", "DB_PASS"),
            ("token=", "GITHUB_TOKEN"),
            ("my DB_PASS is ", "GITHUB_TOKEN"),
        ] {
            assert_eq!(wished("github.personal-token", before), name, "{before}");
        }
    }

    #[test]
    fn a_name_that_would_steer_programs_is_not_given() {
        let marked = |name: &str| wish(&What::Marked(name.into()), "");
        assert_eq!(marked("LD_PRELOAD"), "SECRET_LD_PRELOAD");
        assert_eq!(marked("PATH"), "SECRET_PATH");
        assert_eq!(marked("7zip"), "SECRET_7zip");
        assert_eq!(marked("my-key.v2"), "my_key_v2");
    }
}
