//! Workflows that run the client for somebody else.

use std::path::Path;

use serde_yaml::Value;

use crate::posture::Context;
use crate::posture::catalog::{CI_CLAUDE_OVERPOWERED, CI_CLAUDE_UNTRUSTED_TRIGGER, Check};
use crate::posture::finding::{Draft, Effect, Findings, Severity};
use crate::posture::shell::parse;
use crate::posture::source::{Scope, Source, list};
use crate::posture::version::Version;
use crate::posture::yaml;

pub(super) fn run(context: &Context<'_>, found: &mut Findings<'_>) {
    let Some(project) = &context.model.places.project else {
        return;
    };
    let mut paths = list(&project.join(".github/workflows"));
    paths.extend(list(&project.join(".gitea/workflows")));
    paths.extend(list(&project.join(".forgejo/workflows")));
    for path in paths.iter().filter(|path| {
        path.extension()
            .is_some_and(|suffix| suffix == "yml" || suffix == "yaml")
    }) {
        let Some(source) = context.reader.read(path, Scope::Project) else {
            continue;
        };
        match yaml::parse(&source.text) {
            Some(workflow) => judge(&source, &workflow, found),
            None => context.reader.trouble(path, "is not YAML".to_owned()),
        }
    }
    for path in list(&project.join(".github/actions")) {
        let named = ["action.yml", "action.yaml"].map(|name| path.join(name));
        for source in named
            .iter()
            .filter_map(|path| context.reader.read(path, Scope::Project))
        {
            if let Some(action) = yaml::parse(&source.text) {
                judge(&source, &action, found);
            }
        }
    }
    elsewhere(context, project, found);
}

/// What other services run, by its text.
fn elsewhere(context: &Context<'_>, project: &Path, found: &mut Findings<'_>) {
    let names = [
        ".gitlab-ci.yml",
        ".circleci/config.yml",
        "azure-pipelines.yml",
        "bitbucket-pipelines.yml",
        "Jenkinsfile",
        ".drone.yml",
        ".woodpecker.yml",
        ".buildkite/pipeline.yml",
    ];
    let flags = ["--dangerously-skip-permissions", "bypassPermissions"];
    for path in names.map(|name| project.join(name)) {
        let Some(source) = context.reader.read(&path, Scope::Project) else {
            continue;
        };
        if let Some(flag) = flags.into_iter().find(|flag| source.text.contains(flag)) {
            let (check, severity) = (CI_CLAUDE_OVERPOWERED, Severity::High);
            add(check, &source, flag, severity, flag.to_owned(), found);
        }
    }
}

/// Events that anybody can cause, with text that anybody can write.
const ANYBODY: &[&str] = &[
    "issue_comment",
    "issues",
    "pull_request_target",
    "pull_request_review_comment",
    "pull_request_review",
    "discussion",
    "discussion_comment",
    "workflow_run",
    "fork",
    "watch",
];
/// Parts of an event that its sender writes.
const TEXTS: &[&str] = &[
    "github.event.comment.body",
    "github.event.issue.title",
    "github.event.issue.body",
    "github.event.pull_request.title",
    "github.event.pull_request.body",
    "github.event.review.body",
    "github.event.discussion.title",
    "github.event.discussion.body",
    "github.event.review_comment.body",
    "github.head_ref",
    "github.event.pull_request.head.ref",
    "github.event.head_commit.message",
];

struct Workflow<'a> {
    source: &'a Source,
    triggers: Vec<String>,
    steps: Vec<&'a Value>,
}

fn judge(source: &Source, value: &Value, found: &mut Findings<'_>) {
    let workflow = Workflow {
        source,
        triggers: triggers(value),
        steps: steps(value),
    };
    let agents: Vec<&Value> = workflow
        .steps
        .iter()
        .copied()
        .filter(|step| action(step).is_some() || runs_client(step))
        .collect();
    if agents.is_empty() {
        return;
    }
    trigger(&workflow, &agents, found);
    power(&workflow, value, &agents, found);
}

