//! Rules by the programs they are about.

use std::borrow::Cow;
use std::cmp::Ordering;
use std::collections::BTreeMap;
use std::ptr;

use super::argv::{Argv, MAX_ARGS};
use super::matcher::{self, Side};
use super::spec::{self, ProgramSpec};
use super::{Rule, When};

/// How many programs that run programs are followed.
const MAX_DEPTH: usize = 4;

/// Stands among a rule's programs for every program that administers things.
const ADMIN: &str = "@admin";

/// Stands among a rule's programs for every program that the set does not know.
const UNKNOWN: &str = "@unknown";

/// Rules and how their programs read arguments, by program.
#[derive(Debug)]
pub(crate) struct RuleSet {
    pub(super) rules: Cow<'static, [Rule]>,
    pub(super) specs: Cow<'static, [ProgramSpec]>,
    /// What the first word must be for each rule, see [`Patterns::first_words`].
    ///
    /// [`Patterns::first_words`]: super::pattern::Patterns::first_words
    pub(super) firsts: Cow<'static, [u64]>,
    /// Sorted by name.
    pub(super) programs: Cow<'static, [Program]>,
    /// Places in `rules`; a program's own stand side by side.
    pub(super) order: Cow<'static, [u16]>,
    /// The rules for [`ADMIN`] and for [`UNKNOWN`] programs.
    pub(super) admin: Span,
    pub(super) unknown: Span,
}

/// The place of the first rule in `order`, and how many there are.
pub(super) type Span = (u16, u16);

/// What there is for one program.
#[derive(Clone, Debug)]
pub(crate) struct Program {
    pub(super) name: Cow<'static, str>,
    /// Its place in `specs`.
    pub(super) spec: Option<u16>,
    pub(super) rules: Span,
}

impl RuleSet {
    /// A set of the given rules; later specifications of a program win.
    pub(crate) fn new(specs: Vec<ProgramSpec>, rules: Vec<Rule>) -> Self {
        let mut index: BTreeMap<String, (Option<u16>, Vec<u16>)> = BTreeMap::new();
        for (spec, at) in specs.iter().zip(0u16..) {
            for name in spec.names.split_whitespace() {
                index.entry(name.to_owned()).or_default().0 = Some(at);
            }
        }
        for (rule, at) in rules.iter().zip(0u16..) {
            let When::Command(command) = &rule.when;
            for name in command.programs.split_whitespace() {
                index.entry(name.to_owned()).or_default().1.push(at);
            }
        }
        let (programs, order) = lay_out(index);
        let rules_of = |name| {
            let named = programs.iter().find(|program| program.name == name);
            named.map_or((0, 0), |program| program.rules)
        };
        Self {
            admin: rules_of(ADMIN),
            unknown: rules_of(UNKNOWN),
            firsts: rules.iter().map(|rule| rule.when.first_words()).collect(),
            rules: rules.into(),
            specs: specs.into(),
            programs: programs.into(),
            order: order.into(),
        }
    }

    /// Adds every rule that fits one simple command to `out`.
    ///
    /// `program` may be a path. Costs one look-up for a program without rules. Where a program
    /// runs another one (`npx`, `bundle exec`), the other one is judged as well.
    ///
    /// False if there are more arguments than [`MAX_ARGS`]: what stands behind was not read.
    #[must_use]
    pub(crate) fn matching<'r>(
        &'r self,
        program: &str,
        args: &[&str],
        out: &mut Vec<&'r Rule>,
    ) -> bool {
        self.descend(program, args, out, MAX_DEPTH);
        args.len() <= MAX_ARGS
    }

    /// How the program reads its arguments, if that is known.
    pub(crate) fn spec(&self, program: &str) -> Option<&ProgramSpec> {
        self.specs.get(usize::from(self.program(program)?.spec?))
    }

    fn descend<'r>(&'r self, program: &str, args: &[&str], out: &mut Vec<&'r Rule>, depth: usize) {
        let (spec, rules) = self.about(program);
        if rules.1 == 0 && !spec.admin && spec.runs.is_empty() {
            return;
        }
        let argv = Argv::parse(spec, args);
        if !harmless(&argv, spec) {
            let before = out.len();
            self.collect(rules, &argv, out);
            if spec.admin && out.len() == before {
                self.collect(self.admin, &argv, out);
            }
            if out.len() == before && self.owns_admin(program) {
                Self::builtin().collect(Self::builtin().admin, &argv, out);
            }
        }
        if let Some((program, rest)) = inner(&argv, spec, args).filter(|_| depth > 0) {
            self.descend(program, rest, out, depth - 1);
        }
    }

    /// How the program reads its arguments, as this set or else the shipped one says, and the
    /// rules for it.
    fn about(&self, program: &str) -> (&ProgramSpec, Span) {
        let found = self.program(program);
        let own = found.and_then(|found| self.specs.get(usize::from(found.spec?)));
        let shipped = ptr::eq(self, Self::builtin());
        let spec = own.or_else(|| if shipped { None } else { super::spec(program) });
        let rules = match (found, spec) {
            (Some(found), _) => found.rules,
            (None, Some(_)) => (0, 0),
            (None, None) => self.unknown,
        };
        (spec.unwrap_or(&spec::UNKNOWN), rules)
    }

    /// Whether this is a user's set and says that the program administers things.
    fn owns_admin(&self, program: &str) -> bool {
        !ptr::eq(self, Self::builtin()) && self.spec(program).is_some_and(|spec| spec.admin)
    }

    fn collect<'r>(&'r self, span: Span, argv: &Argv<'_>, out: &mut Vec<&'r Rule>) {
        let firsts = argv.first_words();
        let order = self.order.iter().skip(span.0.into()).take(span.1.into());
        let rules = order.filter_map(|at| {
            let filter = *self.firsts.get(usize::from(*at))?;
            let may = filter == u64::MAX || filter & firsts != 0;
            self.rules.get(usize::from(*at)).filter(|_| may)
        });
        let before = out.len();
        out.extend(
            rules
                .clone()
                .filter(|r| !r.when.is_general() && r.when.fits(argv)),
        );
        if out.len() == before {
            out.extend(rules.filter(|r| r.when.is_general() && r.when.fits(argv)));
        }
    }

    /// What there is for a program, under its own name or without its version.
    fn program(&self, program: &str) -> Option<&Program> {
        let name = base(program);
        self.exact(name).or_else(|| {
            let bare = versionless(name);
            (bare.len() < name.len()).then(|| self.exact(bare))?
        })
    }

    fn exact(&self, name: &str) -> Option<&Program> {
        let order = |program: &Program| folded(program.name.as_bytes(), name.as_bytes());
        let at = self.programs.binary_search_by(order).ok()?;
        self.programs.get(at)
    }
}

