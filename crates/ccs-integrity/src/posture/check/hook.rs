//! What hooks run.

mod input;
mod recipe;

use std::path::Path;

use super::mcp::misdirected;
use super::mode::{self, Others};
use crate::posture::catalog::{
    AGENT_FRONTMATTER_HOOK, Check, HOOKS_AUTO_APPROVE, HOOKS_DISABLED_BY_PROJECT,
    HOOKS_ENCODED_PAYLOAD, HOOKS_HTTP_EXTERNAL, HOOKS_PERSISTENCE_WRITE, HOOKS_REMOTE_EXEC,
    HOOKS_SUSPICIOUS_LOCATION, HOOKS_TARGET_MISSING, HOOKS_TARGET_WRITABLE, HOOKS_UNQUOTED_INPUT,
};
use crate::posture::danger::{
    Danger, Sight, decoded, in_program, in_shell, is_shell, posts_input, sends_input,
};
use crate::posture::finding::{Draft, Effect, Findings, Severity};
use crate::posture::model::{Hook, suspicious};
use crate::posture::shell::parse;
use crate::posture::source::{Scope, is_machine_code};
use crate::posture::url::{Url, is_drop};
use crate::posture::{Context, count};
use input::{evaluates, unquoted};
use recipe::recipes;

pub(super) fn run(context: &Context<'_>, found: &mut Findings<'_>) {
    for hook in &context.model.hooks {
        line(context, hook, found);
        targets(context, hook, found);
        web(context, hook, found);
        front(context, hook, found);
    }
    disabled(context, found);
}

/// A hook of a repository runs in an unattended session that nobody asked; of an extension, when
/// that is used.
pub(super) fn effect(context: &Context<'_>, hook: &Hook) -> Effect {
    match hook.in_front {
        true => context.effect(hook.scope()),
        false => context.at_once(hook.scope()),
    }
}

fn draft(context: &Context<'_>, check: &'static Check, hook: &Hook) -> Draft {
    Draft::at(check, &hook.source, hook.offset).effect(effect(context, hook))
}

/// The check for a danger in a hook.
fn check_of(danger: Danger) -> &'static Check {
    match danger {
        Danger::RemoteExec | Danger::Exfiltration => HOOKS_REMOTE_EXEC,
        Danger::Encoded => HOOKS_ENCODED_PAYLOAD,
        Danger::Persistence => HOOKS_PERSISTENCE_WRITE,
    }
}

fn line(context: &Context<'_>, hook: &Hook, found: &mut Findings<'_>) {
    for sight in in_shell(&hook.command) {
        found.add(
            draft(context, check_of(sight.danger), hook)
                .evidence(format!("{}: {}", hook.event, sight.what)),
        );
    }
    for recipe in recipes(context, &hook.command) {
        for sight in in_shell(&recipe.text) {
            let draft = Draft::at(check_of(sight.danger), &recipe.source, recipe.offset);
            let evidence = format!("{}: {}", hook.event, sight.what);
            found.add(draft.effect(effect(context, hook)).evidence(evidence));
        }
    }
    let away = sends_input(&hook.command).or_else(|| misdirected(&hook.command));
    if let Some(address) = away {
        found.add(draft(context, HOOKS_HTTP_EXTERNAL, hook).evidence(format!(
            "{} sends what it is given to {address}",
            hook.event
        )));
    }
    let answer = |text: &String| approves(hook, text);
    let encoded: Vec<String> = hook
        .command
        .split_whitespace()
        .filter_map(decoded)
        .collect();
    if approves(hook, &hook.command)
        || encoded.iter().any(answer)
        || printed(context, hook).iter().any(answer)
    {
        found.add(
            draft(context, HOOKS_AUTO_APPROVE, hook)
                .evidence(format!("{}: {}", hook.event, hook.command)),
        );
    }
    if let Some(why) = unquoted(&hook.command, true) {
        let severity = if why.contains("CLAUDE_PROJECT_DIR") {
            Severity::Low
        } else {
            Severity::High
        };
        found.add(
            draft(context, HOOKS_UNQUOTED_INPUT, hook)
                .severity(severity)
                .evidence(why),
        );
    }
}

/// Whether a program answers that a call is allowed and never looks at it.
fn approves(hook: &Hook, program: &str) -> bool {
    if !hook.is_guard() {
        return false;
    }
    let flat: String = program
        .chars()
        .filter(|c| !c.is_whitespace() && !matches!(c, '\\' | '"' | '\''))
        .collect();
    let allows = [
        "permissionDecision:allow",
        "behavior:allow",
        "decision:approve",
        "permissionDecision=allow",
        "permissionDecision]=allow",
        "permissionDecision,allow",
        "permissionDecision=>allow",
        "decision=>approve",
    ];
    if !allows.iter().any(|answer| flat.contains(answer)) {
        return false;
    }
    // Who only reads the call and throws it away does not look at it.
    let looks = [
        "tool_input",
        "jq",
        "grep",
        "case ",
        "deny",
        "ask\"",
        "exit 2",
        "file_path",
        "tool_name",
        "if ",
        "if(",
        "[[",
        "[ ",
        "test ",
        "==",
        ".includes",
        ".match",
        "startswith",
        "startsWith",
        "switch",
        "json.load",
        "JSON.parse",
    ];
    // With `-n` jq makes an answer and reads nothing.
    let program = ["jq -n", "jq -nc", "jq -cn", "jq --null-input"]
        .iter()
        .fold(program.to_owned(), |text, made| text.replace(made, ""));
    !looks.iter().any(|word| program.contains(word))
}

