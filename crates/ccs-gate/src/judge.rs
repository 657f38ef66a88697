//! Collects what a call does and which rules speak about it.

use std::borrow::Cow;

use crate::call::Facts;
use crate::disguise::is_invisible;
use crate::effect::{Effect, Kinds, Places, Tags};
use crate::policy::Policy;
use crate::rule::{self, Access, Meta, PathRule};
use crate::value::{HOLE, Value};
use crate::verdict::{Decision, Finding};

/// Evidence longer than this is cut, in bytes.
const MAX_EVIDENCE: usize = 200;
/// More findings than this say nothing new.
const MAX_FINDINGS: usize = 32;

/// What was found while one call was walked.
pub(crate) struct Report<'r> {
    policy: &'r Policy,
    pub(crate) findings: Vec<Finding>,
    /// The simple command that is being walked.
    pub(crate) line: Vec<Value>,
    /// Commands and effects in words, if somebody asked for them.
    pub(crate) trace: Option<Trace>,
    /// Everything so far is known to be harmless.
    pub(crate) harmless: bool,
}

/// The walk in words.
#[derive(Debug, Default)]
pub(crate) struct Trace {
    pub(crate) commands: Vec<String>,
    pub(crate) effects: Vec<String>,
}

impl<'r> Report<'r> {
    pub(crate) fn new(policy: &'r Policy, traced: bool) -> Self {
        Self {
            policy,
            findings: Vec::new(),
            line: Vec::new(),
            trace: traced.then(Trace::default),
            harmless: true,
        }
    }

    /// Begins a simple command.
    pub(crate) fn begin(&mut self, line: &[Value]) {
        self.line.clear();
        self.line.extend_from_slice(line);
        if let Some(trace) = &mut self.trace {
            trace.commands.push(spelled(line));
        }
    }

    /// Something a command does. Gives the strictest decision of the rules that speak about it.
    pub(crate) fn effect(&mut self, effect: &Effect<'_>) -> Decision {
        if let Some(trace) = &mut self.trace {
            trace.effects.push(described(effect));
        }
        if !is_harmless(effect) {
            self.harmless = false;
        }
        let mode = self.policy.mode;
        let mut worst = Decision::Allow;
        for rule in rule::EFFECT_RULES
            .iter()
            .filter(|rule| rule.matches(effect, mode))
        {
            worst = worst.max(rule.meta.decision);
            self.found(&rule.meta, effect.what);
        }
        worst
    }

    /// A file that is read, written or deleted. True if it holds a secret.
    pub(crate) fn path(&mut self, path: &str, access: Access, facts: &Facts<'_>) -> bool {
        let rules = rule::path_rules(path, access, facts.home);
        for rule in &rules {
            self.found(&rule.meta, path);
        }
        rules.iter().any(|rule: &&PathRule| rule.secret)
    }

    /// A rule that speaks about the call.
    pub(crate) fn found(&mut self, meta: &Meta, what: &str) {
        self.harmless = false;
        let known = self.findings.iter().any(|finding| finding.rule == meta.id);
        if meta.decision == Decision::Allow || known || self.findings.len() >= MAX_FINDINGS {
            return;
        }
        let evidence = if self.line.is_empty() {
            what.to_owned()
        } else {
            spelled(&self.line)
        };
        self.findings.push(Finding {
            rule: meta.id.clone(),
            severity: meta.severity,
            decision: meta.decision,
            title: meta.title.clone(),
            why: meta.why.clone(),
            instead: meta.instead.clone(),
            evidence: shortened(&evidence),
        });
    }

    /// Text that was not walked because a limit was reached.
    pub(crate) fn unread(&mut self, text: &str) {
        self.line.clear();
        let risky = crate::scan::is_risky(text);
        let tags = Tags::UNREAD.and(Tags::FORCE.when(risky));
        let what = cut(text, 80);
        self.effect(&Effect {
            kind: Kinds::OPAQUE,
            places: Places::NONE,
            tags,
            what,
        });
    }
}

/// Reading and printing of ordinary files.
fn is_harmless(effect: &Effect<'_>) -> bool {
    effect.kind == Kinds::READ
        && effect
            .places
            .has(Places::PROJECT.and(Places::TEMP).and(Places::PROJECT_ROOT))
}

fn described(effect: &Effect<'_>) -> String {
    let mut text = format!("{} {}", effect.kind.name(), shown(effect.what));
    let places = Places::NAMES
        .iter()
        .filter(|(_, place)| effect.places.has(*place));
    let tags = Tags::NAMES.iter().filter(|(_, tag)| effect.tags.has(*tag));
    let names: Vec<&str> = places
        .map(|&(name, _)| name)
        .chain(tags.map(|&(name, _)| name))
        .collect();
    if !names.is_empty() {
        text.push_str(&format!(" ({})", names.join(", ")));
    }
    text
}

/// A simple command as one would type it, with unknown text as `…`.
fn spelled(line: &[Value]) -> String {
    let mut out = String::new();
    for value in line {
        if !out.is_empty() {
            out.push(' ');
        }
        let plain = |c: char| {
            c.is_ascii_alphanumeric() || "-_./=:,@%+~*?[]{}^\0".contains(c) || !c.is_ascii()
        };
        if !value.text.is_empty() && value.text.chars().all(plain) {
            out.push_str(&shown(&value.text));
        } else {
            out.push('\'');
            out.push_str(&shown(&value.text).replace('\'', "'\\''"));
            out.push('\'');
        }
        if out.len() > MAX_EVIDENCE {
            break;
        }
    }
    out
}

/// Text for people: holes and control characters made visible.
fn shown(text: &str) -> Cow<'_, str> {
    if !text.contains(|c: char| c.is_control() || is_invisible(c)) {
        return Cow::Borrowed(text);
    }
    let visible = |c: char| match c {
        HOLE => '…',
        c if c.is_control() || is_invisible(c) => '␣',
        c => c,
    };
    Cow::Owned(text.chars().map(visible).collect())
}

fn shortened(text: &str) -> String {
    if text.len() <= MAX_EVIDENCE {
        return text.to_owned();
    }
    let mut short = cut(text, MAX_EVIDENCE - 3).to_owned();
    short.push('…');
    short
}

/// At most `most` bytes from the start of a text.
fn cut(text: &str, most: usize) -> &str {
    let mut end = most.min(text.len());
    while !text.is_char_boundary(end) {
        end -= 1;
    }
    &text[..end]
}
