//! The commands a slash command or skill runs when it is expanded.
//!
//! The client replaces `` !`command` `` in the text of a command file by the command's output
//! before the model sees the text, and no tool event is fired for it. The event names only the
//! command, so its file is looked for where the client looks. Several files of the same name are
//! all judged: which of them the client takes is not for us to guess.

mod listed;
mod search;

use std::path::{Path, PathBuf};

use ccs_gate::Shell;

use crate::calls::Candidate;
use crate::files::{self, Links};
use crate::place::{Place, Surroundings};
use crate::protocol::json::{self, Value};
pub(crate) use listed::listed;
use search::{Kind, Search, front};

/// The longest command file, in bytes.
const MAX_TEXT: u64 = 1 << 20;
/// The most commands one file may run.
const MAX_COMMANDS: usize = 256;
/// How deep command files may lie below `commands`, and anything below a plugin's folder.
const MAX_DEPTH: u32 = 8;
/// How deep `SKILL.md` may lie below `skills`.
const SKILL_DEPTH: u32 = 2;
/// How many folders above the working folder are looked at.
const MAX_ABOVE: usize = 32;

/// What the expansion of a command runs.
#[derive(Debug, Default)]
pub(crate) struct Inline {
    pub(crate) commands: Vec<Candidate<'static>>,
    /// Whether a file of the command was found.
    pub(crate) found: bool,
    /// The files of the command, each as it is.
    pub(crate) texts: Vec<Loaded>,
}

/// A file whose text the client puts into the conversation.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Loaded {
    pub(crate) path: PathBuf,
    pub(crate) text: String,
}

/// What was typed, or what a tool call of the model stands for.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Typed<'t> {
    /// The command without its slash.
    pub(crate) command: &'t str,
    /// What follows it.
    pub(crate) arguments: &'t str,
    /// The whole prompt, if there is one.
    pub(crate) prompt: &'t str,
}

/// The commands that expanding a command at `place` runs.
///
/// # Errors
///
/// A sentence, if there is a file of that name that cannot be judged.
pub(crate) fn inline(
    place: &Place,
    around: &Surroundings,
    typed: &Typed<'_>,
) -> Result<Inline, String> {
    let command = typed.command;
    let name = command.rsplit([':', '/']).next().unwrap_or(command);
    let mut search = Search::new(name);
    for root in settings_roots(place, around) {
        search.below(&root.join("commands"), MAX_DEPTH, Kind::Commands);
        search.below(&root.join("skills"), SKILL_DEPTH, Kind::Skills);
    }
    if search.left == 0 {
        return Err("there are too many files where commands may lie".into());
    }
    if search.files.is_empty() || command.contains(':') {
        for root in plugin_roots(place) {
            search.below(&root, MAX_DEPTH, Kind::Plugin);
        }
    }
    let mut inline = Inline::default();
    extract(typed.arguments, Shell::Bash, &mut inline)?;
    extract(typed.prompt, Shell::Bash, &mut inline)?;
    for file in &search.files {
        inline.found = true;
        add(file, typed.arguments, &mut inline)?;
    }
    Ok(inline)
}

/// The text of the agent `name`; of every file that could be meant. Agents of the client itself
/// have none.
///
/// # Errors
///
/// As [`inline`].
pub(crate) fn agent(
    place: &Place,
    around: &Surroundings,
    name: &str,
) -> Result<Vec<Loaded>, String> {
    let (plugin, own) = name
        .rsplit_once(':')
        .map_or((None, name), |(p, n)| (Some(p), n));
    let mut search = Search::new(own);
    for root in settings_roots(place, around) {
        search.below(&root.join("agents"), MAX_DEPTH, Kind::Agents);
    }
    for root in plugin.iter().flat_map(|_| plugin_roots(place)) {
        search.below(&root, MAX_DEPTH, Kind::Agents);
    }
    if search.left == 0 {
        return Err("there are too many files where agents may lie".into());
    }
    search.files.iter().map(|file| load(file)).collect()
}

