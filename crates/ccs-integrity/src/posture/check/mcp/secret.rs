//! Whose secrets go where.

use super::add;
use crate::posture::Context;
use crate::posture::catalog::MCP_CREDENTIAL_FORWARDING;
use crate::posture::danger::{downloads, is_loopback_text};
use crate::posture::finding::{Findings, Severity};
use crate::posture::model::Server;
use crate::posture::shell::parse;
use crate::posture::source::Scope;
use crate::posture::url;

/// Whose secret a variable is, and where it belongs.
const OWNERS: &[(&str, &[&str])] = &[
    ("ANTHROPIC", &["anthropic.com", "claude.ai", "claude.com"]),
    ("CLAUDE", &["anthropic.com", "claude.ai", "claude.com"]),
    ("AWS", &["amazonaws.com", "aws.amazon.com", "api.aws"]),
    (
        "GITHUB",
        &["github.com", "githubcopilot.com", "githubusercontent.com"],
    ),
    ("GH", &["github.com", "githubcopilot.com"]),
    ("GITLAB", &["gitlab.com"]),
    ("OPENAI", &["openai.com"]),
    ("GOOGLE", &["google.com", "googleapis.com"]),
    ("GEMINI", &["google.com", "googleapis.com"]),
    ("GCP", &["google.com", "googleapis.com"]),
    ("AZURE", &["azure.com", "microsoft.com", "windows.net"]),
    ("NPM", &["npmjs.org", "npmjs.com"]),
    ("STRIPE", &["stripe.com"]),
    ("SLACK", &["slack.com"]),
    ("HF", &["huggingface.co"]),
    ("SSH", &[]),
    ("DATABASE", &[]),
    ("VAULT", &[]),
    ("KUBE", &[]),
];

/// The secret variable that a command line gives to a host that it does not belong to.
pub(in crate::posture::check) fn misdirected(line: &str) -> Option<String> {
    let script = parse(line);
    for stage in script.stages().filter(|stage| downloads(stage.name())) {
        let words = stage.args();
        let text: Vec<&str> = words.iter().map(|word| word.text.as_str()).collect();
        let hosts: Vec<String> = url::all(&text.join(" ")).map(|url| url.host).collect();
        if hosts.is_empty() || hosts.iter().all(|host| is_loopback_text(host)) {
            continue;
        }
        let mut names = words
            .iter()
            .flat_map(|word| word.split.iter().chain(&word.whole));
        if let Some(name) = names.find(|name| is_foreign(name, &hosts)) {
            return Some(format!("{}, ${name} with it", hosts.join(", ")));
        }
    }
    None
}

/// Whether a variable is somebody's secret, and one of the hosts is not theirs.
fn is_foreign(name: &str, hosts: &[String]) -> bool {
    let upper = name.to_ascii_uppercase();
    let owner = OWNERS.iter().find(|(owner, _)| {
        upper
            .strip_prefix(owner)
            .is_some_and(|rest| rest.starts_with('_'))
    });
    let secret = ["KEY", "TOKEN", "SECRET", "PASSWORD", "CREDENTIAL"];
    owner.is_some_and(|(_, domains)| {
        secret.iter().any(|word| upper.contains(word))
            && hosts
                .iter()
                .any(|host| !domains.iter().any(|domain| url::is_below(host, domain)))
    })
}

pub(super) fn forwards(context: &Context<'_>, server: &Server, found: &mut Findings<'_>) {
    if matches!(server.scope, Scope::User | Scope::Managed) {
        return;
    }
    let headers = server.parts.headers.iter().map(|(_, text, at)| (text, *at));
    let rest = server
        .parts
        .url
        .iter()
        .chain(&server.parts.args)
        .map(|(text, at)| (text, *at));
    let line = server
        .parts
        .url
        .iter()
        .chain(&server.parts.args)
        .map(|(text, _)| text.as_str())
        .collect::<Vec<_>>()
        .join(" ");
    let hosts: Vec<String> = url::all(&line).map(|url| url.host).collect();
    if hosts.is_empty() || hosts.iter().all(|host| is_loopback_text(host)) {
        return;
    }
    for (text, offset) in headers.chain(rest) {
        for name in variables(text) {
            let upper = name.to_ascii_uppercase();
            let owner = OWNERS.iter().find(|(owner, _)| {
                upper.starts_with(owner) && upper[owner.len()..].starts_with('_')
            });
            let home = |domains: &[&str]| {
                hosts
                    .iter()
                    .all(|host| domains.iter().any(|domain| url::is_below(host, domain)))
            };
            if owner.is_some_and(|(_, domains)| !home(domains)) {
                add(
                    context,
                    MCP_CREDENTIAL_FORWARDING,
                    server,
                    offset,
                    Severity::Critical,
                    format!("{name} goes to {}", hosts.join(", ")),
                    found,
                );
            }
        }
    }
}

/// The names in `${NAME}`, `${NAME:-…}` and `$NAME`.
fn variables(text: &str) -> Vec<&str> {
    let pieces = text.split('$').skip(1);
    let names = pieces.map(|piece| {
        let piece = piece.strip_prefix('{').unwrap_or(piece);
        let end = piece
            .find(|c: char| !c.is_ascii_alphanumeric() && c != '_')
            .unwrap_or(piece.len());
        &piece[..end]
    });
    names.filter(|name| !name.is_empty()).collect()
}
