//! Rule files from YAML, and whether their examples agree with them.

use super::pattern::Patterns;
use super::schema::{self, Entry, Error, File};
use super::spec::ProgramSpec;
use super::table::RuleSet;
use super::{Command, Rule, Rules, When};

/// What a rule file's own examples say about it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Report {
    /// How many rules there are.
    pub rules: usize,
    /// How many examples were tried.
    pub examples: usize,
    /// Each example that does not do what the file says, as `id: example: what it does`.
    pub disagreements: Vec<String>,
}

/// Reads a rule file and tries its examples: every hit is caught by its rule, no miss is, and no
/// suggested command is caught by any rule, shipped ones included.
///
/// # Errors
///
/// [`Error`] if the text is not a rule file.
pub fn check(yaml: &str) -> Result<Report, Error> {
    let file = File::parse(yaml)?;
    let own = compile(&file)?.into_set();
    let mut report = Report {
        rules: file.rules.len(),
        ..Report::default()
    };
    for rule in &file.rules {
        let mut judge = Judge {
            own: &own,
            id: &rule.id,
            report: &mut report,
        };
        rule.hits.iter().for_each(|hit| judge.example(hit, true));
        rule.misses
            .iter()
            .for_each(|miss| judge.example(miss, false));
        rule.instead.iter().for_each(|text| judge.suggestion(text));
    }
    Ok(report)
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

struct Judge<'a> {
    own: &'a RuleSet,
    id: &'a str,
    report: &'a mut Report,
}

impl Judge<'_> {
    fn example(&mut self, example: &str, wanted: bool) {
        let caught = match split(example) {
            Some(words) => ids(self.own, &words).any(|id| id == self.id),
            None => return self.disagree(example, "is not a command"),
        };
        self.report.examples += 1;
        if caught != wanted {
            let what = if caught { "is caught" } else { "is not caught" };
            self.disagree(example, what);
        }
    }

    fn suggestion(&mut self, text: &str) {
        for command in commands(text) {
            let Some(words) = split(command) else {
                return self.disagree(command, "is not a command");
            };
            self.report.examples += 1;
            let sets = [self.own, RuleSet::builtin()];
            let caught = sets.iter().find_map(|set| ids(set, &words).next());
            if let Some(id) = caught {
                self.disagree(command, &format!("is suggested, and caught by {id}"));
            }
        }
    }

    fn disagree(&mut self, example: &str, what: &str) {
        let line = format!("{}: {example}: {what}", self.id);
        self.report.disagreements.push(line);
    }
}

/// The commands in a suggestion: what stands in backticks, or all of it if it is no sentence.
fn commands(text: &str) -> impl Iterator<Item = &str> {
    let sentence = text.starts_with(char::is_uppercase) || text.contains('`');
    let parts = text.split('`').skip(usize::from(sentence));
    parts.step_by(2)
}

fn split(example: &str) -> Option<Vec<String>> {
    shlex::split(example).filter(|words| !words.is_empty())
}

fn ids<'r>(set: &'r RuleSet, words: &[String]) -> impl Iterator<Item = &'r str> + use<'r> {
    let args: Vec<&str> = words[1..].iter().map(String::as_str).collect();
    let mut found = Vec::new();
    let _ = set.matching(&words[0], &args, &mut found);
    found.into_iter().map(|rule| rule.id.as_ref())
}

#[cfg(test)]
mod tests;
