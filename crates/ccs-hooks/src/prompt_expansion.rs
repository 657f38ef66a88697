//! `UserPromptExpansion`: a slash command or skill is about to be expanded, and the commands in
//! its text run without any other event.

use ccs_gate::Decision;

use crate::expansion::{self, Typed};
use crate::failure::Failure;
use crate::guarded;
use crate::judge::{self, Judge};
use crate::log::Entry;
use crate::pre_tool_use;
use crate::protocol::event::Expansion;
use crate::protocol::reply::{Answer, Reply};
use crate::run::{Outcome, Scene};
use crate::untrusted;

/// Stops the expansion if any of its commands would be asked about or denied: there is nobody to
/// ask between the expansion and the command.
pub(crate) fn run(scene: &Scene<'_>, expansion: &Expansion<'_>) -> Result<Outcome, Failure> {
    let command = expansion.command.trim_start_matches('/');
    let typed = Typed {
        command,
        arguments: expansion.arguments,
        prompt: expansion.prompt,
    };
    let inline =
        expansion::inline(&scene.place, scene.around, &typed).map_err(Failure::Expansion)?;
    let judge = Judge::at(&scene.place)?;
    let mut verdict = judge.judge(&inline.commands);
    let broken = is_from_a_file(expansion).then(|| guarded::stops(&scene.place));
    let broken = broken.flatten();
    let called = untrusted::called(scene, judge.policy(), &inline.texts);
    let stops = broken.is_some() || !called.findings.is_empty();
    judge::add_own(
        &mut verdict,
        broken.into_iter().chain(called.findings).collect(),
    );
    if expansion.kind == Some("mcp_prompt") {
        untrusted::prompt_of_server(scene, judge.policy(), command);
    }
    let answer = called.context.map_or(Answer::Pass, Answer::Context);
    let mut reply = Reply::new(scene.name(), answer);
    reply.notes = called.notes;
    let mut entry = Entry {
        tool: Some(format!("/{command}")),
        ..pre_tool_use::entry(&[], &inline.commands, &verdict)
    };
    if !called.report.is_empty() {
        entry.decision = "report";
        entry.findings.extend(called.report);
    }
    if (stops || !inline.commands.is_empty()) && verdict.decision != Decision::Allow {
        entry.decision = "deny";
        let reason = pre_tool_use::reason(&verdict);
        reply.answer = Answer::Deny(format!("{reason}\n/{command} was not expanded."));
    } else if !inline.found && is_from_a_file(expansion) {
        reply.notes.push(format!(
            "ccs: the text of /{command} was not found, so the commands it may run were not judged."
        ));
    }
    Ok(Outcome { reply, entry })
}

/// Whether the client says that the command comes from a file, and not from itself or a server.
fn is_from_a_file(expansion: &Expansion<'_>) -> bool {
    let source = expansion.source.unwrap_or_default();
    expansion.kind != Some("mcp_prompt") && (source.ends_with("Settings") || source == "plugin")
}