impl When {
    fn is_general(&self) -> bool {
        let When::Command(command) = self;
        command.general
    }

    fn first_words(&self) -> u64 {
        let When::Command(command) = self;
        command.args.first_words()
    }

    fn fits(&self, argv: &Argv<'_>) -> bool {
        let When::Command(command) = self;
        let risky = command.args.is_empty() || matcher::any(&command.args, argv, Side::Risk);
        risky && !matcher::any(&command.unless, argv, Side::Excuse)
    }
}

fn lay_out(index: BTreeMap<String, (Option<u16>, Vec<u16>)>) -> (Vec<Program>, Vec<u16>) {
    let (mut programs, mut order) = (Vec::new(), Vec::new());
    for (name, (spec, rules)) in index {
        let place = |n: usize| u16::try_from(n).unwrap_or(u16::MAX);
        let span = (place(order.len()), place(rules.len()));
        order.extend(rules);
        programs.push(Program {
            name: name.into(),
            spec,
            rules: span,
        });
    }
    (programs, order)
}

fn harmless(argv: &Argv<'_>, spec: &ProgramSpec) -> bool {
    argv.has("--help", None, Side::Excuse) || matcher::any(&spec.unless, argv, Side::Excuse)
}

/// The program that this one runs, and its arguments.
fn inner<'r, 'a>(
    argv: &Argv<'a>,
    spec: &ProgramSpec,
    args: &'r [&'a str],
) -> Option<(&'a str, &'r [&'a str])> {
    let (program, index) = spec.runs.iter().find_map(|run| behind(argv, run))?;
    Some((program, args.get(index + 1..)?))
}

/// The first word behind the words `run`, or the value of the option `run`.
fn behind<'a>(argv: &Argv<'a>, run: &str) -> Option<(&'a str, usize)> {
    if run.starts_with('-') {
        return argv.value(run.trim_start_matches('-'));
    }
    let mut words = argv.words.iter().filter(|word| !word.dashes);
    for wanted in run.split(' ').filter(|word| !matches!(*word, "" | "...")) {
        words
            .find(|word| word.text.eq_ignore_ascii_case(wanted) || !word.skippable)
            .filter(|word| word.text.eq_ignore_ascii_case(wanted))?;
    }
    words.next().map(|word| (word.text, word.index))
}

/// A program's name without its folder and `.exe`.
pub(crate) fn base(program: &str) -> &str {
    let scoped = program.starts_with('@');
    let name = match program.rfind(['/', '\\']).filter(|_| !scoped) {
        Some(at) => &program[at + 1..],
        None => program,
    };
    let stem = name.len().saturating_sub(4);
    let end = &name.as_bytes()[stem..];
    let program = |known: &&str| end.eq_ignore_ascii_case(known.as_bytes());
    if stem > 0 && [".exe", ".cmd", ".bat"].iter().any(program) {
        return &name[..stem];
    }
    name
}

/// `python3.12` is `python`, `wrangler@4` is `wrangler`.
fn versionless(name: &str) -> &str {
    match name.get(1..).and_then(|rest| rest.find('@')) {
        Some(at) => &name[..=at],
        None => name.trim_end_matches(|c: char| c.is_ascii_digit() || c == '.' || c == '-'),
    }
}

/// Compares a name in lower case with any other.
fn folded(name: &[u8], other: &[u8]) -> Ordering {
    name.iter()
        .copied()
        .cmp(other.iter().map(u8::to_ascii_lowercase))
}

#[cfg(test)]
mod tests;
