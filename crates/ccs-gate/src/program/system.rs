//! Permissions, owners, processes and jobs.

use super::args::Args;
use super::{Command, Model};
use crate::effect::{Kinds, Places, Tags};
use crate::eval::{Eval, Io};
use crate::value::{Labels, Value};

pub(super) fn model(name: &str) -> Option<Model> {
    Some(match name {
        "chmod" | "gchmod" => chmod,
        "chown" | "chgrp" | "gchown" => chown,
        "chattr" | "setfacl" | "xattr" | "chflags" | "setcap" => attributes,
        "kill" | "pkill" | "killall" | "skill" | "taskkill" | "fkill" | "xkill" => kill,
        "crontab" => crontab,
        _ => return None,
    })
}

fn chmod(eval: &mut Eval<'_>, command: &Command<'_>, _: &Io) -> Value {
    let args: Vec<&Value> = command.args().iter().collect();
    let options: Vec<&str> = args
        .iter()
        .map(|value| value.text.as_str())
        .filter(|text| is_option(text))
        .collect();
    let mut words = args
        .iter()
        .map(|value| value.text.as_str())
        .filter(|text| !is_option(text));
    let tree = options
        .iter()
        .any(|text| *text == "--recursive" || (text.contains('R') && !text.starts_with("--")));
    let referenced = options.iter().any(|text| text.starts_with("--reference"));
    let mode = if referenced {
        ""
    } else {
        words.next().unwrap_or("")
    };
    let tags = mode_tags(mode).and(Tags::TREE.when(tree));
    for path in words {
        eval.change_rights(Kinds::MODE, path, tags);
    }
    Value::default()
}

/// `-R` is an option, `-x` and `-rwx` are modes.
fn is_option(text: &str) -> bool {
    text.starts_with("--")
        || (text.starts_with('-')
            && text.len() > 1
            && text[1..]
                .chars()
                .all(|c| matches!(c, 'R' | 'v' | 'c' | 'f' | 'H' | 'L' | 'P' | 'h')))
}

/// What a mode gives away.
pub(super) fn mode_tags(mode: &str) -> Tags {
    let digits = mode.trim_start_matches("0o").trim_start_matches('=');
    if !digits.is_empty() && digits.bytes().all(|b| (b'0'..=b'7').contains(&b)) {
        let value = u32::from_str_radix(digits, 8).unwrap_or(0);
        return Tags::WORLD
            .when(value & 0o002 != 0)
            .and(Tags::SETUID.when(value & 0o6000 != 0))
            .and(Tags::REMOVE.when(value & 0o777 == 0));
    }
    let mut tags = Tags::NONE;
    for clause in mode.split(',') {
        let Some(at) = clause.find(['+', '=', '-']) else {
            continue;
        };
        let (who, what) = clause.split_at(at);
        let world = who.is_empty() || who.contains(['o', 'a']);
        let adds = what.starts_with(['+', '=']);
        tags = tags.and(Tags::WORLD.when(adds && !who.is_empty() && world && what.contains('w')));
        tags = tags.and(Tags::SETUID.when(adds && what.contains('s')));
        tags = tags.and(
            Tags::REMOVE
                .when(!adds && what.contains('r') && (who.contains('u') || who.contains('a'))),
        );
    }
    tags
}

fn chown(eval: &mut Eval<'_>, command: &Command<'_>, _: &Io) -> Value {
    let args = Args::read(command.args(), &["--from"]);
    let tree = Tags::TREE.when(args.has(&["R", "--recursive"]));
    let referenced = args.has(&["--reference"]);
    for path in args.texts().skip(usize::from(!referenced)) {
        eval.change_rights(Kinds::OWNER, path, tree);
    }
    Value::default()
}

