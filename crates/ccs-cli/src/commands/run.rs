//! `ccs run`: a program with secrets in its environment, and none in its output.

use std::io::{self, IsTerminal};
use std::process::{Command, ExitCode};

use ccs_vault::provider::SystemRunner;
use ccs_vault::{Environment, Error, Name, Variable, Vault, exit_code};

use crate::args::vault::Run;
use crate::exit::{Code, Stop};
use crate::incident;
use crate::places::Places;
use crate::vault::{self, name};

pub(crate) fn run(args: &Run, places: &Places) -> anyhow::Result<ExitCode> {
    vault::harden()?;
    incident::must_not_be_on(places)?;
    let environment = environment(args, places)?;
    let mut words = args.command.iter();
    let Some(program) = words.next() else {
        return Err(Stop::new(Code::Usage, "there is no program to run").into());
    };
    let mut program = Command::new(program);
    program.args(words);
    if args.redact || !is_watched() {
        for name in environment.redactor(io::sink()).skipped() {
            vault::warn(&format!(
                "`{name}` is too short to be taken out of the output"
            ));
        }
        let end = environment.run(&mut program, io::stdout(), io::stderr())?;
        return Ok(exit_code(end).into());
    }
    vault::warn("the output goes to a terminal and is not redacted; --redact does that");
    environment.apply(&mut program);
    become_it(program)
}

/// The values, gathered while the vault is open; it is closed when the program runs.
fn environment(args: &Run, places: &Places) -> anyhow::Result<Environment> {
    let opened = vault::open(&args.unlock, places)?;
    let wanted = variables(args, &opened)?;
    let names: Vec<Name> = wanted.iter().map(|one| one.entry.clone()).collect();
    let environment = opened.environment(wanted, &SystemRunner, vault::now())?;
    incident::handed_out(places, "ccs run", &names);
    Ok(environment)
}

/// The variables asked for one by one win over those of a category.
fn variables(args: &Run, opened: &Vault) -> Result<Vec<Variable>, Stop> {
    let named = named(args, opened)?;
    let mut wanted = Vec::new();
    for category in &args.category {
        let found = opened
            .list()
            .filter(|meta| meta.category == *category && meta.name.is_variable());
        let before = wanted.len();
        wanted.extend(found.map(|meta| Variable::same(meta.name.clone())));
        if wanted.len() == before {
            let what = format!("no entry of category `{category}` can be a variable");
            return Err(Stop::new(Code::Usage, what).next("ccs vault list"));
        }
    }
    let is_named = |variable: &str| named.iter().any(|named| named.variable == variable);
    wanted.retain(|variable| !is_named(&variable.variable));
    wanted.extend(named);
    Ok(wanted)
}

fn named(args: &Run, opened: &Vault) -> Result<Vec<Variable>, Stop> {
    let of = |text: &String| {
        let variable = name::variable(text)?;
        if opened.meta(&variable.entry).is_none() {
            let stop = Stop::new(Code::Usage, name::no_entry(text));
            return Err(stop.next("ccs vault list"));
        }
        Ok(variable)
    };
    args.env.iter().map(of).collect()
}

/// Whether both outputs go to a terminal: then the program may be one that draws on it.
fn is_watched() -> bool {
    io::stdout().is_terminal() && io::stderr().is_terminal()
}

/// The program takes the place of this process, so that keys, signals and job control reach it.
#[cfg(unix)]
fn become_it(mut program: Command) -> anyhow::Result<ExitCode> {
    let source = std::os::unix::process::CommandExt::exec(&mut program);
    let program = program.get_program().into();
    Err(Error::Run { program, source }.into())
}

#[cfg(not(unix))]
fn become_it(mut program: Command) -> anyhow::Result<ExitCode> {
    let end = program.status().map_err(|source| Error::Run {
        program: program.get_program().into(),
        source,
    })?;
    Ok(exit_code(end).into())
}
