//! What would run, and where the key would go, without anybody being asked.
//!
//! An unattended run skips the question whether the folder is trusted, so whatever the repository
//! registers counts: harmless or not cannot be told from a name. What is dangerous as such is a
//! finding besides.

use serde::Serialize;

use super::check::environment::{HELPERS, KEY_HELPER, is_address};
use super::finding::{Place, one_line};
use super::json::Val;
use super::source::{Scope, Source};
use super::url::Url;
use super::{Context, repository};

/// Something of the repository that the client starts.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct Start {
    /// What it is: the event of a hook, the name of a server, the setting of a helper.
    pub what: String,
    /// The command or the address, in one line, without any secret.
    pub runs: String,
    /// Where it is registered.
    #[serde(flatten)]
    pub place: Place,
}

/// An address that the model's requests go to.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct Destination {
    /// The variable that says so.
    pub variable: String,
    /// The scheme and host, or the text if it is no address.
    pub host: String,
    /// Whether the repository says so.
    pub from_repository: bool,
    /// Where it is set; `None` for the environment.
    #[serde(flatten)]
    pub place: Option<Place>,
}

pub(super) fn look(context: &Context<'_>) -> (Vec<Start>, Vec<Destination>) {
    let mut starts = Vec::new();
    hooks(context, &mut starts);
    servers(context, &mut starts);
    helpers(context, &mut starts);
    starts.sort();
    starts.dedup();
    (starts, destinations(context))
}

/// The local settings are the user's own, unless the repository brings them along.
fn is_foreign(context: &Context<'_>, scope: Scope) -> bool {
    let Some(project) = &context.model.places.project else {
        return false;
    };
    match scope {
        Scope::Project => true,
        Scope::Local => {
            repository::data(project).is_none()
                || repository::is_tracked(project, ".claude/settings.local.json")
        }
        _ => false,
    }
}

fn start(context: &Context<'_>, what: String, runs: &str, source: &Source, at: usize) -> Start {
    let (line, column) = source.position(at);
    Start {
        what,
        runs: one_line(&context.scanners.hide(runs)),
        place: Place {
            base: source.base,
            path: source.name.clone(),
            line,
            column,
        },
    }
}

fn hooks(context: &Context<'_>, starts: &mut Vec<Start>) {
    let hooks = context.model.hooks.iter();
    for hook in hooks.filter(|hook| !hook.in_front && is_foreign(context, hook.scope())) {
        let runs = hook.url.as_deref().filter(|_| hook.command.is_empty());
        let runs = runs.unwrap_or(&hook.command);
        let what = format!("hook {}", hook.event);
        starts.push(start(context, what, runs, &hook.source, hook.offset));
    }
}

/// Servers wait for consent, unless somebody gave it in advance.
fn servers(context: &Context<'_>, starts: &mut Vec<Start>) {
    let model = context.model;
    let all = model
        .every(&["enableAllProjectMcpServers"])
        .any(|(_, value)| value.flag() == Some(true));
    let named = |name: &str| {
        model
            .every(&["enabledMcpjsonServers"])
            .any(|(_, list)| list.texts().any(|(known, _)| known == name))
    };
    for server in model.servers.iter().filter(|server| !server.in_front) {
        if is_foreign(context, server.scope) && (all || named(&server.name)) {
            let line = server.line();
            let address = server.parts.url.as_ref().map(|(url, _)| url.as_str());
            let runs = address.filter(|_| line.is_empty()).unwrap_or(&line);
            let what = format!("server {}", server.name);
            starts.push(start(context, what, runs, &server.source, server.offset));
        }
    }
}

fn helpers(context: &Context<'_>, starts: &mut Vec<Start>) {
    for path in HELPERS.iter().chain([&KEY_HELPER]) {
        for (file, value) in context.model.every(path) {
            if let Some(command) = value.text().filter(|_| is_foreign(context, file.scope)) {
                let source = &value.doc.source;
                starts.push(start(
                    context,
                    path.join("."),
                    command,
                    source,
                    value.offset(),
                ));
            }
        }
    }
}

fn destinations(context: &Context<'_>) -> Vec<Destination> {
    let mut found = Vec::new();
    for (file, variables) in context.model.every(&["env"]) {
        for (name, value) in variables.members() {
            let text = value
                .text()
                .filter(|_| is_address(&name.to_ascii_uppercase()));
            if let Some(text) = text {
                let foreign = is_foreign(context, file.scope);
                found.extend(destination(name, text, foreign, Some(value)));
            }
        }
    }
    for (name, text) in &context.target.environment {
        if is_address(name) {
            found.extend(destination(name, text, false, None));
        }
    }
    found.sort();
    found.dedup();
    found
}

/// `None` if the requests go to Anthropic, encrypted.
fn destination(
    name: &str,
    text: &str,
    from_repository: bool,
    value: Option<Val<'_>>,
) -> Option<Destination> {
    let url = Url::parse(text);
    let ours = |url: &Url<'_>| {
        url.is_below("anthropic.com") && url.scheme == "https" && url.user.is_none()
    };
    if text.trim().is_empty() || url.as_ref().is_some_and(ours) {
        return None;
    }
    let host = url.map_or_else(
        || one_line(text),
        |url| one_line(&format!("{}://{}", url.scheme, url.host)),
    );
    let place = value.map(|value| {
        let source = &value.doc.source;
        let (line, column) = source.position(value.offset());
        Place {
            base: source.base,
            path: source.name.clone(),
            line,
            column,
        }
    });
    Some(Destination {
        variable: one_line(name),
        host,
        from_repository,
        place,
    })
}
