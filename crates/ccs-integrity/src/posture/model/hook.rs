//! Hooks of every source: settings, plugins, and the front of agents, skills and commands.

use std::path::PathBuf;
use std::rc::Rc;

use serde_yaml::Value;

use super::{Kind, Model, Places};
use crate::posture::danger::{SHELLS, interprets};
use crate::posture::json::{Doc, Val};
use crate::posture::shell::{Stage, Word, parse};
use crate::posture::source::{Reader, Scope, Source};
use crate::posture::yaml;

/// One handler of one event.
#[derive(Debug)]
pub(in crate::posture) struct Hook {
    pub(in crate::posture) source: Rc<Source>,
    pub(in crate::posture) offset: usize,
    pub(in crate::posture) event: String,
    pub(in crate::posture) matcher: Option<String>,
    pub(in crate::posture) kind: String,
    /// With its arguments.
    pub(in crate::posture) command: String,
    pub(in crate::posture) url: Option<String>,
    /// Headers and the names of variables that may be put into them.
    pub(in crate::posture) headers: Vec<String>,
    pub(in crate::posture) has_timeout: bool,
    pub(in crate::posture) blocks: bool,
    /// Whether it stands in front of an agent, a skill or a command.
    pub(in crate::posture) in_front: bool,
    /// The folder of the plugin it belongs to.
    pub(in crate::posture) plugin: Option<PathBuf>,
}

impl Hook {
    pub(in crate::posture) fn scope(&self) -> Scope {
        self.source.scope
    }

    /// Whether it decides about tool calls.
    pub(in crate::posture) fn is_guard(&self) -> bool {
        matches!(self.event.as_str(), "PreToolUse" | "PermissionRequest")
    }

    /// The files it runs, as they are written.
    pub(in crate::posture) fn targets(&self) -> Vec<String> {
        targets(&self.command)
    }

    pub(in crate::posture) fn resolve(&self, places: &Places, target: &str) -> PathBuf {
        for name in ["$CLAUDE_PLUGIN_ROOT", "${CLAUDE_PLUGIN_ROOT}"] {
            if let (Some(plugin), Some(rest)) = (&self.plugin, target.strip_prefix(name)) {
                return plugin.join(rest.trim_start_matches('/'));
            }
        }
        places.resolve(target)
    }
}

/// The files a command line runs: programs with a path, and scripts that an interpreter is given.
pub(in crate::posture) fn targets(command: &str) -> Vec<String> {
    targets_within(command, 0)
}

/// How deep `sh -c 'sh -c …'` is followed.
const DEPTH: usize = 3;

fn targets_within(command: &str, depth: usize) -> Vec<String> {
    let script = parse(command);
    let mut folder: Option<&str> = None;
    let mut found = Vec::new();
    for stage in script.stages() {
        if stage.name() == "cd" {
            folder = stage.args().first().map(|word| word.text.as_str());
        }
        let line = stage.given_line().filter(|_| depth < DEPTH);
        let inner = line.map_or_else(|| of_stage(stage), |line| targets_within(line, depth + 1));
        found.extend(inner.into_iter().map(|target| below(folder, target)));
    }
    found
}

/// A relative path below the folder that the command line went to.
fn below(folder: Option<&str>, target: String) -> String {
    match folder {
        Some(folder) if !target.starts_with(['/', '~', '$', '%']) => {
            format!("{}/{target}", folder.trim_end_matches('/'))
        }
        _ => target,
    }
}

fn of_stage(stage: &Stage) -> Vec<String> {
    let Some((name, args)) = stage.program() else {
        return Vec::new();
    };
    let mut found = Vec::new();
    let program = stage.words.iter().find(|word| word.name() == name);
    if let Some(program) = program.filter(|word| word.text.contains('/') && word.inner.is_empty()) {
        found.push(program.text.clone());
    }
    if let Some(file) = named(name, args) {
        found.push(file.to_owned());
    }
    if interprets(name) || matches!(name, "source" | ".") {
        found.extend(preloaded(args).map(str::to_owned));
        let args = behind_options(name, args);
        let inline = |text: &str| {
            matches!(
                text,
                "-c" | "-e" | "-m" | "--eval" | "-p" | "--print" | "-lc" | "-ec"
            )
        };
        let first = args
            .iter()
            .find(|word| inline(&word.text) || !(word.text.starts_with('-') || word.text == "run"));
        found.extend(
            first
                .filter(|word| is_file(&word.text) && word.inner.is_empty())
                .map(|word| word.text.clone()),
        );
    }
    if matches!(name, "uv" | "npx" | "bunx" | "pnpm" | "yarn" | "poetry") {
        let folder = option(args, &["--directory", "--project", "-C"]);
        found.extend(launched(args).map(|word| below(folder, word.to_owned())));
    }
    found
}

/// The file that other starters are told: `java -jar x.jar`, `dotnet x.dll`, `go run ./cmd`.
fn named<'a>(name: &str, args: &'a [Word]) -> Option<&'a str> {
    let first = || args.first().map(|word| word.text.as_str());
    let file = match name {
        "java" => option(args, &["-jar"]),
        "dotnet" | "mono" | "wine" => first(),
        "go" if first() == Some("run") => args.get(1).map(|word| word.text.as_str()),
        _ => None,
    };
    file.filter(|file| is_file(file) && !file.contains('@'))
}

