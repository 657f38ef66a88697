//! The checks, one file for each group.

mod assignment;
pub(super) mod environment;
mod extension;
mod files;
mod guard;
mod hook;
mod litter;
mod machine;
mod mcp;
mod mode;
mod own;
mod package;
mod permission;
mod repository;
mod rule;
mod sandbox;
mod secret;
mod settings;
mod text;
mod workflow;

use std::path::Path;

use super::Context;
use super::catalog::Check;
use super::finding::{Draft, Findings, Severity};
use super::json::Val;
use super::source::{Scope, Source};

/// Every group of checks.
pub(super) const ALL: &[fn(&Context<'_>, &mut Findings<'_>)] = &[
    files::run,
    settings::run,
    permission::run,
    sandbox::run,
    environment::run,
    secret::run,
    hook::run,
    guard::run,
    mcp::run,
    package::run,
    text::run,
    extension::run,
    repository::run,
    litter::run,
    workflow::run,
    machine::run,
    own::run,
];

/// About a file or folder as such.
fn on_path(context: &Context<'_>, check: &'static Check, path: &Path, scope: Scope) -> Draft {
    let (base, name) = context.reader.locate(path);
    Draft::about(check, base, &name, scope).effect(context.effect(scope))
}

/// Reports something at a place of a text.
fn in_text(
    context: &Context<'_>,
    check: &'static Check,
    source: &Source,
    offset: usize,
    severity: Severity,
    evidence: &str,
    found: &mut Findings<'_>,
) {
    let draft = Draft::at(check, source, offset).severity(severity);
    let draft = draft.effect(context.effect(source.scope));
    found.add(draft.evidence(evidence));
}

/// At a value of a settings file.
fn on_value(context: &Context<'_>, check: &'static Check, value: Val<'_>) -> Draft {
    let source = &value.doc.source;
    Draft::at(check, source, value.offset()).effect(context.effect(source.scope))
}
