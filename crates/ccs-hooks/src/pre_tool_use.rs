//! `PreToolUse`: a tool is about to run.

use ccs_audit::Hash;
use ccs_gate::{Decision, Finding, Policy, Verdict};
use serde_json::Value as Json;

use crate::calls::{self, Candidate};
use crate::carried::{self, Look};
use crate::expansion::{self, Loaded, Typed};
use crate::failure::Failure;
use crate::guarded;
use crate::judge::{self, Judge};
use crate::log::{self, Entry};
use crate::place::Place;
use crate::protocol::event::ToolUse;
use crate::protocol::reply::{Answer, Reply};
use crate::run::{Outcome, Scene};
use crate::secrets::Secrets;
use crate::{canary, taint, untrusted};

/// The longest command quoted to the user when it is replaced, in bytes.
const MAX_QUOTE: usize = 1_000;

/// The mode in which the client loses questions: if a call also touches a file that the client
/// itself would ask about (`.vscode`, `.git`, `.bashrc` …), a hook's question is dropped with the
/// client's own, and the whole call runs. Observed with 2.1.329, with `-p` and at a terminal.
const LOSES_QUESTIONS: &str = "bypassPermissions";

/// What is said in that mode instead of a question.
const NOT_ASKED: &str = "Refused instead of asked about, because in bypassPermissions mode the \
    question can get lost. Allow it in the policy, or leave that mode to be asked.";

/// Judges a tool call in each of its readings.
pub(crate) fn run(scene: &Scene<'_>, uses: &[ToolUse<'_>]) -> Result<Outcome, Failure> {
    let Asked { candidates, texts } = asked(scene, uses)?;
    let judge = Judge::at(&scene.place)?;
    let verdict = judge.judge(&candidates);
    let (mut verdict, faults) = with_secrets(verdict, &scene.place, judge.policy(), uses);
    let session = scene.event.session.id;
    let mut guarded = guarded::check(&scene.place, session, uses, &judge, &candidates, &verdict);
    guarded.apply(&mut verdict);
    let called = untrusted::called(scene, judge.policy(), &texts);
    let mut read = with_what_was_read(scene, &judge, uses, &candidates);
    read.extend(called.findings);
    if !read.is_empty() {
        verdict.rewrite = None;
        judge::add_own(&mut verdict, read);
    }
    let rewrite = rewrite(&judge, uses, &candidates, &verdict);
    let mut entry = entry(uses, &candidates, &verdict);
    entry.findings.extend(called.report);
    let mut reply = Reply::new(scene.name(), answer(&verdict));
    if let (Answer::Pass, Some(context)) = (&reply.answer, called.context) {
        reply.answer = Answer::Context(context);
    }
    reply.notes = guarded.notes;
    reply.notes.extend(called.notes);
    let faults = faults.iter();
    reply
        .notes
        .extend(faults.map(|fault| format!("ccs: {fault}.")));
    if let (Answer::Ask(reason), Some(LOSES_QUESTIONS)) =
        (&reply.answer, scene.event.session.permission_mode)
    {
        entry.decision = "deny";
        reply.answer = Answer::Deny(format!("{reason}\n{NOT_ASKED}"));
    }
    if let Some((input, note)) = rewrite {
        entry.decision = "rewrite";
        reply.answer = Answer::Rewrite(input);
        reply.notes.push(note);
    }
    Ok(Outcome { reply, entry })
}

