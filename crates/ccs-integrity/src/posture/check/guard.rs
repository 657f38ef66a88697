//! Whether hooks that guard something do.

use super::hook::effect;
use crate::posture::Context;
use crate::posture::catalog::{
    Check, HOOKS_FAIL_OPEN, HOOKS_MATCHER_DEAD, HOOKS_MATCHER_GAP, HOOKS_NO_TIMEOUT,
};
use crate::posture::finding::{Draft, Findings, Severity};
use crate::posture::model::Hook;

const EVENTS: &[&str] = &[
    "PreToolUse",
    "PostToolUse",
    "PostToolUseFailure",
    "PostToolBatch",
    "PermissionRequest",
    "PermissionDenied",
    "Notification",
    "UserPromptSubmit",
    "UserPromptExpansion",
    "SessionStart",
    "SessionEnd",
    "Stop",
    "StopFailure",
    "SubagentStart",
    "SubagentStop",
    "PreCompact",
    "PostCompact",
    "Setup",
    "TeammateIdle",
    "TaskCreated",
    "TaskCompleted",
    "ConfigChange",
    "InstructionsLoaded",
    "WorktreeCreate",
    "WorktreeRemove",
    "CwdChanged",
    "FileChanged",
    "Elicitation",
    "ElicitationResult",
    "MessageDisplay",
];

pub(super) fn run(context: &Context<'_>, found: &mut Findings<'_>) {
    for hook in &context.model.hooks {
        if let Some(why) = dead(hook) {
            add(
                context,
                HOOKS_MATCHER_DEAD,
                hook,
                Severity::High,
                why,
                found,
            );
        }
        if hook.is_guard() && hook.kind != "prompt" {
            guard(context, hook, found);
        }
    }
    gaps(context, found);
}

fn add(
    context: &Context<'_>,
    check: &'static Check,
    hook: &Hook,
    severity: Severity,
    evidence: String,
    found: &mut Findings<'_>,
) {
    let draft = Draft::at(check, &hook.source, hook.offset).severity(severity);
    found.add(draft.effect(effect(context, hook)).evidence(evidence));
}

/// Why a hook never runs.
fn dead(hook: &Hook) -> Option<String> {
    let event = hook.event.as_str();
    if !EVENTS.contains(&event) {
        let flat = event.replace(['_', '-', ' '], "");
        let near = EVENTS.iter().find(|known| {
            known.eq_ignore_ascii_case(&flat) || super::settings::distance(known, event) <= 2
        });
        let part = |known: &&&str| known.starts_with(event) && event.len() > 3;
        let near = near.or_else(|| EVENTS.iter().find(part));
        return near.map(|known| format!("there is no event {event}; there is {known}"));
    }
    let matcher = hook.matcher.as_deref().unwrap_or_default();
    if !event.contains("ToolUse") && event != "PermissionRequest" {
        return None;
    }
    matcher.split('|').map(str::trim).find_map(|name| {
        let lower = [
            "bash",
            "edit",
            "write",
            "read",
            "webfetch",
            "glob",
            "grep",
            "task",
            "multiedit",
        ]
        .contains(&name);
        let whole = name.strip_prefix("mcp__").is_some_and(|rest| {
            (!rest.contains("__") || rest.ends_with("__")) && !rest.contains('*')
        });
        let pattern = name.contains(['*', '.', '^', '$', '[', '\\', '+', '?']);
        let slip = !pattern && !lower && !name.starts_with("mcp__") && super::rule::is_slip(name);
        // No tool has a space, a comma or an ampersand in its name.
        let several = !pattern && !name.contains('(') && name.contains([' ', ',', '&']);
        match () {
            () if several => Some(format!("`{name}` is one name; several are parted by `|`")),
            () if name.contains('(') && !name.contains(['^', '|', '.']) => Some(format!(
                "`{name}` is a permission rule; a matcher is the name of a tool"
            )),
            () if slip => Some(format!("there is no tool `{name}`")),
            () if lower => Some(format!(
                "`{name}` is not the name of a tool; names are matched as they are written"
            )),
            () if whole => Some(format!(
                "`{name}` is no tool; `{name}__.*` are the tools of the server"
            )),
            () => None,
        }
    })
}

/// A guard that fails lets the call through, unless it says otherwise to a client that knows how.
fn guard(context: &Context<'_>, hook: &Hook, found: &mut Findings<'_>) {
    let knows = context
        .model
        .client
        .as_ref()
        .is_some_and(|client| client.is_at_least("2.1.295"));
    if !hook.blocks {
        let severity = if knows { Severity::Low } else { Severity::Info };
        let evidence = format!(
            "{} passes if the hook fails; onFailure is not \"block\"",
            hook.event
        );
        add(context, HOOKS_FAIL_OPEN, hook, severity, evidence, found);
    }
    if !hook.has_timeout {
        add(
            context,
            HOOKS_NO_TIMEOUT,
            hook,
            Severity::Low,
            format!("{} waits up to 600 s", hook.event),
            found,
        );
    }
}

fn gaps(context: &Context<'_>, found: &mut Findings<'_>) {
    let guards: Vec<&Hook> = context
        .model
        .hooks
        .iter()
        .filter(|hook| hook.event == "PreToolUse")
        .collect();
    let covers = |tool: &str| {
        guards.iter().any(|hook| {
            hook.matcher
                .as_deref()
                .is_none_or(|matcher| matches!(matcher, "" | "*" | ".*") || matcher.contains(tool))
        })
    };
    let Some(first) = guards.first() else { return };
    let pairs = [
        ("Write", "Bash"),
        ("Edit", "Bash"),
        ("Edit", "NotebookEdit"),
        ("Bash", "PowerShell"),
        ("Bash", "Monitor"),
    ];
    if let Some((done, open)) = pairs
        .into_iter()
        .find(|(done, open)| covers(done) && !covers(open))
    {
        add(
            context,
            HOOKS_MATCHER_GAP,
            first,
            Severity::Low,
            format!("{done} is guarded, {open} is not"),
            found,
        );
    }
}
