//! Rule files from YAML, and whether their examples agree with them.

use super::pattern::Patterns;
use super::schema::{self, Entry, Error, File};
use super::spec::ProgramSpec;
use super::trial::{Report, Trial};
use super::{Command, Rule, Rules, When};
use crate::policy::Policy;

/// Reads a rule file and tries its examples: every hit is caught by its rule, no miss is, and a
/// suggested command passes the gate, with the file's own rules and the shipped ones.
///
/// # Errors
///
/// [`Error`] if the text is not a rule file.
pub fn check(yaml: &str) -> Result<Report, Error> {
    let file = File::parse(yaml)?;
    let mut trial = Trial::new(Policy {
        rules: compile(&file)?,
        ..Policy::default()
    });
    for rule in &file.rules {
        trial.rule(&rule.id);
        rule.hits.iter().for_each(|hit| trial.command(hit, true));
        rule.misses
            .iter()
            .for_each(|miss| trial.command(miss, false));
        rule.instead.iter().for_each(|text| trial.suggestion(text));
    }
    Ok(trial.report)
}

impl Rules {
    /// Reads a rule file.
    ///
    /// # Errors
    ///
    /// [`Error`] with the line of the first thing that is wrong. Examples are not tried; see
    /// [`check`].
    pub fn parse(yaml: &str) -> Result<Self, Error> {
        compile(&File::parse(yaml)?)
    }
}

fn compile(file: &File) -> Result<Rules, Error> {
    let broken = |what| Error { line: 1, what };
    let programs = file.programs.iter().map(spec);
    let rules = file.rules.iter().map(rule);
    Ok(Rules {
        programs: programs.collect::<Result<_, _>>().map_err(broken)?,
        rules: rules.collect::<Result<_, _>>().map_err(broken)?,
    })
}

fn spec(program: &schema::Program) -> Result<ProgramSpec, String> {
    Ok(ProgramSpec {
        names: program.names.join(" ").into(),
        values: program.values.join(" ").into(),
        before: program.before.join(" ").into(),
        after: program.after().into(),
        flags: program.flags.join(" ").into(),
        single_dash: program.single_dash,
        admin: program.admin,
        unless: Patterns::parse(&program.unless)?,
        runs: Patterns::parse(&program.runs)?,
    })
}

fn rule(entry: &Entry) -> Result<Rule, String> {
    let rewrite = entry.rewrite.as_ref();
    Ok(Rule {
        id: entry.id.clone().into(),
        title: entry.title.clone().into(),
        severity: entry.severity,
        decision: entry.decision,
        why: entry.why.clone().into(),
        instead: entry.instead.clone().map(Into::into),
        rewrite: rewrite.map(|r| (r.replace.clone().into(), r.with.clone().into())),
        when: When::Command(Command {
            programs: entry.program.join(" ").into(),
            args: Patterns::parse(&entry.args)?,
            unless: Patterns::parse(&entry.unless)?,
            general: entry.general,
        }),
    })
}

#[cfg(test)]
mod tests;
