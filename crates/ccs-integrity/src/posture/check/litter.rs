//! What agents leave in a repository.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use super::on_path;
use crate::posture::catalog::PROJECT_AGENT_LITTER;
use crate::posture::finding::{Draft, Findings, Severity};
use crate::posture::litter::{Litter, user_paths};
use crate::posture::source::{Scope, Source};
use crate::posture::{Context, count, repository};

pub(super) fn run(context: &Context<'_>, found: &mut Findings<'_>) {
    let Some(project) = context
        .model
        .places
        .project
        .as_ref()
        .filter(|_| !context.target.quick)
    else {
        return;
    };
    left(context, project, found);
    paths(context, found);
}

/// How much of one file is searched for secrets, in bytes, and of how many files.
const EACH: u64 = 256 * 1024;
const MOST: usize = 40;

/// Files by their names: one finding for each kind, and one for each file with a secret.
fn left(context: &Context<'_>, project: &Path, found: &mut Findings<'_>) {
    let mut kinds: BTreeMap<Litter, Vec<&PathBuf>> = BTreeMap::new();
    for (path, kind) in kept(context, project) {
        kinds.entry(kind).or_default().push(path);
    }
    for (kind, paths) in &kinds {
        let what = match kind {
            Litter::Transcript => (
                "transcript or lines of JSON",
                "transcripts or lines of JSON",
            ),
            Litter::Log => ("log", "logs"),
            Litter::Backup => ("backup", "backups"),
            Litter::Names => ("list of names by macOS", "lists of names by macOS"),
        };
        let draft = on_path(context, PROJECT_AGENT_LITTER, paths[0], Scope::Project);
        let evidence = count(paths.len(), what.0, what.1);
        found.add(draft.severity(Severity::Low).evidence(evidence));
    }
    for path in kinds.values().flatten().take(MOST) {
        let text = context.reader.beginning(path, EACH).unwrap_or_default();
        if let Some(secret) = context.scanners.secrets.secrets(&text).into_iter().next() {
            let draft = on_path(context, PROJECT_AGENT_LITTER, path, Scope::Project);
            found.add(draft.evidence(secret.kind));
        }
    }
}

/// What the repository holds of it: what git keeps, or everything where git keeps no list.
fn kept<'a>(context: &'a Context<'_>, project: &Path) -> Vec<(&'a PathBuf, Litter)> {
    let index = repository::Index::read(project);
    let foreign = [
        ".git",
        "node_modules",
        "vendor",
        "target",
        "dist",
        ".venv",
        "venv",
    ];
    let entries = context.model.every_file().iter().map(|entry| &entry.path);
    let named = entries.filter_map(|path| Some((path, Litter::at(&path.to_string_lossy())?)));
    let ours = named.filter(|(path, _)| {
        let below = path.strip_prefix(project).unwrap_or(path);
        let mut parts = below.components();
        parts.all(|part| !foreign.iter().any(|name| part.as_os_str() == *name))
    });
    let held = ours.filter(|(path, _)| {
        let name = context.reader.locate(path).1;
        index.as_ref().is_none_or(|index| index.has(&name)) && Litter::at(&name).is_some()
    });
    held.collect()
}

/// Paths of somebody in particular, in what a repository brings for the client.
fn paths(context: &Context<'_>, found: &mut Findings<'_>) {
    let settings = context
        .model
        .settings
        .iter()
        .filter(|file| file.scope == Scope::Project);
    let settings = settings.map(|file| &*file.doc.source);
    let texts = context.model.texts.iter().map(|text| &*text.source);
    let texts = texts.filter(|source| source.scope == Scope::Project);
    let mut all: Vec<&Source> = settings.chain(texts).collect();
    all.sort_by(|a, b| a.path.cmp(&b.path));
    all.dedup_by(|a, b| a.path == b.path);
    for source in all {
        if let Some((start, end)) = user_paths(&source.text).next() {
            let draft = Draft::at(PROJECT_AGENT_LITTER, source, start).severity(Severity::Low);
            let evidence = format!("the path of a user: {}", &source.text[start..end]);
            found.add(draft.evidence(evidence));
        }
    }
}