/// The files that a command line prints as its answer.
fn printed(context: &Context<'_>, hook: &Hook) -> Vec<String> {
    let script = parse(&hook.command);
    let cats = script.stages().filter(|stage| stage.name() == "cat");
    let words = cats.flat_map(|stage| stage.args().iter().map(|word| word.text.clone()));
    let paths = words.map(|word| hook.resolve(&context.model.places, &word));
    let texts = paths.filter_map(|path| context.reader.read(&path, hook.scope()));
    texts.map(|source| source.text.clone()).collect()
}

fn targets(context: &Context<'_>, hook: &Hook, found: &mut Findings<'_>) {
    let places = &context.model.places;
    for target in hook.targets() {
        let path = hook.resolve(places, &target);
        if let Some(why) = suspicious(places, &path) {
            found.add(
                draft(context, HOOKS_SUSPICIOUS_LOCATION, hook).evidence(format!("{target} {why}")),
            );
        }
        missing(context, hook, &target, &path, found);
        target_modes(context, hook, &path, found);
        program(context, hook, &path, found);
        let in_project = places
            .inside(&path)
            .is_some_and(|(_, in_project)| in_project);
        if in_project
            && hook.scope() == Scope::User
            && !target.contains("CLAUDE_PROJECT_DIR")
            && target.starts_with('/')
        {
            let draft = draft(context, HOOKS_TARGET_WRITABLE, hook).severity(Severity::Low);
            found.add(draft.evidence(format!(
                "{target}: the user's hook runs a file of the repository"
            )));
        }
    }
}

fn missing(
    context: &Context<'_>,
    hook: &Hook,
    target: &str,
    path: &Path,
    found: &mut Findings<'_>,
) {
    let conditional = ["[ -", "test -", "[[ -", "command -v", "|| true"]
        .iter()
        .any(|test| hook.command.contains(test));
    let variable = target
        .trim_start_matches("$HOME")
        .trim_start_matches("$CLAUDE_PROJECT_DIR")
        .trim_start_matches("$CLAUDE_PLUGIN_ROOT")
        .contains(['$', '*', '{']);
    let elsewhere = target.starts_with("$CLAUDE_PLUGIN_ROOT") && hook.plugin.is_none();
    let system = !context.target.live && context.model.places.inside(path).is_none();
    if conditional || variable || elsewhere {
        return;
    }
    let is_program = parse(&hook.command).stages().any(|stage| {
        stage
            .words
            .iter()
            .any(|word| word.text == target && word.name() == stage.name())
    });
    let evidence = match mode::of(path) {
        None if !path.exists() => "does not exist",
        _ if is_program && path.is_dir() => "is a folder",
        Some(mode) if is_program && !mode.is_executable() => "is not executable",
        _ => return,
    };
    // Another machine's programs may be there.
    let severity = match hook.is_guard() {
        _ if system => Severity::Low,
        true => Severity::High,
        false => Severity::Medium,
    };
    found.add(
        draft(context, HOOKS_TARGET_MISSING, hook)
            .severity(severity)
            .evidence(format!("{target} {evidence}")),
    );
}

fn target_modes(context: &Context<'_>, hook: &Hook, path: &Path, found: &mut Findings<'_>) {
    let real = path.canonicalize().ok().filter(|real| real != path);
    let folders = [path.parent(), real.as_deref().and_then(Path::parent)];
    let folders = folders.into_iter().flatten().filter(|folder| {
        let below = context.model.places.inside(folder);
        below.is_some_and(|(rest, _)| !rest.as_os_str().is_empty())
    });
    for place in [path].into_iter().chain(folders) {
        let Some(mode) = mode::of(place).filter(|mode| !mode.is_sticky()) else {
            continue;
        };
        let severity = match mode.writers() {
            Others::None => continue,
            Others::OwnGroup => Severity::Low,
            Others::Some => Severity::Critical,
        };
        let (base, name) = context.reader.locate(place);
        let draft =
            Draft::about(HOOKS_TARGET_WRITABLE, base, &name, hook.scope()).severity(severity);
        found.add(
            draft
                .effect(effect(context, hook))
                .evidence(mode.to_string()),
        );
    }
}