/// Files that an interpreter loads before the one it runs.
fn preloaded(args: &[Word]) -> impl Iterator<Item = &str> {
    let loads = |word: &Word| {
        matches!(
            word.text.as_str(),
            "-r" | "--require" | "--import" | "--loader" | "--preload" | "--rcfile" | "--init-file"
        )
    };
    let pairs = args.windows(2).filter(move |pair| loads(&pair[0]));
    pairs
        .map(|pair| pair[1].text.as_str())
        .filter(|file| is_file(file))
}

/// The arguments behind those options that take a word of their own.
fn behind_options<'a>(name: &str, mut args: &'a [Word]) -> &'a [Word] {
    let shell = SHELLS.contains(&name);
    while let Some((first, rest)) = args.split_first() {
        let text = first.text.as_str();
        let short = text.starts_with('-') && !text.starts_with("--");
        let valued = match name {
            _ if shell => {
                short && text.ends_with(['o', 'O']) || matches!(text, "--rcfile" | "--init-file")
            }
            "python" | "python3" => matches!(text, "-W" | "-X"),
            _ => matches!(
                text,
                "-r" | "--require"
                    | "--import"
                    | "--loader"
                    | "--preload"
                    | "--conditions"
                    | "-C"
                    | "-I"
            ),
        };
        args = match valued {
            true => rest.get(1..).unwrap_or_default(),
            false if short && text.len() > 1 && !shell => return args,
            false if text.starts_with('-') && !text.contains('c') && shell => rest,
            false => return args,
        };
    }
    args
}

/// The script that a launcher runs: the first word that is neither an option nor its value nor a
/// word such as `run`. What a program is told to work on is none.
fn launched(args: &[Word]) -> Option<&str> {
    let valued = [
        "--directory",
        "--project",
        "-C",
        "--with",
        "--from",
        "--python",
        "-p",
        "--package",
    ];
    let runners = [
        "run", "exec", "dlx", "tsx", "ts-node", "node", "bun", "python", "python3",
    ];
    let mut words = args.iter().map(|word| word.text.as_str());
    while let Some(word) = words.next() {
        let bare = word.split('@').next().unwrap_or(word);
        match word {
            word if valued.contains(&word) => {
                words.next();
            }
            word if word.starts_with('-') || runners.contains(&bare) => {}
            word => return Some(word).filter(|word| is_script(word)),
        }
    }
    None
}

/// The value of an option.
fn option<'a>(args: &'a [Word], names: &[&str]) -> Option<&'a str> {
    let at = args
        .iter()
        .position(|word| names.contains(&word.text.as_str()))?;
    args.get(at + 1).map(|word| word.text.as_str())
}

/// A path to a script, as a launcher is given it.
fn is_script(text: &str) -> bool {
    let code = [".py", ".js", ".mjs", ".cjs", ".ts", ".mts", ".sh"];
    is_file(text) && !text.starts_with('@') && code.iter().any(|end| text.ends_with(end))
}

fn is_file(text: &str) -> bool {
    !text.starts_with('-') && !text.contains("://") && (text.contains('/') || text.contains('.'))
}

pub(super) fn all(model: &Model, reader: &Reader) -> Vec<Hook> {
    let mut hooks = Vec::new();
    for file in &model.settings {
        if let Some(events) = file.doc.root().get("hooks") {
            from_json(events, None, &mut hooks);
        }
    }
    for plugin in model.places.plugins() {
        for path in super::plugin_files(reader, &plugin, "hooks", "hooks/hooks.json") {
            let doc = reader
                .read(&path, Scope::Plugin)
                .and_then(|source| Doc::lenient(&source));
            if let Some(events) = doc.as_ref().and_then(|doc| doc.root().get("hooks")) {
                from_json(events, Some(&plugin), &mut hooks);
            }
        }
    }
    for text in model
        .texts
        .iter()
        .filter(|text| matches!(text.kind, Kind::Agent | Kind::Skill | Kind::Command))
    {
        let front = yaml::front_values(&text.source.text);
        if let Some(events) = yaml::at(&front, &["hooks"]) {
            from_yaml(events, &text.source, &mut hooks);
        }
    }
    hooks
}

fn from_json(events: Val<'_>, plugin: Option<&PathBuf>, hooks: &mut Vec<Hook>) {
    for (event, groups) in events.members() {
        for group in groups.items() {
            let matcher = group.get("matcher").and_then(Val::text);
            let handlers = group.get("hooks").into_iter().flat_map(Val::items);
            hooks.extend(
                handlers
                    .filter(|handler| handler.is_object())
                    .map(|handler| Hook {
                        source: Rc::clone(&handler.doc.source),
                        offset: handler
                            .get("command")
                            .or(handler.get("url"))
                            .unwrap_or(handler)
                            .offset(),
                        event: event.to_owned(),
                        matcher: matcher.map(str::to_owned),
                        kind: word(handler, "type"),
                        command: command(handler),
                        url: handler.get("url").and_then(Val::text).map(str::to_owned),
                        headers: headers(handler),
                        has_timeout: handler.get("timeout").is_some(),
                        blocks: word(handler, "onFailure") == "block",
                        in_front: false,
                        plugin: plugin.cloned(),
                    }),
            );
        }
    }
}

