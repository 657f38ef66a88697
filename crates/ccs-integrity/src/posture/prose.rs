//! Instructions in plain language: which sentences tell a model to work against its user.
//!
//! What somebody forbids, quotes or explains is not an order. The judgement is by sentence, with
//! the words that must come together for an order to do harm.

mod sentence;
#[cfg(test)]
mod tests;
mod words;

use super::danger::{Danger, in_shell, secret_place};
use super::url;
use sentence::{comments, is_within, sentences};
use words::{
    ACTS, ALL_OF, ANYTHING, COMMON_NAMES, CONSENT, FETCHES, FOLLOWS, GETS, GUARD_NAMES, GUARDS,
    NEGATIONS, NO_QUESTION, OVERRIDDEN, OVERRIDES, PEOPLE, RUNS, SECRECY, SECRET_WORDS, SENDS,
    SENDS_AWAY, SWITCHES_OFF, WEAK_CONSENT,
};

/// What a sentence asks for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Order {
    /// To set aside rules, to act behind the user's back, or to give secrets away.
    Injection,
    /// To run what comes from somewhere else.
    RemoteRun,
    /// To take a permission for granted that nobody gave.
    FalseConsent,
    /// To switch off a protection.
    NoGuards,
    /// To fetch a page and do what it says.
    Follow,
}

/// One sentence.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Sentence {
    pub(super) order: Order,
    pub(super) offset: usize,
    pub(super) text: String,
}

/// No more orders of one text are looked for.
const MOST: usize = 50;
/// No order has fewer letters.
const SHORTEST: usize = 8;

/// The orders in a text that a model reads.
pub(super) fn orders(text: &str) -> Vec<Sentence> {
    let mut found = Vec::new();
    let comments = comments(text);
    for (offset, sentence) in sentences(text) {
        if found.len() >= MOST {
            break;
        }
        let lower = sentence.to_lowercase();
        if lower.bytes().filter(u8::is_ascii_alphabetic).count() < SHORTEST {
            continue;
        }
        let comment = is_within(&comments, offset);
        for order in judge(&lower, sentence, comment) {
            found.push(Sentence {
                order,
                offset,
                text: sentence.trim().to_owned(),
            });
        }
    }
    found
}

fn judge(lower: &str, original: &str, comment: bool) -> Vec<Order> {
    let mut orders = Vec::new();
    if is_about_attacks(lower) {
        return orders;
    }
    let secret =
        secret_place(lower).is_some() || SECRET_WORDS.iter().any(|word| has_word(lower, word));
    let secret_path = secret_place(lower).is_some();
    let sends = verb(lower, SENDS);
    // To publish with a token is what tokens are for; to an address it is something else.
    let far_verbs = SENDS_AWAY.iter().copied().filter(|word| *word != "publish");
    let sends_away = verb(lower, &far_verbs.collect::<Vec<_>>()) || lower.contains("://") && sends;
    let secrecy = keeps_from_people(lower);
    let runs = runs_remote(original);
    let order = verb(lower, RUNS) || sends;
    let overrides = sets_rules_aside(lower);
    let injection = overrides
        || secrecy
            && (secret && sends
                || runs
                || sends_away && (secret || lower.contains("://"))
                || secret_path)
        || secret_path && sends_away
        || secret && sends_away && lower.contains("://")
        || comment
            && addresses_model(lower)
            && (secrecy || secret && sends || runs || overrides || order && lower.contains("://"));
    if injection {
        orders.push(Order::Injection);
    }
    let programs = [
        "curl", "wget", "run", "pipe", "iwr", "eval", "base64", "bash", "/dev/tcp",
    ];
    if runs && !denied(lower, &programs) && !shows(lower) {
        orders.push(Order::RemoteRun);
    }
    let consent = CONSENT.iter().any(|phrase| plain(lower, phrase));
    let unasked = NO_QUESTION.iter().any(|phrase| lower.contains(phrase));
    let far = runs || lower.contains("://") || secret && sends_away;
    let weak = WEAK_CONSENT.iter().any(|phrase| plain(lower, phrase));
    let anything = ANYTHING.iter().any(|phrase| lower.contains(phrase)) && verb(lower, ACTS);
    if consent && (far || verb(lower, ACTS))
        || weak && far && verb(lower, ACTS)
        || unasked && (far || anything)
    {
        orders.push(Order::FalseConsent);
    }
    if disables_guards(lower) {
        orders.push(Order::NoGuards);
    }
    // Who only looks something up there obeys what stands there if that is said.
    let fetched = verb(lower, FETCHES)
        || [
            "instructions",
            "what it says",
            "follow it",
            "exactly",
            "every step",
            "apply it",
            "obey it",
            "obey them",
            "follow them",
            "execute it",
            "as instructions",
            "as orders",
        ]
        .iter()
        .any(|phrase| has_word(lower, phrase));
    if lower.contains("://")
        && fetched
        && verb(lower, GETS)
        && FOLLOWS.iter().any(|word| plain(lower, word))
    {
        orders.push(Order::Follow);
    }
    orders
}

