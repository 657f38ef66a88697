//! `UserPromptSubmit`: a prompt that holds a secret does not reach the model.
//!
//! The client cannot be made to send another prompt than the one that was typed. So the prompt is
//! blocked, what is secret in it goes into the vault, and the prompt comes back with references in
//! the place of the values, to be sent again. No value leaves this program but into the vault:
//! the client keeps a hook's output as it is.

pub(crate) mod find;
mod keep;
mod marker;
mod name;
pub(crate) mod taken;

use std::borrow::Cow;

use ccs_gate::{Decision, Finding, Severity};

use crate::log::Entry;
use crate::place::Place;
use crate::protocol::event::Prompt;
use crate::protocol::reply::{Answer, Reply};
use crate::run::{Outcome, Scene};
use crate::{config, open_sessions, resend, time};
use find::{Finder, Hit, Voice, What};
use taken::{Keep, Secret, Taken};

/// What lets a line of a prompt through that only looks secret. It does not count for what the
/// vault holds, nor in a prompt that the client made.
const ALLOW: &str = "ccs:allow";

/// Withholds a prompt with a secret in it.
pub(crate) fn run(scene: &Scene<'_>, prompt: &Prompt<'_>) -> Outcome {
    let state = scene.place.state.as_deref();
    let (finder, unread) = Finder::at(state);
    let text = prompt.text;
    let (finder, hits) = look(finder, text, &scene.place);
    let mut reply = Reply::new(scene.name(), Answer::Pass);
    if let Some(error) = unread {
        reply.notes.push(format!(
            "ccs: secrets in the vault are not recognised: {error}."
        ));
    }
    if hits.is_empty() {
        return passed(reply);
    }
    // a dump of this process would hold the prompt
    let _ = ccs_vault::harden_process();
    let (is_typed, keep) = (!is_made_by_client(text), keep(text));
    let taken = taken::take(&finder, text, &hits, keep, state, time::now());
    open_sessions::note(state, &scene.event.session);
    let offered = resend::offer(scene, taken.text.as_deref());
    reply.answer = Answer::Withhold(told(&taken, is_typed, &offered));
    let entry = Entry {
        decision: "deny",
        findings: findings(&hits, &taken),
        ..Entry::default()
    };
    Outcome { reply, entry }
}

/// The secrets of a prompt, without what the policy or its writer makes an exception of, and what
/// found them.
pub(crate) fn look(mut finder: Finder, text: &str, place: &Place) -> (Finder, Vec<Hit>) {
    let mut hits = finder.find(text, Voice::Prompt);
    // the policy is read only where it could matter: most prompts hold nothing
    if !hits.is_empty()
        && let Ok(config) = config::load(place)
    {
        finder = finder.heeding(&config.policy);
        hits = finder.find(text, Voice::Prompt);
    }
    if !is_made_by_client(text) {
        heed_marks(text, &mut hits);
    }
    (finder, hits)
}

/// Of a prompt in which nothing was found there is nothing to say but that it was.
fn passed(reply: Reply) -> Outcome {
    let entry = Entry::default();
    Outcome { reply, entry }
}

/// Whether the client wrote the prompt itself, such as when a task in the background ends.
fn is_made_by_client(text: &str) -> bool {
    text.trim_start().starts_with("<task-notification>")
}

/// Nobody chose to tell what a prompt of the client's own brings along.
pub(crate) fn keep(text: &str) -> Keep {
    match is_made_by_client(text) {
        true => Keep::No,
        false => Keep::Yes,
    }
}

/// Leaves out what its writer says is no secret.
pub(crate) fn heed_marks(text: &str, hits: &mut Vec<Hit>) {
    if text.contains(ALLOW) {
        hits.retain(|hit| is_stored(hit) || !line_of(text, hit).contains(ALLOW));
    }
}

fn is_stored(hit: &Hit) -> bool {
    matches!(hit.what, What::Stored(_))
}