/// The verdict with what there is to say about secrets in the call. What is certain says more than
/// the gate's own question about a credential. And why not all is found that should be.
fn with_secrets(
    mut verdict: Verdict,
    place: &Place,
    policy: &Policy,
    uses: &[ToolUse<'_>],
) -> (Verdict, Vec<String>) {
    // what the vault holds is read only for a call that can carry some of it
    if !uses.iter().any(|call| carried::is_looked_at(policy, call)) {
        return (verdict, Vec::new());
    }
    let secrets = Secrets::for_input(policy, place);
    let look = Look {
        policy,
        place,
        secrets: &secrets,
    };
    let found: Vec<Finding> = uses.iter().flat_map(|call| look.findings(call)).collect();
    if !found.is_empty() {
        verdict
            .findings
            .retain(|one| one.rule != "credential.in-command");
        verdict.rewrite = None;
        verdict = judge::strictest(vec![verdict], found);
    }
    (verdict, secrets.faults)
}

/// What there is to say about a call because of what its session has read.
pub(crate) fn with_what_was_read(
    scene: &Scene<'_>,
    judge: &Judge<'_>,
    uses: &[ToolUse<'_>],
    candidates: &[Candidate<'_>],
) -> Vec<Finding> {
    let state = scene.place.state.as_deref();
    let policy = judge.policy();
    let mut found = Vec::new();
    if policy.taint.canary {
        found.extend(canary::carried(policy, state, uses));
    }
    let store = taint::of_session(state, &scene.event.session).filter(|_| policy.taint.rules);
    if let Some(store) = store
        && let Some(read) = store.read()
    {
        let known = store.known();
        found.extend(taint::findings(judge, (&read, &known), uses, candidates));
    }
    found
}

/// What a call is about.
#[derive(Default)]
pub(crate) struct Asked<'v> {
    /// What there is to judge in all readings, the commands inside a skill's text included.
    pub(crate) candidates: Vec<Candidate<'v>>,
    /// What the client would put into the conversation.
    pub(crate) texts: Vec<Loaded>,
}

/// What a call is about, in all readings.
pub(crate) fn asked<'v>(scene: &Scene<'_>, uses: &[ToolUse<'v>]) -> Result<Asked<'v>, Failure> {
    let mut all = Asked::default();
    for tool_use in uses {
        let mut more = calls::candidates(tool_use)?;
        if let Some((command, arguments)) = skill(tool_use) {
            let typed = Typed {
                command,
                arguments,
                prompt: "",
            };
            let inline = expansion::inline(&scene.place, scene.around, &typed)
                .map_err(Failure::Expansion)?;
            more.extend(inline.commands);
            all.texts.extend(inline.texts);
        }
        if let Some(name) = agent(tool_use) {
            let texts = expansion::agent(&scene.place, scene.around, name);
            all.texts.extend(texts.map_err(Failure::Expansion)?);
        }
        for candidate in more {
            if !all.candidates.contains(&candidate) {
                all.candidates.push(candidate);
            }
        }
    }
    Ok(all)
}

/// The agent that a tool starts, if it names one.
fn agent<'v>(call: &ToolUse<'v>) -> Option<&'v str> {
    matches!(call.tool, "Agent" | "Task")
        .then(|| call.text("subagent_type"))
        .flatten()
}

/// The command and arguments of a tool that expands a skill or slash command.
fn skill<'v>(call: &ToolUse<'v>) -> Option<(&'v str, &'v str)> {
    match call.tool {
        "Skill" => {
            let name = call.text("skill").or_else(|| call.text("command"))?;
            Some((
                name.trim_start_matches('/'),
                call.text("args").unwrap_or_default(),
            ))
        }
        "SlashCommand" => {
            let line = call.text("command")?.trim_start_matches('/');
            Some(line.split_once(char::is_whitespace).unwrap_or((line, "")))
        }
        _ => None,
    }
}

/// Nothing found is nothing said: the client's own permission flow goes on.
pub(crate) fn answer(verdict: &Verdict) -> Answer {
    match verdict.decision {
        Decision::Allow => Answer::Pass,
        Decision::Ask => Answer::Ask(reason(verdict)),
        Decision::Deny => Answer::Deny(reason(verdict)),
    }
}

pub(crate) fn reason(verdict: &Verdict) -> String {
    match verdict.reason() {
        empty if empty.is_empty() => "ccs: stopped without a reason; please report this.".into(),
        reason => format!("ccs: {reason}"),
    }
}