fn word(handler: Val<'_>, key: &str) -> String {
    handler
        .get(key)
        .and_then(Val::text)
        .unwrap_or_default()
        .to_owned()
}

fn command(handler: Val<'_>) -> String {
    let mut line = word(handler, "command");
    for (arg, _) in handler.get("args").into_iter().flat_map(Val::texts) {
        line.push(' ');
        line.push_str(&quoted(arg));
    }
    line
}

fn headers(handler: Val<'_>) -> Vec<String> {
    let headers = handler.get("headers").into_iter().flat_map(Val::strings);
    let variables = handler
        .get("allowedEnvVars")
        .into_iter()
        .flat_map(Val::texts);
    headers
        .chain(variables)
        .map(|(text, _)| text.to_owned())
        .collect()
}

/// As one word of a shell.
pub(super) fn quoted(arg: &str) -> String {
    let plain = !arg.is_empty()
        && arg
            .bytes()
            .all(|b| b.is_ascii_alphanumeric() || b"-_./:=@,+~${}%".contains(&b));
    if plain {
        arg.to_owned()
    } else {
        format!("'{}'", arg.replace('\'', "'\\''"))
    }
}

/// Every mapping with a command or an address below an event, whatever lies between.
fn from_yaml(events: &Value, source: &Rc<Source>, hooks: &mut Vec<Hook>) {
    let Some(events) = events.as_mapping() else {
        return;
    };
    for (event, groups) in events {
        handlers(groups, None, &mut |handler, matcher| {
            let text = |key: &str| yaml::at(handler, &[key]).and_then(Value::as_str);
            let command = text("command").unwrap_or_default();
            let url = text("url");
            let first = if command.is_empty() {
                url.unwrap_or_default()
            } else {
                command
            };
            let first = first.lines().next().unwrap_or_default();
            hooks.push(Hook {
                source: Rc::clone(source),
                offset: source.text.find(first).unwrap_or(0),
                event: event.as_str().unwrap_or_default().to_owned(),
                matcher: matcher.map(str::to_owned),
                kind: text("type").unwrap_or_default().to_owned(),
                command: command.to_owned(),
                url: url.map(str::to_owned),
                headers: yaml::at(handler, &["headers"])
                    .map(yaml::strings)
                    .unwrap_or_default()
                    .into_iter()
                    .map(str::to_owned)
                    .collect(),
                has_timeout: yaml::at(handler, &["timeout"]).is_some(),
                blocks: text("onFailure") == Some("block"),
                in_front: true,
                plugin: None,
            });
        });
    }
}

fn handlers<'a>(
    value: &'a Value,
    matcher: Option<&'a str>,
    found: &mut dyn FnMut(&'a Value, Option<&'a str>),
) {
    match value {
        Value::Sequence(items) => items.iter().for_each(|item| handlers(item, matcher, found)),
        Value::Mapping(members) => {
            let matcher = yaml::at(value, &["matcher"])
                .and_then(Value::as_str)
                .or(matcher);
            if members.contains_key("command")
                || members.contains_key("url")
                || members.contains_key("prompt")
            {
                found(value, matcher);
            }
            members
                .values()
                .for_each(|member| handlers(member, matcher, found));
        }
        _ => {}
    }
}

#[cfg(test)]
mod tests {
    use super::targets;

    #[test]
    fn the_files_a_command_runs_are_told_from_its_arguments() {
        let cases: &[(&str, &[&str])] = &[
            ("$HOME/.claude/hooks/a.sh", &["$HOME/.claude/hooks/a.sh"]),
            (
                "\"$CLAUDE_PROJECT_DIR\"/.claude/hooks/a.sh --x y/z",
                &["$CLAUDE_PROJECT_DIR/.claude/hooks/a.sh"],
            ),
            (
                "node ~/.claude/x.mjs >/dev/null 2>&1 &",
                &["~/.claude/x.mjs"],
            ),
            ("python3 -m json.tool", &[]),
            ("bash -c 'echo hi'", &[]),
            ("sh -c '~/a.sh --x'", &["~/a.sh"]),
            ("cd ~/.claude && node a.mjs", &["~/.claude/a.mjs"]),
            ("uv run --directory srv main.py", &["srv/main.py"]),
            ("npx tsx ~/a.ts b.ts", &["~/a.ts"]),
            ("npx prettier --write src/a.js", &[]),
            (
                "jq -r .tool_input.file_path | xargs /opt/fmt",
                &["/opt/fmt"],
            ),
            ("sudo -u x env A=1 bash ./a.sh", &["./a.sh"]),
        ];
        for (command, expected) in cases {
            assert_eq!(targets(command), *expected, "{command}");
        }
    }
}