fn line_of<'t>(text: &'t str, hit: &Hit) -> &'t str {
    let start = text[..hit.range.start].rfind('\n').map_or(0, |at| at + 1);
    let rest = &text[hit.range.end..];
    let end = hit.range.end + rest.find('\n').unwrap_or(rest.len());
    &text[start..end]
}

/// What the user reads: what happened, and what to send instead.
fn told(taken: &Taken, is_typed: bool, offered: &resend::Offer) -> String {
    let mut lines = vec![format!(
        "ccs: not sent. This prompt holds {}.",
        counted(&taken.secrets)
    )];
    let names = |test: &dyn Fn(&&Secret) -> bool| {
        let names = taken.secrets.iter().filter(test);
        let names: Vec<&str> = names.map(|secret| secret.name.as_str()).collect();
        names.join(", ")
    };
    let new = names(&|secret| secret.is_kept && !secret.was_known);
    if !new.is_empty() {
        lines.push(format!("Now in the vault: {new}."));
    }
    let old = names(&|secret| secret.was_known);
    if !old.is_empty() {
        lines.push(format!("Already in the vault: {old}."));
    }
    if let Some(why) = &taken.not_kept {
        let left = names(&|secret| !secret.is_kept);
        let first = left.split(',').next().unwrap_or_default();
        lines.push(format!(
            "Not stored: {left} ({why}). Keep the value and store it with `ccs vault set {first}` in a terminal."
        ));
    }
    lines.push(instead(taken, offered));
    if is_typed && taken.secrets.iter().any(|secret| !secret.was_known) {
        lines.push(format!(
            "(Not a secret? Write {ALLOW} on its line and send the prompt again.)"
        ));
    }
    lines.join("\n")
}

fn instead(taken: &Taken, offered: &resend::Offer) -> String {
    let Some(text) = &taken.text else {
        return "It cannot be shown without showing them; write it anew.".to_owned();
    };
    let mut lines = Vec::new();
    match (&offered.file, text.len() <= resend::MAX_SHOWN) {
        (Some(file), _) => lines.push(format!(
            "Send the text in `{}` instead: it is the same with references to the vault.",
            file.display()
        )),
        (None, true) => lines.push(format!("Send this instead:\n\n{text}\n")),
        (None, false) => lines.push("Send it again without them.".to_owned()),
    }
    lines.extend(offered.note.clone());
    lines.join("\n")
}

/// `a GitHub token`, `3 secrets (GitHub token, password)`
fn counted(secrets: &[Secret]) -> String {
    let mut titles: Vec<&str> = Vec::new();
    for secret in secrets {
        if !titles.contains(&secret.title.as_str()) {
            titles.push(&secret.title);
        }
    }
    titles.truncate(6);
    match secrets {
        [one] => format!("a secret ({})", one.title).replace(" (secret)", ""),
        _ => format!("{} secrets ({})", secrets.len(), titles.join(", ")),
    }
}

/// What the log says: which kinds of secret, under which names; no byte of a value.
fn findings(hits: &[Hit], taken: &Taken) -> Vec<Finding> {
    let mut rules: Vec<&str> = Vec::new();
    for hit in hits {
        let rule = match &hit.what {
            What::Stored(_) => "stored",
            What::Marked(_) => "marked",
            What::Found { rule, .. } => rule,
        };
        if !rules.contains(&rule) {
            rules.push(rule);
        }
    }
    let names: Vec<&str> = taken.secrets.iter().map(|one| one.name.as_str()).collect();
    let finding = |rule: &&str| Finding {
        rule: Cow::Owned(format!("secret.prompt.{rule}")),
        severity: Severity::High,
        decision: Decision::Deny,
        title: Cow::Borrowed("A secret in a prompt"),
        why: Cow::Borrowed("The model and its provider would have it."),
        instead: None,
        evidence: names.join(" "),
    };
    rules.iter().map(finding).collect()
}