fn attributes(eval: &mut Eval<'_>, command: &Command<'_>, _: &Io) -> Value {
    let args = Args::read(command.args(), &["-m", "-x", "-M", "-X", "-w", "-d"]);
    let tree = Tags::TREE.when(args.has(&["R", "--recursive"]));
    let set = Tags::SETUID.when(command.name == "setcap");
    for path in args.texts().skip(usize::from(matches!(
        command.name,
        "chattr" | "setcap" | "chflags"
    ))) {
        eval.change_rights(Kinds::MODE, path, tree.and(set));
    }
    Value::default()
}

fn kill(eval: &mut Eval<'_>, command: &Command<'_>, _: &Io) -> Value {
    let texts: Vec<&str> = command.texts().collect();
    if texts
        .iter()
        .any(|text| matches!(*text, "-0" | "-l" | "-L" | "--list" | "--help" | "-V"))
    {
        return Value::unknown(Labels::OUTPUT);
    }
    let numbers = texts
        .iter()
        .enumerate()
        .skip(1)
        .any(|(at, text)| *text == "-1" && at + 1 == texts.len());
    let alone = matches!(texts.as_slice(), ["-1"] | ["--", "-1"])
        || texts.contains(&"1") && command.name == "kill";
    let whole_user = matches!(command.name, "pkill" | "killall" | "skill")
        && texts.iter().any(|text| {
            matches!(
                *text,
                "-u" | "--user" | "-U" | "--uid" | "-9" | "-KILL" | "-SIGKILL"
            )
        });
    let pattern = texts
        .iter()
        .any(|text| matches!(*text, "." | ".*" | "*" | "-v"));
    let root = texts
        .windows(2)
        .any(|pair| matches!(pair, ["-u" | "-U" | "--user" | "--uid", "root" | "0"]));
    let every = (command.name == "kill" && (numbers || alone))
        || (matches!(command.name, "pkill" | "killall" | "skill") && (pattern || root));
    let tags = Tags::EVERY_PROCESS
        .when(every)
        .and(Tags::FORCE.when(whole_user));
    let guard = texts
        .iter()
        .any(|text| text.contains("claude") || text.contains("ccs"));
    eval.effect(
        Kinds::KILL,
        Places::CLAUDE.when(guard),
        tags,
        texts.last().copied().unwrap_or(""),
    );
    Value::default()
}

/// `crontab FILE` and `crontab -` replace every job; what they hold is run later.
fn crontab(eval: &mut Eval<'_>, command: &Command<'_>, io: &Io) -> Value {
    let args = Args::read(command.args(), &["-u"]);
    if args.has(&["l"]) {
        return Value::unknown(Labels::OUTPUT);
    }
    let tags = Tags::REMOVE.when(args.has(&["r"]));
    eval.effect(Kinds::PERSIST, Places::NONE, tags, "crontab");
    let text = match args.texts().next() {
        Some(file) => eval.content(file, io),
        None => io.stdin.clone(),
    };
    for line in text.iter().flat_map(|value| value.text.lines()) {
        let job = line.splitn(6, char::is_whitespace).nth(5).unwrap_or("");
        let job = if line.starts_with('@') {
            line.split_once(' ').map_or("", |(_, job)| job)
        } else {
            job
        };
        if !job.is_empty() && !line.starts_with('#') {
            eval.subshell(|eval| eval.run_text(job, &Io::default()));
        }
    }
    Value::default()
}

#[cfg(test)]
mod tests {
    use super::mode_tags;
    use crate::effect::Tags;

    #[test]
    fn modes_that_give_away_are_seen() {
        for mode in ["777", "0777", "a+w", "o+rwx", "ugo+w", "1777"] {
            assert!(mode_tags(mode).has(Tags::WORLD), "{mode}");
        }
        for mode in ["755", "u+x", "+x", "g+w", "644", "a+x", "-w"] {
            assert!(!mode_tags(mode).has(Tags::WORLD), "{mode}");
        }
        assert!(mode_tags("u+s").has(Tags::SETUID) && mode_tags("4755").has(Tags::SETUID));
    }
}