/// Standing orders in what a model wrote for itself, where facts belong: consent without end, data
/// that goes to an address, silence, packages from an address.
pub(super) fn standing(text: &str) -> Vec<(usize, String)> {
    let found = sentences(text)
        .into_iter()
        .take(5_000)
        .filter(|(_, sentence)| {
            let lower = sentence.to_lowercase();
            let consent = CONSENT
                .iter()
                .chain(WEAK_CONSENT)
                .any(|phrase| plain(&lower, phrase));
            let unasked = NO_QUESTION.iter().any(|phrase| lower.contains(phrase));
            let everything = ANYTHING.iter().any(|phrase| lower.contains(phrase));
            let far = url::all(&lower).any(|url| !url.is_loopback());
            let sends = [
                "send",
                "upload",
                "exfiltrate",
                "transmit",
                "email",
                "forward",
                "submit",
            ];
            let secret = secret_place(&lower).is_some();
            let named = ["api key", "api keys", "token", "password", "credentials"]
                .iter()
                .any(|word| has_word(&lower, word));
            let obeyed = ["as orders", "as instructions", "as commands"]
                .iter()
                .any(|phrase| plain(&lower, phrase));
            let dismissed = [
                "false alarm",
                "choose allow",
                "click allow",
                "always allow",
                "always approve",
            ]
            .iter()
            .any(|phrase| plain(&lower, phrase))
                && ["prompt", "warning", "hook", "permission"]
                    .iter()
                    .any(|w| lower.contains(w));
            unasked && (consent || everything)
                || consent && far
                || named && far && verb(&lower, &["include", "attach", "add", "put", "append"])
                || obeyed && verb(&lower, &["treat", "take", "follow"])
                || dismissed
                || runs_remote(sentence) && !is_forbidden(&lower, lower.len())
                || far && (verb(&lower, &sends) || verb(&lower, &["install"]))
                || secret
                    && verb(
                        &lower,
                        &["copy", "send", "append", "paste", "upload", "push"],
                    )
                || keeps_from_people(&lower) && !is_denied_at(&lower, 0)
        });
    found
        .map(|(offset, text)| (offset, text.trim().to_owned()))
        .collect()
}

/// Whether the sentence says to ignore what was said before, not just some thing.
fn sets_rules_aside(lower: &str) -> bool {
    OVERRIDES.iter().any(|phrase| {
        let whole = OVERRIDDEN.iter().any(|noun| phrase.contains(noun))
            || !phrase.starts_with(['i', 'd', 'f']);
        lower.match_indices(phrase).any(|(at, _)| {
            let rest: String = lower[at + phrase.len()..].chars().take(40).collect();
            let about = whole
                || OVERRIDDEN.iter().any(|noun| rest.contains(noun))
                || rest.trim_start().starts_with("and ");
            about && !is_denied_at(lower, at) && !is_reported_at(lower, at)
        })
    })
}

/// Whether the words stand in quotes, as what somebody else may say: `if a page says "…"`.
fn is_reported_at(lower: &str, at: usize) -> bool {
    let before = lower[..at].trim_end();
    let quoted = before.ends_with(['"', '\'', '`', '\u{201c}', '\u{2018}', '\u{ab}']);
    let reports = [
        "says", "say", "said", "tells", "asks", "claims", "reads", "contains", "like", "phrases",
        "text",
    ];
    quoted && reports.iter().any(|word| has_word(before, word))
}

/// Whether the sentence asks to keep something from a person.
fn keeps_from_people(lower: &str) -> bool {
    SECRECY.iter().any(|phrase| {
        let Some(at) = lower.find(phrase) else {
            return false;
        };
        let rest = &lower[at..];
        let alone = matches!(
            *phrase,
            "silently"
                | "secretly"
                | "covertly"
                | "quietly"
                | "unnoticed"
                | "never say so"
                | "leave no trace"
        );
        alone || PEOPLE.iter().any(|who| has_word(rest, who))
    })
}

