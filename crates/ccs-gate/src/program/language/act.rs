//! What a program text does becomes effects of the command that runs it.

use crate::effect::{Kinds, Places, Tags};
use crate::eval::act::tags_of;
use crate::eval::{Eval, Io};
use crate::program::system;
use crate::script::{self, Act, Language};
use crate::value::{Labels, Value};

/// Walks a program text; gives what it prints.
pub(crate) fn walk(
    eval: &mut Eval<'_>,
    language: Language,
    text: &Value,
    io: &Io,
    args: &[Value],
) -> Value {
    if text.labels.has(Labels::REMOTE.and(Labels::DECODED))
        || (text.is_blank() && !text.text.is_empty())
    {
        eval.effect(
            Kinds::CODE,
            Places::NONE,
            tags_of(text.labels).and(Tags::UNKNOWN_TEXT),
            "",
        );
    }
    let stdin = io.stdin.as_ref().map(|value| value.text.as_str());
    let args: Vec<String> = args.iter().map(|value| value.text.clone()).collect();
    eval.deeper(|eval| {
        let found = script::acts(language, &text.text, stdin, &args);
        if !found.complete {
            eval.report.unread(&text.text);
        }
        if crate::scan::is_shell_on_socket(&text.text)
            && !found
                .acts
                .iter()
                .any(|act| matches!(act, Act::ShellOnSocket))
        {
            eval.effect(Kinds::SHELL, Places::NONE, Tags::NONE, "");
        }
        let mut output = Value {
            text: String::new(),
            labels: io.stdin.as_ref().map_or(Labels::NONE, |value| value.labels),
        };
        for act in found.acts {
            act_of(eval, act, &mut output);
        }
        output
    })
}

fn act_of(eval: &mut Eval<'_>, act: Act, output: &mut Value) {
    let own = output.labels;
    match act {
        Act::Shell(text) => {
            let text = Value {
                text,
                labels: Labels::NONE,
            };
            let value = eval.subshell(|eval| eval.code(&text, &Io::default()));
            output.labels = output.labels.and(value.labels);
        }
        Act::Program(line) => {
            let line: Vec<Value> = line
                .iter()
                .map(|word| Value::known(eval.with_home(word)))
                .collect();
            let value = eval.subshell(|eval| eval.invoke(line, &Io::default()));
            output.labels = output.labels.and(value.labels);
        }
        Act::Code(language, text) => {
            let value = walk(eval, language, &Value::known(text), &Io::default(), &[]);
            output.push(&value);
        }
        Act::Read(path) => {
            let path = eval.with_home(&path);
            output.labels = output.labels.and(eval.read(&path).labels);
        }
        Act::Write { path, text } => {
            eval.write(&eval.with_home(&path), &text_or_unknown(text, own), false);
        }
        Act::Append { path, text } => {
            eval.write(&eval.with_home(&path), &text_or_unknown(text, own), true);
        }
        Act::Delete { path, tree } => eval.delete(
            &eval.with_home(&path),
            Tags::TREE.when(tree).and(Tags::FORCE),
        ),
        Act::Rename { from, to } => {
            eval.delete(&eval.with_home(&from), Tags::MOVE);
            eval.change(&eval.with_home(&to), Tags::MOVE);
        }
        Act::Chmod { path, mode } => {
            let tags = system::mode_tags(&mode);
            eval.change_rights(Kinds::MODE, &eval.with_home(&path), tags);
        }
        Act::Chown { path } => eval.change_rights(Kinds::OWNER, &eval.with_home(&path), Tags::NONE),
        Act::Connect { to } => {
            eval.connect(&to, Tags::NONE);
            output.labels = output.labels.and(Labels::OUTPUT);
        }
        Act::Send { to, body } => {
            eval.send(
                &to,
                &Value {
                    text: body,
                    labels: output.labels,
                },
                Tags::NONE,
            );
        }
        act => quiet_act(eval, act, output),
    }
}

fn quiet_act(eval: &mut Eval<'_>, act: Act, output: &mut Value) {
    match act {
        Act::Listen => {
            eval.effect(Kinds::LISTEN, Places::NONE, Tags::NONE, "");
        }
        Act::ShellOnSocket => {
            eval.effect(Kinds::SHELL, Places::NONE, Tags::NONE, "");
        }
        Act::Fetched => {
            eval.effect(Kinds::CODE, Places::NONE, Tags::NETWORK, "");
        }
        Act::Env => output.labels = output.labels.and(Labels::ENVIRONMENT),
        Act::Kill(target) => {
            let tags = Tags::EVERY_PROCESS.when(target.trim() == "-1");
            eval.effect(Kinds::KILL, Places::NONE, tags, &target);
        }
        Act::Print(text) => output.push_str(&text),
        Act::ForkBomb => {
            eval.effect(Kinds::BOMB, Places::NONE, Tags::NONE, "");
        }
        Act::Opaque(what) => {
            eval.effect(Kinds::CODE, Places::NONE, Tags::DECODED, what);
        }
        Act::Remote { verb } => {
            eval.effect(Kinds::HTTP, Places::INTERNET, Tags::REMOVE, &verb);
        }
        _ => {}
    }
}

fn text_or_unknown(text: Option<String>, labels: Labels) -> Value {
    text.map_or_else(|| Value::unknown(labels), |text| Value { text, labels })
}