fn triggers(value: &Value) -> Vec<String> {
    // `on` is a flag in YAML 1.1.
    let on = value
        .as_mapping()
        .and_then(|map| map.get("on").or_else(|| map.get(Value::Bool(true))));
    match on {
        Some(Value::String(name)) => vec![name.clone()],
        Some(Value::Sequence(names)) => names
            .iter()
            .filter_map(|name| name.as_str().map(str::to_owned))
            .collect(),
        Some(Value::Mapping(names)) => names
            .keys()
            .filter_map(|name| name.as_str().map(str::to_owned))
            .collect(),
        _ => Vec::new(),
    }
}

fn steps(value: &Value) -> Vec<&Value> {
    let jobs = yaml::at(value, &["jobs"])
        .and_then(Value::as_mapping)
        .into_iter()
        .flat_map(|jobs| jobs.values());
    let steps = jobs.filter_map(|job| yaml::at(job, &["steps"])?.as_sequence());
    // An action of its own that is made of steps.
    let own = yaml::at(value, &["runs", "steps"]).and_then(Value::as_sequence);
    steps.chain(own).flatten().collect()
}

fn text<'a>(step: &'a Value, path: &[&str]) -> &'a str {
    yaml::at(step, path)
        .and_then(Value::as_str)
        .unwrap_or_default()
}

/// The version of the client's action that a step uses.
fn action(step: &Value) -> Option<&str> {
    let uses = text(step, &["uses"]);
    let (name, version) = uses.split_once('@').unwrap_or((uses, ""));
    (name.ends_with("claude-code-action") || name.ends_with("claude-code-base-action"))
        .then_some(version)
}

/// Whether a step runs the client unattended.
fn runs_client(step: &Value) -> bool {
    let script = parse(text(step, &["run"]));
    script.stages().any(|stage| {
        let client = stage.name() == "claude"
            || stage
                .args()
                .iter()
                .any(|word| word.text.starts_with("@anthropic-ai/claude-code"));
        client
            && stage.has_arg(&[
                "-p",
                "--print",
                "--dangerously-skip-permissions",
                "--permission-mode",
            ])
    })
}

fn add(
    check: &'static Check,
    source: &Source,
    needle: &str,
    severity: Severity,
    evidence: String,
    found: &mut Findings<'_>,
) {
    let draft = Draft::on_line(check, source, source.line_of(needle)).severity(severity);
    found.add(draft.effect(Effect::Always).evidence(evidence));
}

fn trigger(workflow: &Workflow<'_>, agents: &[&Value], found: &mut Findings<'_>) {
    let open: Vec<&str> = workflow
        .triggers
        .iter()
        .map(String::as_str)
        .filter(|name| ANYBODY.contains(name))
        .collect();
    let open_door = agents.iter().find_map(|step| {
        let users = text(step, &["with", "allowed_non_write_users"]);
        let bots = text(step, &["with", "allowed_bots"]);
        (!users.is_empty() || bots == "*").then(|| format!("allowed_non_write_users {users}"))
    });
    let strings: Vec<&str> = agents.iter().flat_map(|step| yaml::strings(step)).collect();
    let told = TEXTS
        .iter()
        .find(|name| strings.iter().any(|text| text.contains(**name)));
    let head = workflow.steps.iter().any(|step| {
        text(step, &["uses"]).starts_with("actions/checkout")
            && text(step, &["with", "ref"]).contains("head")
    });
    let direct = agents.iter().any(|step| runs_client(step));
    let unasked = strings.iter().any(|text| {
        text.contains("--dangerously-skip-permissions") || text.contains("bypassPermissions")
    });
    let why = match (open.first(), open_door, told) {
        (Some(event), Some(door), _) => format!("{event} with {door}"),
        (Some(event), _, Some(text)) => format!("{event}: {text} reaches the model"),
        (Some(event), ..) if head => format!("{event} checks out what a stranger wrote"),
        (Some(event), ..) if direct || unasked => {
            format!("{event} runs the client without a look at who sent it")
        }
        (None, Some(door), _) => door,
        // By itself the action answers only those who may write to the repository.
        (Some(event), ..) => {
            return add(
                CI_CLAUDE_UNTRUSTED_TRIGGER,
                workflow.source,
                event,
                Severity::Low,
                (*event).to_owned(),
                found,
            );
        }
        (None, None, Some(text)) => {
            return add(
                CI_CLAUDE_UNTRUSTED_TRIGGER,
                workflow.source,
                text,
                Severity::Medium,
                format!("{text} reaches the model"),
                found,
            );
        }
        (None, None, None) => return,
    };
    let needle = open.first().copied().unwrap_or("allowed_non_write_users");
    add(
        CI_CLAUDE_UNTRUSTED_TRIGGER,
        workflow.source,
        needle,
        Severity::Critical,
        why,
        found,
    );
}

