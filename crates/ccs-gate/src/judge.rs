//! Collects what a call does and which rules speak about it.

use std::borrow::Cow;

use crate::call::Facts;
use crate::deed::Deeds;
use crate::disguise::is_invisible;
use crate::effect::{Effect, Kinds, Places, Tags};
use crate::policy::ready::{self, Ready};
use crate::policy::{Mode, Policy};
use crate::rule::{self, Access, Meta, Rule, RuleSet, own};
use crate::secret;
use crate::value::{HOLE, Value};
use crate::verdict::{Decision, Finding};

/// Evidence longer than this is cut, in bytes.
const MAX_EVIDENCE: usize = 200;
/// No file has a longer name, in bytes.
const MAX_PATH: usize = 4096;
/// More findings than this say nothing new.
const MAX_FINDINGS: usize = 32;

/// What was found while one call was walked.
pub(crate) struct Report<'r> {
    policy: &'r Policy,
    ready: &'r Ready,
    pub(crate) findings: Vec<Finding>,
    /// The simple command that is being walked.
    now: Now,
    /// Options that rules know a safer form of, and that form.
    pub(crate) rewrites: Vec<(String, String)>,
    /// Commands and effects in words, if somebody asked for them.
    pub(crate) trace: Option<Trace>,
    /// The first command that is not known to change nothing, if there was one.
    pub(crate) changing: Option<String>,
    /// Everything that was read so far is an ordinary file.
    pub(crate) ordinary: bool,
    /// The files that are created, changed or deleted, if somebody asked for them.
    pub(crate) touched: Option<Vec<Touched>>,
    /// All that is done, if somebody asked for it.
    pub(crate) deeds: Option<Deeds>,
}

/// A file that a call creates, changes or deletes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Touched {
    /// Absolute, in one spelling. `*`, `?` and `[` are patterns, NUL stands for what is not known.
    pub path: String,
    /// With everything below it, if it is a folder.
    pub tree: bool,
}

/// The simple command that is being walked.
#[derive(Debug, Default)]
pub(crate) struct Now {
    line: Vec<Value>,
    /// The owner lets it through where a rule would ask.
    allowed: bool,
}

/// The walk in words.
#[derive(Debug, Default)]
pub(crate) struct Trace {
    pub(crate) commands: Vec<String>,
    pub(crate) effects: Vec<String>,
}

impl<'r> Report<'r> {
    pub(crate) fn new(policy: &'r Policy, ready: &'r Ready, traced: bool) -> Self {
        Self {
            policy,
            ready,
            findings: Vec::new(),
            now: Now::default(),
            rewrites: Vec::new(),
            trace: traced.then(Trace::default),
            changing: None,
            ordinary: true,
            touched: None,
            deeds: None,
        }
    }

    /// Notes a file that is created, changed or deleted.
    pub(crate) fn touch(&mut self, path: &str, tree: bool) {
        if self.touched.is_none() && self.deeds.is_none() {
            return;
        }
        let path = path.to_owned();
        let touched = Touched { path, tree };
        if let Some(deeds) = &mut self.deeds {
            deeds.touch(&touched);
        }
        if let Some(all) = &mut self.touched {
            all.push(touched);
        }
    }

    /// Begins a simple command and asks the rules about commands. Gives what was walked before,
    /// for [`Report::end`].
    pub(crate) fn begin(&mut self, program: &str, line: &[Value]) -> Now {
        let now = Now {
            line: line.to_vec(),
            allowed: false,
        };
        let before = std::mem::replace(&mut self.now, now);
        if let Some(trace) = &mut self.trace {
            trace.commands.push(spelled(line));
        }
        if let Some(deeds) = &mut self.deeds {
            deeds.command(line);
        }
        self.command(program, &line[1..]);
        self.credential();
        before
    }

    /// A credential in the command; the finding says of what kind, and does not show it.
    fn credential(&mut self) {
        let text = referring(&self.now.line);
        if !secret::is_worth_a_look(&text) {
            return;
        }
        if let Some(found) = self.policy.secrets.scanner().quick(&text) {
            let now = std::mem::take(&mut self.now);
            self.effect(&Effect {
                kind: Kinds::CREDENTIAL,
                places: Places::NONE,
                tags: Tags::NONE,
                what: &found.title,
            });
            self.now = now;
        }
    }

    /// Goes back to the command around the one that has ended.
    pub(crate) fn end(&mut self, before: Now) {
        self.now = before;
    }

    fn command(&mut self, program: &str, args: &[Value]) {
        let args: Vec<&str> = args.iter().map(|value| value.text.as_str()).collect();
        let mut rules: Vec<&Rule> = Vec::new();
        self.ready.commands(program, &args, &mut rules);
        self.now.allowed = rules.iter().any(|rule| rule.decision == Decision::Allow);
        if !RuleSet::builtin().matching(program, &args, &mut rules) {
            self.unread("too many arguments");
        }
        // `p${x}ush`: a variable without a value leaves nothing behind
        if args.iter().any(|arg| holds_hole(arg)) {
            let whole: Vec<String> = args.iter().map(|arg| arg.replace(HOLE, "")).collect();
            let whole: Vec<&str> = whole.iter().map(String::as_str).collect();
            let _ = RuleSet::builtin().matching(program, &whole, &mut rules);
        }
        for rule in rules {
            if let Some((options, with)) = &rule.rewrite {
                self.rewrites.push((options.to_string(), with.to_string()));
            }
            self.found(&rule.meta(), program);
        }
        if !self.policy.patterns.is_empty() {
            let text = plain(&self.now.line);
            for rule in ready::patterns(self.policy, &text, false) {
                self.found(&rule.meta, program);
            }
        }
    }