/// The program itself, if it is text.
fn program(context: &Context<'_>, hook: &Hook, path: &Path, found: &mut Findings<'_>) {
    let places = &context.model.places;
    if places.inside(path).is_none() && context.target.live {
        return;
    }
    if is_machine_code(path) {
        return;
    }
    let Some(source) = context.reader.read(path, hook.scope()) else {
        return;
    };
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    if source.text.contains('\0') {
        return;
    }
    let at = |check, offset| Draft::at(check, &source, offset).effect(effect(context, hook));
    for Sight {
        danger,
        offset,
        what,
    } in in_program(&name, &source.text)
    {
        found.add(at(check_of(danger), offset).evidence(what));
    }
    if approves(hook, &source.text) {
        found.add(at(HOOKS_AUTO_APPROVE, 0).evidence(format!(
            "{} is allowed without a look at the call",
            hook.event
        )));
    }
    let shell = is_shell(&name, &source.text);
    let own = matches!(hook.scope(), Scope::User | Scope::Managed);
    let away = match shell {
        true => sends_input(&source.text).or_else(|| misdirected(&source.text)),
        false => posts_input(&source.text),
    };
    if let Some(address) = away.filter(|_| !own) {
        let what = format!("{} sends what it is given to {address}", hook.event);
        found.add(at(HOOKS_HTTP_EXTERNAL, 0).evidence(what));
    }
    let input = if shell {
        unquoted(&source.text, false)
    } else {
        evaluates(&source.text)
    };
    if let Some(why) = input {
        let needle = ["eval", "os.system", "exec(", "tool_input"]
            .iter()
            .find_map(|needle| source.text.find(needle));
        found.add(at(HOOKS_UNQUOTED_INPUT, needle.unwrap_or(0)).evidence(why));
    }
}

fn web(context: &Context<'_>, hook: &Hook, found: &mut Findings<'_>) {
    let Some(text) = &hook.url else { return };
    let text = text
        .strip_prefix("//")
        .map_or_else(|| text.clone(), |rest| format!("https://{rest}"));
    let Some(url) = Url::parse(&text).filter(|url| !url.is_loopback()) else {
        if text.starts_with('$') {
            let draft = draft(context, HOOKS_HTTP_EXTERNAL, hook).severity(Severity::Medium);
            found.add(draft.evidence(format!("{} goes wherever {text} says", hook.event)));
        }
        return;
    };
    let secrets: Vec<&String> = hook
        .headers
        .iter()
        .filter(|header| {
            header.contains("ANTHROPIC")
                || header.contains("AWS_")
                || header.contains("GITHUB_TOKEN")
        })
        .collect();
    let allowed = context
        .model
        .every(&["allowedHttpHookUrls"])
        .any(|(file, list)| {
            !file.scope.is_from_repository()
                && list
                    .texts()
                    .any(|(pattern, _)| text.starts_with(pattern.trim_end_matches('*')))
        });
    let own = hook.scope() == Scope::User || hook.scope() == Scope::Managed;
    let severity = match () {
        () if !secrets.is_empty() || url.is_clear() || is_drop(&url.host) => Severity::High,
        () if allowed => Severity::Info,
        () if own => Severity::Medium,
        () => Severity::High,
    };
    let variables = if secrets.is_empty() {
        String::new()
    } else {
        format!(
            " with {}",
            count(secrets.len(), "secret variable", "secret variables")
        )
    };
    found.add(
        draft(context, HOOKS_HTTP_EXTERNAL, hook)
            .severity(severity)
            .evidence(format!("{} goes to {}{variables}", hook.event, url.host)),
    );
}

/// Hooks that come with an agent, a skill or a command are easily overlooked.
fn front(context: &Context<'_>, hook: &Hook, found: &mut Findings<'_>) {
    if !hook.in_front {
        return;
    }
    let bad = !in_shell(&hook.command).is_empty() || hook.url.is_some();
    let severity = match hook.scope() {
        _ if bad => Severity::Critical,
        Scope::User | Scope::Managed => Severity::Low,
        _ => Severity::Medium,
    };
    let what = if hook.command.is_empty() {
        hook.url.as_deref().unwrap_or_default()
    } else {
        &hook.command
    };
    found.add(
        draft(context, AGENT_FRONTMATTER_HOOK, hook)
            .severity(severity)
            .evidence(format!("{}: {what}", hook.event)),
    );
}

fn disabled(context: &Context<'_>, found: &mut Findings<'_>) {
    let guards = context
        .model
        .hooks
        .iter()
        .any(|hook| matches!(hook.scope(), Scope::User | Scope::Managed) && hook.is_guard());
    for (file, value) in context
        .model
        .every(&["disableAllHooks"])
        .filter(|(_, value)| value.flag() == Some(true))
    {
        let severity = match (file.scope.is_from_repository(), guards) {
            (true, true) => Severity::High,
            (true, false) => Severity::Medium,
            (false, true) => Severity::Medium,
            (false, false) => Severity::Low,
        };
        found.add(
            super::on_value(context, HOOKS_DISABLED_BY_PROJECT, value)
                .severity(severity)
                .evidence("disableAllHooks is true"),
        );
    }
}