pub(crate) fn entry(
    uses: &[ToolUse<'_>],
    candidates: &[Candidate<'_>],
    verdict: &Verdict,
) -> Entry {
    let first = uses.first();
    Entry {
        decision: match verdict.decision {
            Decision::Allow => "allow",
            Decision::Ask => "ask",
            Decision::Deny => "deny",
        },
        tool: first.map(|call| call.tool.to_owned()),
        findings: verdict.findings.clone(),
        input: first.map(|call| Hash::of(call.input.raw.as_bytes())),
        first_word: candidates
            .iter()
            .find_map(Candidate::command)
            .and_then(log::first_word),
    }
}

/// The input with the safer command in it, and what the user is told. Only if the owner wants
/// rewrites, the replaced option is all there was to find, and nothing is found in the new command.
fn rewrite(
    judge: &Judge<'_>,
    uses: &[ToolUse<'_>],
    candidates: &[Candidate<'_>],
    verdict: &Verdict,
) -> Option<(Json, String)> {
    let safer = verdict.rewrite.as_deref()?;
    let ([call], [Candidate::Command { text, shell }]) = (uses, candidates) else {
        return None;
    };
    if !judge.policy().rewrites || verdict.findings.len() != 1 {
        return None;
    }
    let replaced = Candidate::Command {
        text: safer.into(),
        shell: *shell,
    };
    if judge.judge(&[replaced]).decision != Decision::Allow {
        return None;
    }
    Some((with_command(call, safer)?, told(verdict, text, safer)))
}

fn with_command(call: &ToolUse<'_>, command: &str) -> Option<Json> {
    let mut input = serde_json::Map::new();
    for (key, value) in &call.input.pairs {
        input.insert(key.to_string(), serde_json::to_value(value).ok()?);
    }
    *input.get_mut("command")? = command.into();
    let input = Json::Object(input);
    (!holds_null(&input)).then_some(input)
}

/// One `null` anywhere makes the client drop the whole answer, and then the old command runs.
fn holds_null(value: &Json) -> bool {
    match value {
        Json::Null => true,
        Json::Array(items) => items.iter().any(holds_null),
        Json::Object(fields) => fields.values().any(holds_null),
        _ => false,
    }
}

fn told(verdict: &Verdict, before: &str, after: &str) -> String {
    let finding = verdict.findings.first();
    let rule = finding
        .map(|finding| finding.rule.as_ref())
        .unwrap_or_default();
    let quote = |text: &str| -> String { text.chars().take(MAX_QUOTE).collect() };
    format!(
        "ccs: [{rule}] the command was replaced.\nbefore: {}\nafter: {}",
        quote(before),
        quote(after)
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::Config;
    use crate::place::Place;
    use crate::protocol::event::{self, Body, Event};
    use crate::protocol::json;
    use crate::protocol::name::Name;
    use ccs_gate::{Finding, Policy, Severity};

    fn finding(decision: Decision) -> Finding {
        Finding {
            rule: "git.push-force".into(),
            severity: Severity::High,
            decision,
            title: "Force push".into(),
            why: "Replaces commits.".into(),
            instead: Some("git push --force-with-lease".into()),
            evidence: "git push -f".into(),
        }
    }

    fn verdict(decision: Decision) -> Verdict {
        Verdict {
            decision,
            findings: vec![finding(decision)],
            harmless: false,
            rewrite: Some("git push --force-with-lease".into()),
        }
    }

    fn uses<'v>(value: &'v json::Value<'v>) -> Vec<ToolUse<'v>> {
        match event::read(Name::PreToolUse, value) {
            Ok(Event {
                body: Body::Tool(uses),
                ..
            }) => uses,
            other => panic!("not a tool call: {other:?}"),
        }
    }

    #[test]
    fn each_decision_of_the_gate_has_its_answer() {
        let text = "ccs: [git.push-force] Force push: Replaces commits. Found: git push -f \
            Instead: git push --force-with-lease";
        assert_eq!(answer(&verdict(Decision::Ask)), Answer::Ask(text.into()));
        assert_eq!(answer(&verdict(Decision::Deny)), Answer::Deny(text.into()));
        assert_eq!(answer(&Verdict::default()), Answer::Pass);
    }

    #[test]
    fn a_deny_without_findings_still_has_a_reason() {
        let verdict = Verdict {
            decision: Decision::Deny,
            ..Verdict::default()
        };
        assert!(!reason(&verdict).is_empty());
    }

    #[test]
    fn a_rewrite_keeps_everything_but_the_command() {
        let text = r#"{"tool_name":"Bash","tool_input":
            {"command":"git push -f","timeout":5,"description":"p","x":{"y":[1.5,true]}}}"#;
        let value = json::parse(text).expect("JSON");

        let input = with_command(&uses(&value)[0], "git push");

        let expected = serde_json::json!(
            {"command":"git push","timeout":5,"description":"p","x":{"y":[1.5,true]}});
        assert_eq!(input, Some(expected));
    }

    #[test]
    fn an_input_that_holds_null_is_not_rewritten() {
        for rest in [r#""x":null"#, r#""x":{"y":[1,null]}"#] {
            let text = format!(
                r#"{{"tool_name":"Bash","tool_input":{{"command":"git push -f",{rest}}}}}"#
            );
            let value = json::parse(&text).expect("JSON");
            assert_eq!(with_command(&uses(&value)[0], "git push"), None, "{rest}");
        }
    }

    /// Whether `verdict` on a plain `git push -f` leads to a rewrite.
    fn is_rewritten(rewrites: bool, verdict: &Verdict) -> bool {
        let text = r#"{"tool_name":"Bash","tool_input":{"command":"git push -f"}}"#;
        let value = json::parse(text).expect("JSON");
        let uses = uses(&value);
        let candidates = calls::candidates(&uses[0]).expect("a command");
        let place = Place::default();
        let policy = Policy {
            rewrites,
            ..Policy::default()
        };
        let findings = Vec::new();
        let judge = Judge::new(&place, Config { policy, findings });
        rewrite(&judge, &uses, &candidates, verdict).is_some()
    }

    #[test]
    fn a_rewrite_is_made_only_if_wanted_and_only_for_the_one_thing_found() {
        let one = verdict(Decision::Ask);
        let mut two = one.clone();
        two.findings.push(finding(Decision::Deny));
        let mut none = one.clone();
        none.rewrite = None;

        assert!(is_rewritten(true, &one));
        assert!(!is_rewritten(false, &one));
        assert!(!is_rewritten(true, &two));
        assert!(!is_rewritten(true, &none));
    }

    #[test]
    fn the_user_is_shown_what_was_replaced_by_what() {
        assert_eq!(
            told(&verdict(Decision::Ask), "git push -f", "git push"),
            "ccs: [git.push-force] the command was replaced.\nbefore: git push -f\nafter: git push"
        );
    }

    #[test]
    fn a_skill_is_named_by_its_tool_call() {
        for (text, expected) in [
            (
                r#"{"tool_name":"Skill","tool_input":{"skill":"a","args":"b c"}}"#,
                Some(("a", "b c")),
            ),
            (
                r#"{"tool_name":"Skill","tool_input":{"skill":"/a"}}"#,
                Some(("a", "")),
            ),
            (
                r#"{"tool_name":"SlashCommand","tool_input":{"command":"/a b c"}}"#,
                Some(("a", "b c")),
            ),
            (r#"{"tool_name":"Task","tool_input":{"skill":"a"}}"#, None),
        ] {
            let value = json::parse(text).expect("JSON");
            assert_eq!(skill(&uses(&value)[0]), expected);
        }
    }
}