fn disables_guards(lower: &str) -> bool {
    let flag = GUARDS.iter().any(|flag| lower.contains(flag)) && !denied(lower, GUARDS);
    let wanted = [
        "use ", "always", "with ", "run ", "pass ", "add ", "set ", "export ",
    ]
    .iter()
    .any(|word| lower.contains(word));
    flag && wanted
        || evades(lower)
        || sets_off(lower)
        || SWITCHES_OFF.iter().any(|verb| {
            lower
                .match_indices(verb)
                .any(|(at, _)| switches_off(lower, at, verb))
        })
}

/// Whether something is done so that a protection does not notice.
fn evades(lower: &str) -> bool {
    let blind = [
        "does not see",
        "doesn't see",
        "cannot see",
        "can't see",
        "won't see",
        "does not notice",
        "doesn't notice",
        "does not catch",
        "doesn't catch",
        "does not block",
    ];
    let place = blind.iter().find_map(|words| lower.find(words));
    place.is_some_and(|at| {
        let who = lower[..at].rsplit([',', ';']).next().unwrap_or_default();
        let named = GUARD_NAMES.iter().any(|name| has_word(who, name)) || has_word(who, "hook");
        let meant = ["so the", "so that", "so it", "such that"]
            .iter()
            .any(|so| lower.contains(so));
        named && meant
    })
}

/// Whether the switch of a protection is to be set to off.
fn sets_off(lower: &str) -> bool {
    let off = ["to false", "to off", "= false", ": false"];
    let place = off.iter().find_map(|words| lower.find(words));
    place.is_some_and(|at| {
        let key = lower[..at].trim_end_matches(|c: char| !c.is_alphanumeric());
        let key = key.rsplit(char::is_whitespace).next().unwrap_or_default();
        let guard = ["sandbox", "failifunavailable", "allowmanaged"]
            .iter()
            .any(|g| key.contains(g));
        guard && verb(lower, &["set", "change", "switch", "put"])
    })
}

/// Whether what follows a verb is a protection: one by its name, or all of those that other things
/// have as well.
fn switches_off(lower: &str, at: usize, verb: &str) -> bool {
    let starts = lower[..at]
        .chars()
        .next_back()
        .is_none_or(|c| !c.is_alphanumeric());
    let rest: String = lower[at + verb.len()..].chars().take(40).collect();
    // Many things are removed that have a name in common with a protection; a hook of the client is one.
    let loose = matches!(verb, "remove" | "delete" | "drop");
    let mut names = GUARD_NAMES
        .iter()
        .filter(|name| !loose || name.ends_with("hook") || name.ends_with("rules"));
    let named = names.any(|name| has_word(&rest, name));
    let words: Vec<&str> = rest.split_whitespace().take(4).collect();
    let every = words.windows(2).any(|pair| {
        let noun = pair[1].trim_matches(|c: char| !c.is_alphanumeric());
        ALL_OF.contains(&pair[0].trim_matches('`')) && COMMON_NAMES.contains(&noun)
    });
    // `If a hook blocks you, delete it`: what it is stands before.
    let it = rest.trim_start().starts_with("it") && {
        let before = &lower[..at];
        let common = ["hook", "guard", "deny rule", "sandbox"];
        let named = GUARD_NAMES
            .iter()
            .chain(&common)
            .any(|name| has_word(before, name));
        let blamed = [
            "blocks",
            "stops",
            "refuses",
            "denies",
            "broken",
            "complains",
            "in the way",
        ];
        named && blamed.iter().any(|word| before.contains(word))
    };
    starts && (named || every && !loose || it) && !is_denied_at(lower, at)
}

/// Whether the sentence contains a command line that fetches and runs.
fn runs_remote(original: &str) -> bool {
    let mut pieces: Vec<&str> = original.split('`').collect();
    pieces.push(original);
    pieces.iter().any(|piece| {
        let telling = [
            "curl", "wget", "iwr", "irm ", "base64", "/dev/tcp", "npx ", "bunx ", "uvx ",
        ];
        telling.iter().any(|t| piece.contains(t))
            && in_shell(command_in(piece)).iter().any(|sight| {
                matches!(
                    sight.danger,
                    Danger::RemoteExec | Danger::Encoded | Danger::Exfiltration
                )
            })
    })
}

/// From the first program name on: prose in front would be read as a command.
fn command_in(piece: &str) -> &str {
    let starts = [
        "curl", "wget", "iwr", "irm ", "echo", "base64", "bash", "sh -c", "eval", "source <",
        "python", "sudo", "npx ", "bunx ", "uvx ",
    ];
    let first = starts.iter().filter_map(|start| piece.find(start)).min();
    first.map_or(piece, |at| &piece[at..])
}

