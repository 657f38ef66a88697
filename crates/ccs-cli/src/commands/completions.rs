//! `ccs completions`: scripts that complete our commands and options, made from the command line
//! definition itself.

use std::fmt::Write as _;
use std::io::Write;

use clap::{Arg, Command, CommandFactory};

use crate::args::{Args, CompletedShell, Completions};
use crate::exit::Code;
use crate::output::Output;

pub(crate) fn run(args: &Completions, output: &mut Output) -> anyhow::Result<Code> {
    let mut command = Args::command();
    command.build();
    let words = words(&command);
    let script = match args.shell {
        CompletedShell::Bash => bash(&words),
        CompletedShell::Zsh => format!(
            "#compdef ccs\nautoload -U +X bashcompinit && bashcompinit\n{}",
            bash(&words)
        ),
        CompletedShell::Fish => fish(&words),
    };
    output.write_all(script.as_bytes())?;
    Ok(Code::Ok)
}

/// What can follow after one chain of subcommands.
struct Words {
    /// The chain, joined by blanks; empty for `ccs` itself.
    path: String,
    subcommands: Vec<(String, String)>,
    options: Vec<LongOption>,
    /// Values of a positional argument, such as the name of a shell.
    values: Vec<String>,
}

impl Words {
    fn offered(&self) -> Vec<String> {
        let names = self.subcommands.iter().map(|(name, _)| name.clone());
        let options = self
            .options
            .iter()
            .map(|option| format!("--{}", option.long));
        names
            .chain(options)
            .chain(self.values.iter().cloned())
            .collect()
    }
}

struct LongOption {
    long: String,
    help: String,
    takes_value: bool,
    values: Vec<String>,
}

fn words(command: &Command) -> Vec<Words> {
    let mut all = Vec::new();
    collect(command, "", &mut all);
    all
}

fn collect(command: &Command, path: &str, all: &mut Vec<Words>) {
    let shown: Vec<&Command> = command
        .get_subcommands()
        .filter(|sub| !sub.is_hide_set())
        .collect();
    let about = |sub: &Command| sub.get_about().map(ToString::to_string).unwrap_or_default();
    all.push(Words {
        path: path.to_owned(),
        subcommands: shown
            .iter()
            .map(|sub| (sub.get_name().to_owned(), about(sub)))
            .collect(),
        options: command.get_arguments().filter_map(option).collect(),
        values: command.get_positionals().flat_map(values).collect(),
    });
    for sub in shown.iter().filter(|sub| sub.get_name() != "help") {
        let path = format!("{path} {}", sub.get_name());
        collect(sub, path.trim_start(), all);
    }
}

fn option(arg: &Arg) -> Option<LongOption> {
    let long = arg.get_long().filter(|_| !arg.is_hide_set())?;
    Some(LongOption {
        long: long.to_owned(),
        help: arg.get_help().map(ToString::to_string).unwrap_or_default(),
        takes_value: arg.get_action().takes_values(),
        values: values(arg),
    })
}

fn values(arg: &Arg) -> Vec<String> {
    if !arg.get_action().takes_values() {
        return Vec::new();
    }
    let possible = arg.get_possible_values();
    possible
        .iter()
        .map(|value| value.get_name().to_owned())
        .collect()
}

fn bash(all: &[Words]) -> String {
    let paths = all.iter().filter(|words| !words.path.is_empty());
    let paths: Vec<String> = paths.map(|words| format!("'{}'", words.path)).collect();
    let mut script = BASH_START.replace("PATHS", &paths.join("|"));
    for words in all {
        let _ = writeln!(
            script,
            "    '{}') words='{}' ;;",
            words.path,
            words.offered().join(" ")
        );
    }
    script.push_str("  esac\n  case \"$path $before\" in\n");
    for words in all {
        for option in words.options.iter().filter(|option| option.takes_value) {
            let values = option.values.join(" ");
            let _ = writeln!(
                script,
                "    '{} --{}') words='{values}' ;;",
                words.path, option.long
            );
        }
    }
    script.push_str(BASH_END);
    script
}

const BASH_START: &str = r#"_ccs() {
  local current="${COMP_WORDS[COMP_CWORD]}" before="${COMP_WORDS[COMP_CWORD-1]}" path='' words='' word
  for word in "${COMP_WORDS[@]:1:COMP_CWORD-1}"; do
    case "${path:+$path }$word" in
      PATHS) path="${path:+$path }$word" ;;
    esac
  done
  case "$path" in
"#;

const BASH_END: &str = r#"  esac
  COMPREPLY=($(compgen -W "$words" -- "$current"))
}
complete -o bashdefault -o default -F _ccs ccs
"#;

fn fish(all: &[Words]) -> String {
    let mut script = String::new();
    for words in all {
        let condition = condition(words);
        for (name, about) in &words.subcommands {
            let about = quote(about);
            let _ = writeln!(
                script,
                "complete -c ccs -n {condition} -f -a {name} -d {about}"
            );
        }
        for value in &words.values {
            let _ = writeln!(script, "complete -c ccs -n {condition} -f -a {value}");
        }
        for option in &words.options {
            let help = quote(&option.help);
            let values = match (option.takes_value, option.values.is_empty()) {
                (false, _) => String::new(),
                (true, true) => " -r".to_owned(),
                (true, false) => format!(" -x -a {}", quote(&option.values.join(" "))),
            };
            let long = &option.long;
            let _ = writeln!(
                script,
                "complete -c ccs -n {condition} -l {long}{values} -d {help}"
            );
        }
    }
    script
}

fn condition(words: &Words) -> String {
    if words.path.is_empty() {
        return "__fish_use_subcommand".to_owned();
    }
    let seen = words
        .path
        .split(' ')
        .map(|name| format!("__fish_seen_subcommand_from {name}"));
    quote(&seen.collect::<Vec<_>>().join("; and "))
}

fn quote(text: &str) -> String {
    format!("'{}'", text.replace('\\', "\\\\").replace('\'', "\\'"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn all() -> Vec<Words> {
        let mut command = Args::command();
        command.build();
        words(&command)
    }

    #[test]
    fn every_command_and_option_is_offered_in_every_shell() {
        let all = all();
        let (bash, fish) = (bash(&all), fish(&all));
        for words in &all {
            for offered in words.offered() {
                assert!(bash.contains(&offered), "{offered}");
                assert!(fish.contains(offered.trim_start_matches("--")), "{offered}");
            }
        }
    }

    #[test]
    fn commands_within_commands_are_known() {
        let paths: Vec<_> = all().into_iter().map(|words| words.path).collect();
        for path in ["", "setup", "rules list", "policy import"] {
            assert!(paths.contains(&path.to_owned()), "{path}");
        }
    }
}