fn load(file: &Path) -> Result<Loaded, String> {
    let failed = |error| format!("`{}`: {error}", file.display());
    let bytes = files::read(file, MAX_TEXT, Links::Follow).map_err(failed)?;
    let bytes = bytes.unwrap_or_default();
    Ok(Loaded {
        path: file.to_owned(),
        text: json::text(&bytes).into_owned(),
    })
}

fn add(file: &Path, arguments: &str, inline: &mut Inline) -> Result<(), String> {
    let loaded = load(file)?;
    let folder = file.parent().map(Path::to_string_lossy).unwrap_or_default();
    let text = loaded.text.replace("${CLAUDE_SKILL_DIR}", &folder);
    let shell = shell(&text);
    // old command files count arguments from one, skills from zero
    for first in [0, 1] {
        extract(&substituted(&text, arguments, first), shell, inline)?;
    }
    inline.texts.push(loaded);
    Ok(())
}

/// `.claude` of the user, of the machine, and of the working folder and those above it.
fn settings_roots(place: &Place, around: &Surroundings) -> Vec<PathBuf> {
    let mut folders: Vec<&Path> = Vec::new();
    folders.extend(place.home.as_deref().map(Path::new));
    folders.push(&around.managed);
    for project in &place.projects {
        folders.extend(Path::new(project).ancestors().take(MAX_ABOVE));
    }
    let mut roots: Vec<PathBuf> = folders.into_iter().map(|dir| dir.join(".claude")).collect();
    roots.sort();
    roots.dedup();
    roots
}

/// Every folder the client's plugin lists name.
fn plugin_roots(place: &Place) -> Vec<PathBuf> {
    let Some(home) = &place.home else {
        return Vec::new();
    };
    let folder = Path::new(home).join(".claude/plugins");
    let mut roots = vec![folder.join("cache")];
    for list in ["installed_plugins.json", "known_marketplaces.json"] {
        let bytes = files::read(&folder.join(list), MAX_TEXT, Links::Follow);
        let bytes = bytes.ok().flatten().unwrap_or_default();
        let text = json::text(&bytes);
        if let Ok(value) = json::parse(&text) {
            paths(&value, &mut roots);
        }
    }
    roots.sort();
    roots.dedup();
    roots
}

fn paths(value: &Value<'_>, out: &mut Vec<PathBuf>) {
    match value {
        Value::Array(items) => items.iter().for_each(|item| paths(item, out)),
        Value::Object(object) => {
            for (key, value) in &object.pairs {
                match value.as_str() {
                    Some(path) if is_place(key) && path.starts_with('/') => out.push(path.into()),
                    _ => paths(value, out),
                }
            }
        }
        _ => {}
    }
}

fn is_place(key: &str) -> bool {
    matches!(key, "installPath" | "installLocation" | "path")
}

/// The shell the top of the file names.
fn shell(text: &str) -> Shell {
    if front(text).any(|line| line.eq_ignore_ascii_case("shell:powershell")) {
        Shell::PowerShell
    } else {
        Shell::Bash
    }
}

/// The text with its arguments put in: `$ARGUMENTS`, `$ARGUMENTS[0]`, and `$1` counted from `first`.
fn substituted(text: &str, arguments: &str, first: usize) -> String {
    let words = split(arguments);
    let word = |digits: &str, first: usize| -> Option<&str> {
        let index: usize = digits.parse().ok()?;
        words.get(index.checked_sub(first)?).map(String::as_str)
    };
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.find('$') {
        out.push_str(&rest[..at]);
        rest = &rest[at + 1..];
        if let Some(after) = rest.strip_prefix("ARGUMENTS") {
            let indexed = after
                .strip_prefix('[')
                .and_then(|after| after.split_once(']'));
            let value = indexed.and_then(|(digits, after)| Some((word(digits, 0)?, after)));
            let (value, after) = value.unwrap_or((arguments, after));
            out.push_str(value);
            rest = after;
            continue;
        }
        let length = rest.bytes().take_while(u8::is_ascii_digit).count();
        match word(&rest[..length], first) {
            Some(value) => {
                out.push_str(value);
                rest = &rest[length..];
            }
            None => out.push('$'),
        }
    }
    out.push_str(rest);
    out
}