    /// Asks the owner's rules that are about the text of a call as a whole.
    pub(crate) fn whole(&mut self, text: &str) {
        let text = if text.contains("\\\n") {
            Cow::Owned(text.replace("\\\n", ""))
        } else {
            Cow::Borrowed(text)
        };
        for rule in ready::patterns(self.policy, &text, true) {
            self.found(&rule.meta, &text);
        }
    }

    /// Something a command does. Gives the strictest decision of the rules that speak about it.
    pub(crate) fn effect(&mut self, effect: &Effect<'_>) -> Decision {
        if let Some(trace) = &mut self.trace {
            trace.effects.push(described(effect));
        }
        if let Some(deeds) = &mut self.deeds {
            deeds.effect(effect);
        }
        match effect.kind {
            Kinds::READ => self.ordinary &= is_ordinary(effect),
            _ => self.changes(&[]),
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
        if path.len() > MAX_PATH {
            return false; // no system opens it
        }
        let shipped = rule::path_rules(path, access, facts.home);
        let exempt = !shipped.is_empty() && self.ready.is_exempt(path, facts.home);
        for rule in &shipped {
            if !exempt || rule.meta.decision == Decision::Deny {
                self.found(&rule.meta, path);
            }
        }
        let ready = self.ready;
        let own = ready.paths(path, access, facts.home);
        own.iter().for_each(|rule| self.found(&rule.meta, path));
        let secret =
            shipped.iter().any(|rule| rule.secret && !exempt) || own.iter().any(|rule| rule.secret);
        if let Some(deeds) = self
            .deeds
            .as_mut()
            .filter(|_| secret && access == Access::Read)
        {
            deeds.secret(path);
        }
        secret
    }

    /// A rule that speaks about the call.
    pub(crate) fn found(&mut self, meta: &Meta, what: &str) {
        let decision = self.policy.decided(&meta.id, meta.decision);
        let dropped = decision == Decision::Ask && self.now.allowed;
        let known = self.findings.iter().any(|finding| finding.rule == meta.id);
        if decision == Decision::Allow || dropped || known || !self.has_room(decision) {
            return;
        }
        let line = &self.now.line;
        let evidence = if line.is_empty() {
            shown(what).into_owned()
        } else {
            spelled(line)
        };
        self.findings
            .push(meta.finding(decision, shortened(&evidence)));
    }

    /// Makes room for a finding, if need be by dropping one that asks for less.
    fn has_room(&mut self, decision: Decision) -> bool {
        if self.findings.len() < MAX_FINDINGS {
            return true;
        }
        let milder = self.findings.iter().rposition(|it| it.decision < decision);
        milder.map(|at| self.findings.remove(at)).is_some()
    }

    /// What the modes that allow only what is listed say about the whole call.
    pub(crate) fn by_mode(&mut self) {
        let rule = match self.policy.mode {
            Mode::Allowlist => &own::NOT_LISTED,
            Mode::Readonly => &own::READ_ONLY,
            _ => return,
        };
        if let Some(what) = self.changing.take() {
            self.now = Now::default();
            self.found(rule, &what);
            self.changing = Some(what);
        }
    }

    /// Notes that a command, or the present one, may change something.
    pub(crate) fn changes(&mut self, line: &[Value]) {
        let listed = self.now.allowed && self.policy.mode == Mode::Allowlist;
        if self.changing.is_none() && !listed {
            let line = if line.is_empty() {
                &self.now.line
            } else {
                line
            };
            let told = matches!(self.policy.mode, Mode::Allowlist | Mode::Readonly);
            self.changing = Some(if told { spelled(line) } else { String::new() });
        }
    }

    /// Text that was not walked because a limit was reached.
    pub(crate) fn unread(&mut self, text: &str) {
        let before = std::mem::take(&mut self.now);
        let risky = crate::scan::is_risky(text);
        let tags = Tags::UNREAD.and(Tags::FORCE.when(risky));
        let what = cut(text, 80);
        self.effect(&Effect {
            kind: Kinds::OPAQUE,
            places: Places::NONE,
            tags,
            what,
        });
        self.now = before;
    }
}

/// Whether what is read lies where reading is nobody's business but the project's.
fn is_ordinary(effect: &Effect<'_>) -> bool {
    let ordinary = Places::PROJECT.and(Places::TEMP).and(Places::PROJECT_ROOT);
    effect.places.has(ordinary)
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

/// Whether something unknown stands between two letters.
fn holds_hole(word: &str) -> bool {
    let letter = |c: Option<char>| c.is_some_and(|c| c.is_ascii_alphanumeric());
    word.match_indices(HOLE).any(|(at, hole)| {
        letter(word[..at].chars().next_back()) && letter(word[at + hole.len()..].chars().next())
    })
}

/// A simple command with one blank between its words, as rules about text see it.
fn plain(line: &[Value]) -> String {
    let words: Vec<&str> = line.iter().map(|value| value.text.as_str()).collect();
    words.join(" ").replace(HOLE, "")
}

/// A simple command with one blank between its words, and a variable where text is not known.
fn referring(line: &[Value]) -> String {
    let words: Vec<&str> = line.iter().map(|value| value.text.as_str()).collect();
    words.join(" ").replace(HOLE, "${x}")
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
