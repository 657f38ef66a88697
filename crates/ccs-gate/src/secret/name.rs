//! What a name says about its value.

use super::rule::{
    GENERIC_KEY, GENERIC_PASSWORD, GENERIC_SECRET, GENERIC_TOKEN, ROLES, Role, look_up,
};

/// How much a name tells.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Strength {
    /// A key of some kind, or a secret's name with more in it.
    Hint,
    /// A secret that a machine made.
    Secret,
    /// A password, which a person may have made.
    Password,
}

/// The rule a named value falls under.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Named {
    pub(super) rule: u16,
    pub(super) strength: Strength,
}

/// Names have at most so many parts that count.
const PARTS: usize = 12;

/// Reads a name in any casing: `db_password`, `dbPassword`, `DB-PASSWORD`.
pub(super) fn read(name: &str) -> Option<Named> {
    let roles = roles(name);
    if roles
        .iter()
        .any(|role| matches!(role, Some(Role::Public | Role::Fixture)))
    {
        return None;
    }
    let mut rest = &roles[..];
    while let [head @ .., Some(Role::Neutral)] = rest {
        rest = head;
    }
    let (last, head) = rest.split_last()?;
    match last {
        Some(Role::About) => None,
        Some(Role::Owner) | None => inner(head),
        Some(role) => named(*role, head),
    }
}

fn named(role: Role, head: &[Option<Role>]) -> Option<Named> {
    let (rule, strength) = match role {
        Role::Password => (GENERIC_PASSWORD, Strength::Password),
        Role::Secret => (GENERIC_SECRET, Strength::Secret),
        Role::Token => (GENERIC_TOKEN, Strength::Secret),
        Role::Key
            if head
                .iter()
                .any(|part| matches!(part, Some(Role::Owner | Role::Secret))) =>
        {
            (GENERIC_KEY, Strength::Secret)
        }
        Role::Key if head.contains(&Some(Role::About)) => return None,
        Role::Key => (GENERIC_KEY, Strength::Hint),
        _ => return None,
    };
    Some(Named { rule, strength })
}

/// A name that says more after its word: `TF_TOKEN_app_terraform_io`.
fn inner(head: &[Option<Role>]) -> Option<Named> {
    if head.contains(&Some(Role::About)) {
        return None;
    }
    let at = head.iter().rposition(|role| {
        matches!(
            role,
            Some(Role::Password | Role::Secret | Role::Token | Role::Key)
        )
    })?;
    let found = named(head[at]?, &head[..at])?;
    (found.strength > Strength::Hint).then_some(Named {
        strength: Strength::Hint,
        ..found
    })
}

/// What each part of the name says.
fn roles(name: &str) -> Vec<Option<Role>> {
    let mut roles = Vec::with_capacity(PARTS);
    for part in parts(name) {
        let part = part.to_ascii_lowercase();
        let word = part.trim_end_matches(|c: char| c.is_ascii_digit());
        if !word.is_empty() {
            roles.push(
                look_up(ROLES, &part)
                    .or_else(|| look_up(ROLES, word))
                    .or_else(|| ending(word)),
            );
        }
    }
    let extra = roles.len().saturating_sub(PARTS);
    roles.drain(..extra);
    roles
}

/// Words written as one, `dbpassword`: the role of the last of them.
fn ending(part: &str) -> Option<Role> {
    const JOINED: &[(&str, Role)] = &[
        ("password", Role::Password),
        ("passwd", Role::Password),
        ("passphrase", Role::Password),
        ("pass", Role::Password),
        ("pwd", Role::Password),
        ("secret", Role::Secret),
        ("apikey", Role::Secret),
        ("accesskey", Role::Secret),
        ("secretkey", Role::Secret),
        ("privatekey", Role::Secret),
        ("connectkey", Role::Secret),
        ("authkey", Role::Secret),
        ("token", Role::Token),
        ("key", Role::Key),
    ];
    let found = JOINED.iter().find(|(end, _)| part.ends_with(end));
    found.map(|(_, role)| *role)
}

/// Cuts a name at signs and at humps.
fn parts(name: &str) -> impl Iterator<Item = &str> {
    let is_sign = |c: char| c.is_ascii() && !c.is_ascii_alphanumeric();
    name.split(is_sign)
        .flat_map(humps)
        .filter(|part| !part.is_empty())
}

/// `dbPassword` and `APIKey` in two.
fn humps(word: &str) -> impl Iterator<Item = &str> {
    let bytes = word.as_bytes();
    let starts = move |at: usize| {
        let (before, here) = (bytes[at - 1], bytes[at]);
        let next_lower = bytes.get(at + 1).is_some_and(u8::is_ascii_lowercase);
        here.is_ascii_uppercase()
            && (before.is_ascii_lowercase()
                || before.is_ascii_digit()
                || (before.is_ascii_uppercase() && next_lower))
    };
    let mut from = 0;
    std::iter::from_fn(move || {
        if from >= word.len() {
            return None;
        }
        let end = (from + 1..word.len())
            .find(|&at| starts(at))
            .unwrap_or(word.len());
        let part = word.get(from..end);
        from = end;
        part
    })
}