/// Words at white space; quotes keep a word together and fall away.
fn split(text: &str) -> Vec<String> {
    let mut words = Vec::new();
    let mut word: Option<String> = None;
    let mut quote = None;
    for letter in text.chars() {
        match (quote, letter) {
            (Some(open), _) if letter == open => quote = None,
            (None, '"' | '\'') => {
                quote = Some(letter);
                word.get_or_insert_default();
            }
            (None, _) if letter.is_whitespace() => words.extend(word.take()),
            _ => word.get_or_insert_default().push(letter),
        }
    }
    words.extend(word);
    words
}

/// Adds every `` !`command` `` and every block fenced by ```` ```! ````.
fn extract(text: &str, shell: Shell, inline: &mut Inline) -> Result<(), String> {
    for (open, close) in [("!`", "`"), ("```!", "```")] {
        let mut rest = text;
        while let Some(at) = rest.find(open) {
            rest = &rest[at + open.len()..];
            let Some(end) = rest.find(close) else { break };
            let command = rest[..end].trim();
            rest = &rest[end + close.len()..];
            push(command, shell, inline)?;
        }
    }
    Ok(())
}

fn push(command: &str, shell: Shell, inline: &mut Inline) -> Result<(), String> {
    let candidate = Candidate::Command {
        text: command.to_owned().into(),
        shell,
    };
    if command.is_empty() || inline.commands.contains(&candidate) {
        return Ok(());
    }
    if inline.commands.len() == MAX_COMMANDS {
        return Err(format!("it runs more than {MAX_COMMANDS} commands"));
    }
    inline.commands.push(candidate);
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::search::MAX_ENTRIES;
    use super::*;
    use std::fs;

    fn place(root: &Path) -> Place {
        let path = |name: &str| root.join(name).to_str().map(String::from);
        let cwd = path("project/deep/er").expect("UTF-8");
        Place {
            home: path("home"),
            projects: vec![cwd],
            ..Place::default()
        }
    }

    #[test]
    fn more_files_than_can_be_looked_at_are_an_error() {
        let root = tempfile::tempdir().expect("a folder");
        let commands = root.path().join("project/.claude/commands");
        fs::create_dir_all(&commands).expect("a folder");
        for i in 0..=MAX_ENTRIES {
            fs::write(commands.join(i.to_string()), "").expect("a file");
        }
        let refused = inline_at(root.path(), "c", "");
        assert!(refused.is_err_and(|e| e.contains("too many files")));
    }

    fn write(root: &Path, name: &str, text: &str) {
        let path = root.join(name);
        fs::create_dir_all(path.parent().expect("a parent")).expect("a folder");
        fs::write(path, text).expect("a file");
    }

    fn inline_at(root: &Path, command: &str, arguments: &str) -> Result<Inline, String> {
        let typed = Typed {
            command,
            arguments,
            prompt: "",
        };
        inline(&place(root), &Surroundings::default(), &typed)
    }

    /// The commands of `/command arguments` when `file` holds `text`.
    fn commands(file: &str, text: &str, command: &str, arguments: &str) -> Vec<String> {
        let root = tempfile::tempdir().expect("a folder");
        write(root.path(), file, text);
        let inline = inline_at(root.path(), command, arguments).expect("readable");
        let texts = inline.commands.iter().filter_map(Candidate::command);
        texts.map(String::from).collect()
    }

    #[test]
    fn a_command_is_found_wherever_the_client_looks_for_it() {
        for (file, command) in [
            ("project/.claude/commands/old.md", "old"),
            (
                "project/deep/er/.claude/commands/front/end/old.md",
                "front:end:old",
            ),
            ("home/.claude/commands/Old.md", "old"),
            ("project/.claude/skills/old/SKILL.md", "old"),
            ("home/.claude/skills/old/skill.md", "old"),
            (
                "home/.claude/plugins/cache/m/tools/1.0/commands/old.md",
                "tools:old",
            ),
        ] {
            assert_eq!(
                commands(file, "a !`echo x` b", command, ""),
                ["echo x"],
                "{file}"
            );
        }
        assert_eq!(
            commands("project/.claude/commands/new.md", "!`x`", "old", ""),
            [""; 0]
        );
    }

    #[test]
    fn a_skill_is_found_by_the_name_it_gives_itself() {
        let file = "project/.claude/skills/folder/SKILL.md";
        let text = "---\nname: 'old'\n---\n!`echo x`";
        assert_eq!(commands(file, text, "old", ""), ["echo x"]);
        assert_eq!(commands(file, text, "older", ""), [""; 0]);
    }

    #[test]
    fn a_plugin_is_found_where_the_clients_list_says() {
        let root = tempfile::tempdir().expect("a folder");
        let plugin = root.path().join("elsewhere");
        write(root.path(), "elsewhere/skills/old/SKILL.md", "!`ls`");
        let list = serde_json::json!({"plugins": {"p@m": [{"installPath": plugin}]}});
        let list = list.to_string();
        write(
            root.path(),
            "home/.claude/plugins/installed_plugins.json",
            &list,
        );

        let inline = inline_at(root.path(), "p:old", "");

        assert_eq!(inline.expect("readable").commands.len(), 1);
    }

    #[test]
    fn arguments_are_put_in_before_commands_are_looked_for() {
        let at = |text, arguments| commands("project/.claude/commands/c.md", text, "c", arguments);
        assert_eq!(at("!`echo $ARGUMENTS`", "a; rm b"), ["echo a; rm b"]);
        assert_eq!(at("!`echo $1`", "'a b' c"), ["echo c", "echo a b"]);
        assert_eq!(at("!`echo $ARGUMENTS[0]`", "a"), ["echo a"]);
        assert_eq!(at("!`echo $9 $HOME $`", "a"), ["echo $9 $HOME $"]);
        assert_eq!(at("Say $ARGUMENTS", "!`rm x`"), ["rm x"]);
        assert_eq!(at("Say nothing", "!`rm x`"), ["rm x"]);
    }

    #[test]
    fn every_form_of_inline_command_is_seen() {
        let text = "Hi!`a`\n```!\nb\nc\n```\n```sh\nd\n```\n`e` !`` !`f";
        let found = commands("project/.claude/commands/c.md", text, "c", "");
        assert_eq!(found, ["a", "b\nc"]);
    }

    #[test]
    fn the_shell_is_the_one_the_file_names() {
        assert_eq!(shell("---\nshell: powershell\n---\nx"), Shell::PowerShell);
        assert_eq!(shell("---\nname: x\n---\nshell: powershell"), Shell::Bash);
    }

    #[test]
    fn a_file_too_large_to_judge_is_an_error() {
        let root = tempfile::tempdir().expect("a folder");
        let text = " ".repeat(2 << 20);
        write(root.path(), "project/.claude/commands/c.md", &text);
        let refused = inline_at(root.path(), "c", "");
        assert!(refused.is_err_and(|e| e.contains("longer than")));
    }

    #[test]
    fn a_file_with_too_many_commands_is_an_error() {
        let root = tempfile::tempdir().expect("a folder");
        let text: String = (0..300).map(|i| format!("!`echo {i}`\n")).collect();
        write(root.path(), "project/.claude/commands/c.md", &text);
        let refused = inline_at(root.path(), "c", "");
        assert!(refused.is_err_and(|e| e.contains("more than 256")));
    }
}
