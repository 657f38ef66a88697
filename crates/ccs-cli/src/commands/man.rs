//! `ccs man`: manual pages, made from the command line definition itself.

use std::fmt::Write as _;
use std::fs;
use std::io::Write;
use std::path::Path;

use anyhow::Context;
use clap::{Arg, Command, CommandFactory};

use crate::args::{Args, Man};
use crate::exit::{self, Code};
use crate::output::Output;

pub(crate) fn run(args: &Man, output: &mut Output) -> anyhow::Result<Code> {
    let mut command = Args::command();
    command.build();
    match &args.dir {
        None => output.write_all(page(&command, "ccs").as_bytes())?,
        Some(folder) => write_all(&command, folder, output)?,
    }
    Ok(Code::Ok)
}

fn write_all(command: &Command, folder: &Path, output: &mut Output) -> anyhow::Result<()> {
    fs::create_dir_all(folder).with_context(|| format!("cannot create `{}`", folder.display()))?;
    let mut pages = Vec::new();
    collect(command, "ccs", &mut pages);
    for (name, text) in pages {
        let path = folder.join(format!("{name}.1"));
        fs::write(&path, text).with_context(|| format!("cannot write `{}`", path.display()))?;
        writeln!(output, "{}", path.display())?;
    }
    Ok(())
}

/// The page of each command under the name `man` looks for: `ccs-rules-list`.
fn collect(command: &Command, name: &str, pages: &mut Vec<(String, String)>) {
    pages.push((name.to_owned(), page(command, name)));
    for sub in shown(command) {
        collect(sub, &format!("{name}-{}", sub.get_name()), pages);
    }
}

fn shown(command: &Command) -> impl Iterator<Item = &Command> {
    let subcommands = command.get_subcommands();
    subcommands.filter(|sub| !sub.is_hide_set() && sub.get_name() != "help")
}

fn page(command: &Command, name: &str) -> String {
    let about = command
        .get_about()
        .map(ToString::to_string)
        .unwrap_or_default();
    let mut page = format!(
        ".TH {} 1 \"\" \"ccs {}\"\n",
        quote(name),
        env!("CARGO_PKG_VERSION")
    );
    let _ = writeln!(page, ".SH NAME\n{} \\- {}", escape(name), escape(&about));
    let _ = writeln!(page, ".SH SYNOPSIS\n{}", escape(&synopsis(command, name)));
    let mut arguments = command
        .get_arguments()
        .filter(|arg| !arg.is_hide_set())
        .peekable();
    if arguments.peek().is_some() {
        page.push_str(".SH OPTIONS\n");
        arguments.for_each(|arg| describe(arg, &mut page));
    }
    let mut commands = shown(command).peekable();
    if commands.peek().is_some() {
        page.push_str(".SH COMMANDS\n");
    }
    for sub in commands {
        let about = sub.get_about().map(ToString::to_string).unwrap_or_default();
        let page_name = format!("{name}-{}", sub.get_name());
        let _ = writeln!(page, ".TP\n.B {}\n{}", escape(&page_name), escape(&about));
    }
    let table = exit::table();
    let codes = table.lines().skip(1).collect::<Vec<_>>().join("\n");
    let _ = writeln!(page, ".SH EXIT STATUS\n.nf\n{}\n.fi", escape(&codes));
    page
}

fn synopsis(command: &Command, name: &str) -> String {
    let positional = command
        .get_positionals()
        .map(|arg| match arg.is_required_set() {
            true => format!(" {}", value_name(arg)),
            false => format!(" [{}]", value_name(arg)),
        });
    let positional: String = positional.collect();
    let sub = if shown(command).next().is_some() {
        " COMMAND"
    } else {
        ""
    };
    format!("{} [OPTIONS]{positional}{sub}", name.replace('-', " "))
}

fn describe(arg: &Arg, page: &mut String) {
    let mut names = Vec::new();
    names.extend(arg.get_short().map(|short| format!("-{short}")));
    names.extend(arg.get_long().map(|long| format!("--{long}")));
    let mut name = names.join(", ");
    if name.is_empty() {
        name = value_name(arg);
    } else if arg.get_action().takes_values() {
        let _ = write!(name, " {}", value_name(arg));
    }
    let help = arg.get_help().map(ToString::to_string).unwrap_or_default();
    let _ = writeln!(page, ".TP\n.B {}\n{}", escape(&name), escape(&help));
    if arg.get_action().takes_values() {
        let values = arg.get_possible_values();
        let values: Vec<&str> = values.iter().map(|value| value.get_name()).collect();
        if !values.is_empty() {
            let _ = writeln!(page, "One of: {}.", escape(&values.join(", ")));
        }
    }
}

fn value_name(arg: &Arg) -> String {
    let names = arg.get_value_names().unwrap_or_default();
    match names.first() {
        Some(name) => name.to_string(),
        None => arg.get_id().as_str().to_uppercase(),
    }
}

fn quote(text: &str) -> String {
    format!("\"{}\"", escape(text))
}

/// Text that roff prints as it stands.
fn escape(text: &str) -> String {
    let text = text
        .replace('\\', "\\e")
        .replace('-', "\\-")
        .replace('\'', "\\(aq");
    let lines = text.lines().map(|line| match line.starts_with('.') {
        true => format!("\\&{line}"),
        false => line.to_owned(),
    });
    lines.collect::<Vec<_>>().join("\n")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_roff_would_take_for_an_order_is_escaped() {
        assert_eq!(
            escape(".x\n--dry-run \\ it's"),
            "\\&.x\n\\-\\-dry\\-run \\e it\\(aqs"
        );
    }

    #[test]
    fn every_command_has_a_page() {
        let mut command = Args::command();
        command.build();
        let mut pages = Vec::new();
        collect(&command, "ccs", &mut pages);
        let names: Vec<_> = pages.iter().map(|(name, _)| name.as_str()).collect();
        for name in [
            "ccs",
            "ccs-setup",
            "ccs-rules-check",
            "ccs-policy-import",
            "ccs-man",
        ] {
            assert!(names.contains(&name), "{name}");
        }
    }
}
