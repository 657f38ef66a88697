//! Rules about commands: the shipped ones, and the ones that users write.
//!
//! A rule file is YAML with its own examples. The shipped files become tables when the crate is
//! built; users' files are read with the feature `compile` and travel as data.

use std::borrow::Cow;

use serde::{Deserialize, Serialize};

use crate::verdict::{Decision, Severity};

pub(crate) mod argv;
mod builtin;
#[cfg(feature = "compile")]
mod check;
mod effect;
mod matcher;
mod meta;
pub(crate) mod own;
mod path;
mod pattern;
#[cfg(feature = "compile")]
mod schema;
#[cfg(feature = "compile")]
mod shipped;
mod spec;
mod table;
pub(crate) mod taint;
mod text;
#[cfg(feature = "compile")]
mod trial;

#[cfg(feature = "compile")]
pub use check::check;
#[cfg(feature = "compile")]
pub use schema::Error;
#[cfg(feature = "compile")]
pub use shipped::{sources, test};
#[cfg(feature = "compile")]
pub use trial::Report;

pub(crate) use effect::EFFECT_RULES;
pub use meta::Meta;
pub(crate) use path::{Access, PathRule, fits as path_matches, matching as path_rules};
use spec::ProgramSpec;
pub(crate) use table::RuleSet;
pub use text::TextRule;

/// One rule: what it is about and what it asks for.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[non_exhaustive]
pub struct Rule {
    /// `family.what-happens`; never given to another rule.
    pub id: Cow<'static, str>,
    /// One line: what the call does.
    pub title: Cow<'static, str>,
    /// How bad it would be.
    pub severity: Severity,
    /// What is done about it.
    pub decision: Decision,
    /// Why that matters, a sentence.
    pub why: Cow<'static, str>,
    /// A safer way to the same end: a command, or a sentence with commands in backticks.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub instead: Option<Cow<'static, str>>,
    /// An option, its spellings with `|` between them, and the safer one that can take its place.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub rewrite: Option<(Cow<'static, str>, Cow<'static, str>)>,
    /// What it is about.
    pub when: When,
}

impl Rule {
    /// What the rule says about itself.
    #[must_use]
    pub fn meta(&self) -> Meta {
        Meta {
            id: self.id.clone(),
            title: self.title.clone(),
            severity: self.severity,
            decision: self.decision,
            why: self.why.clone(),
            instead: self.instead.clone(),
        }
    }

    #[cfg(feature = "compile")]
    fn of(meta: &Meta, when: When) -> Self {
        let Meta {
            id,
            title,
            severity,
            decision,
            why,
            instead,
        } = meta.clone();
        Self {
            id,
            title,
            severity,
            decision,
            why,
            instead,
            rewrite: None,
            when,
        }
    }
}

/// What a rule is about.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
#[non_exhaustive]
pub enum When {
    /// A program with certain arguments.
    Command(Command),
}

/// A program with certain arguments.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Command {
    /// Names of programs in lower case, blanks between them.
    programs: Cow<'static, str>,
    /// Any of these; if there is none, whatever the arguments are.
    #[serde(default)]
    args: pattern::Patterns,
    /// And none of these.
    #[serde(default)]
    unless: pattern::Patterns,
    /// Only asked when no other rule for the program fits.
    #[serde(default)]
    general: bool,
}

impl Command {
    /// The programs, in lower case; `@admin` stands for every program that administers
    /// things, `@unknown` for every program without a table of its own.
    pub fn programs(&self) -> impl Iterator<Item = &str> {
        self.programs.split(' ')
    }

    /// Argument patterns of which one must fit; with none, any arguments do.
    pub fn args(&self) -> impl Iterator<Item = &str> {
        self.args.iter()
    }

    /// Argument patterns that lift the rule.
    pub fn unless(&self) -> impl Iterator<Item = &str> {
        self.unless.iter()
    }

    /// True if the rule only speaks when no other one for the program does.
    #[must_use]
    pub fn is_general(&self) -> bool {
        self.general
    }
}

/// Rules that somebody wrote, with what they say about their programs. Travels as data.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Rules {
    programs: Vec<ProgramSpec>,
    rules: Vec<Rule>,
}

impl Rules {
    /// Adds the rules of another file.
    pub fn extend(&mut self, other: Self) {
        self.programs.extend(other.programs);
        self.rules.extend(other.rules);
    }

    /// Whether there is nothing in it.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.programs.is_empty() && self.rules.is_empty()
    }

    /// The same without rules that allow.
    pub(crate) fn without_allowed(mut self) -> Self {
        self.rules.retain(|rule| rule.decision > Decision::Allow);
        self
    }

    /// Adds a rule for a command line: a program and a pattern of its arguments.
    ///
    /// # Errors
    ///
    /// What is wrong with the line, in words.
    #[cfg(feature = "compile")]
    pub(crate) fn list(&mut self, line: &str, meta: &Meta) -> Result<(), String> {
        let (program, args) = line.trim().split_once(' ').unwrap_or((line.trim(), ""));
        if program.is_empty() {
            return Err("an empty command".to_owned());
        }
        let args: &[&str] = if args.is_empty() { &[] } else { &[args] };
        let command = Command {
            programs: program.to_lowercase().into(),
            args: pattern::Patterns::parse(args)?,
            unless: pattern::Patterns::default(),
            general: false,
        };
        self.rules.push(Rule::of(meta, When::Command(command)));
        Ok(())
    }

    /// The rules, in order.
    pub fn iter(&self) -> impl Iterator<Item = &Rule> {
        self.rules.iter()
    }

    /// The same, by program.
    pub(crate) fn into_set(self) -> RuleSet {
        RuleSet::new(self.programs, self.rules)
    }
}

/// The shipped rules.
pub fn builtin() -> impl Iterator<Item = &'static Rule> {
    RuleSet::builtin().rules.iter()
}

/// What every shipped rule says about itself, whatever it is about.
pub fn metas() -> impl Iterator<Item = Meta> {
    let effects = EFFECT_RULES.iter().map(|rule| rule.meta.clone());
    let paths = path::PATH_RULES.iter().map(|rule| rule.meta.clone());
    let own = own::ALL.iter().chain(&taint::ALL);
    let own = own.map(|meta| (*meta).clone());
    builtin()
        .map(Rule::meta)
        .chain(effects)
        .chain(paths)
        .chain(own)
}

/// How a program reads its arguments, if the shipped tables know it. `program` may be a path.
pub(crate) fn spec(program: &str) -> Option<&'static ProgramSpec> {
    RuleSet::builtin().spec(program)
}