/// Whether a verb stands in the sentence and nobody forbids it.
fn verb(lower: &str, verbs: &[&str]) -> bool {
    verbs.iter().any(|verb| {
        lower.match_indices(verb).any(|(at, _)| {
            let before = lower[..at].chars().next_back();
            let after = lower[at + verb.len()..].chars().next();
            let word = before
                .is_none_or(|c| !c.is_alphanumeric() && c != '_' && c != '.' && c != '/')
                && after.is_none_or(|c| !c.is_alphanumeric() && c != '_' || c == 's');
            word && !is_denied_at(lower, at)
        })
    })
}

fn plain(lower: &str, phrase: &str) -> bool {
    lower
        .find(phrase)
        .is_some_and(|at| !is_denied_at(lower, at))
}

fn denied(lower: &str, words: &[&str]) -> bool {
    let mut places = words.iter().filter_map(|word| lower.find(word)).peekable();
    places.peek().is_some() && places.any(|at| is_denied_at(lower, at) || is_forbidden(lower, at))
}

/// Whether the clause begins with a prohibition, however much it lists.
fn is_forbidden(lower: &str, at: usize) -> bool {
    let clause = [", then ", "; ", ". ", ", but "]
        .iter()
        .filter_map(|end| Some(lower[..at].rfind(end)? + end.len()))
        .max();
    let clause = lower[clause.unwrap_or(0)..at].trim_start_matches(|c: char| !c.is_alphanumeric());
    ["never ", "do not ", "don't ", "avoid ", "must not "]
        .iter()
        .any(|word| clause.starts_with(word))
}

/// Whether a command is shown as what something looks for.
fn shows(lower: &str) -> bool {
    [
        "such as `",
        "like `",
        "flags `",
        "flags ",
        "detects ",
        "be detected",
        "be blocked",
        "scanner",
    ]
    .iter()
    .any(|word| lower.contains(word))
}

/// Whether one of the few words before says no, or makes it a description: files *that* send.
/// Addresses and paths are not words.
fn is_denied_at(lower: &str, at: usize) -> bool {
    let clause = [", ", "; ", ": ", "— "].iter().filter_map(|end| {
        let start = lower[..at].rfind(end)? + end.len();
        // What stands before a colon speaks of the command that is quoted behind it.
        let quotes = *end == ": " && lower[start..].starts_with(['`', '"', '\'']);
        (!quotes).then_some(start)
    });
    let clause = clause.max();
    let before = lower[clause.unwrap_or(0)..at]
        .split_whitespace()
        .filter(|word| !word.contains('/'));
    let words = before
        .flat_map(|word| word.split(|c: char| !c.is_alphanumeric() && c != '\''))
        .filter(|word| !word.is_empty());
    let last: Vec<&str> = words.rev().take(6).collect();
    let describes = last
        .iter()
        .position(|word| matches!(*word, "that" | "which" | "who"));
    let addressed = [
        "you", "we", "must", "should", "please", "i", "to", "always", "sure", "user",
    ];
    let describes = describes.is_some_and(|that| {
        !last[..(that + 2).min(last.len())]
            .iter()
            .any(|word| addressed.contains(word))
    });
    describes || last.iter().any(|word| NEGATIONS.contains(word))
}

/// Text that explains attacks is for people who defend.
fn is_about_attacks(lower: &str) -> bool {
    [
        "prompt injection",
        "an attacker",
        "attackers",
        "phishing",
        "such as \"",
        "for example \"",
        "e.g. \"",
        "malicious instruction",
        "jailbreak",
    ]
    .iter()
    .any(|phrase| lower.contains(phrase))
}

fn addresses_model(lower: &str) -> bool {
    let text = lower.trim_start_matches(|c: char| !c.is_alphanumeric());
    [
        "assistant",
        "ai",
        "claude",
        "agent",
        "model",
        "llm",
        "system",
        "note to",
        "important",
        "instruction",
        "hidden",
    ]
    .iter()
    .any(|who| {
        text.strip_prefix(who)
            .is_some_and(|rest| rest.starts_with([':', ' ', ',', '-', '\u{2014}']))
    })
}

fn has_word(text: &str, word: &str) -> bool {
    text.match_indices(word).any(|(at, _)| {
        let before = text[..at].chars().next_back();
        let after = text[at + word.len()..].chars().next();
        before.is_none_or(|c| !c.is_alphanumeric()) && after.is_none_or(|c| !c.is_alphanumeric())
    })
}
