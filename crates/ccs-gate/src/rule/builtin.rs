//! The shipped rules, as tables that the build script wrote.

use std::borrow::Cow;

use super::pattern::Patterns;
use super::spec::ProgramSpec;
use super::table::{Program, RuleSet};
use super::{Command, Rule, When};
use crate::verdict::{Decision, Severity};

include!(concat!(env!("OUT_DIR"), "/rules.rs"));

impl RuleSet {
    /// The shipped rules.
    pub(crate) fn builtin() -> &'static Self {
        &BUILTIN
    }
}

// These keep the tables short.

const fn text(text: &'static str) -> Cow<'static, str> {
    Cow::Borrowed(text)
}

const fn program(name: &'static str, spec: Option<u16>, from: u16, len: u16) -> Program {
    Program {
        name: text(name),
        spec,
        rules: (from, len),
    }
}

const fn command(
    programs: &'static str,
    args: &'static str,
    unless: &'static str,
    general: bool,
) -> When {
    When::Command(Command {
        programs: text(programs),
        args: Patterns::known(args),
        unless: Patterns::known(unless),
        general,
    })
}