fn power(workflow: &Workflow<'_>, value: &Value, agents: &[&Value], found: &mut Findings<'_>) {
    let source = workflow.source;
    let jobs = yaml::at(value, &["jobs"])
        .and_then(Value::as_mapping)
        .into_iter()
        .flat_map(|jobs| jobs.values());
    if jobs
        .chain([value])
        .any(|part| text(part, &["permissions"]) == "write-all")
    {
        add(
            CI_CLAUDE_OVERPOWERED,
            source,
            "write-all",
            Severity::High,
            "permissions: write-all".to_owned(),
            found,
        );
    }
    for step in agents {
        let strings = yaml::strings(step);
        let broad = strings.iter().find_map(|text| {
            let at = text
                .find("--allowedTools")
                .or_else(|| text.find("--allowed-tools"))?;
            let list = text[at..].split("--").nth(1).unwrap_or_default();
            let mut tools = list.split([',', ' ', '\'', '"', '=', '\n']);
            tools.find(|tool| matches!(*tool, "Bash" | "Bash(*)" | "Bash(:*)" | "*"))
        });
        if let Some(tool) = broad {
            let what = format!("allowedTools {tool}");
            add(
                CI_CLAUDE_OVERPOWERED,
                source,
                "llowed",
                Severity::Medium,
                what,
                found,
            );
        }
        if strings
            .iter()
            .any(|text| text.contains("bypassPermissions"))
        {
            let what = "bypassPermissions".to_owned();
            add(
                CI_CLAUDE_OVERPOWERED,
                source,
                "bypassPermissions",
                Severity::High,
                what,
                found,
            );
        }
        if strings
            .iter()
            .any(|text| text.contains("--dangerously-skip-permissions"))
        {
            add(
                CI_CLAUDE_OVERPOWERED,
                source,
                "--dangerously-skip-permissions",
                Severity::High,
                "--dangerously-skip-permissions".to_owned(),
                found,
            );
        }
        let Some(version) = action(step) else {
            continue;
        };
        let commit = version.len() == 40 && version.bytes().all(|b| b.is_ascii_hexdigit());
        let whole = Version::parse(version).filter(|_| version.matches('.').count() == 2);
        match whole {
            Some(old) if !old.is_at_least("1.0.74") => {
                let evidence = format!(
                    "the action {version} loads servers of a pull request (CVE-2026-47751), fixed in 1.0.74"
                );
                add(
                    CI_CLAUDE_OVERPOWERED,
                    source,
                    "claude-code-",
                    Severity::High,
                    evidence,
                    found,
                );
            }
            _ if !commit => add(
                CI_CLAUDE_OVERPOWERED,
                source,
                "claude-code-",
                Severity::Low,
                format!("the action {version} is not a commit"),
                found,
            ),
            _ => {}
        }
    }
}
