//! Links: settings that are one, and those that lead out of a repository.

use std::path::{Path, PathBuf};

use super::super::mode::{self, Others};
use super::super::on_path;
use super::settings_paths;
use crate::posture::catalog::{FS_PROJECT_SYMLINK_ESCAPE, FS_SETTINGS_SYMLINK};
use crate::posture::finding::{Findings, Severity};
use crate::posture::source::{Scope, status};
use crate::posture::{Context, danger};

pub(super) fn links(context: &Context<'_>, found: &mut Findings<'_>) {
    let places = &context.model.places;
    let mut own: Vec<PathBuf> = settings_paths(context)
        .into_iter()
        .map(|(path, _)| path)
        .collect();
    let folders = [
        "hooks",
        "skills",
        "agents",
        "commands",
        "rules",
        "output-styles",
        "plugins",
    ];
    own.extend(folders.map(|name| places.config.join(name)));
    own.push(places.config.clone());
    for path in own.iter().filter(|path| !is_in_project(context, path)) {
        if status(path).is_some_and(|metadata| metadata.is_symlink()) {
            let target = path.canonicalize().unwrap_or_default();
            let outside = !target.starts_with(&places.home);
            let severity =
                if outside || mode::of(path).is_some_and(|mode| mode.writers() == Others::Some) {
                    Severity::Medium
                } else {
                    Severity::Low
                };
            let evidence = format!("leads to {}", context.reader.locate(&target).1);
            found.add(
                on_path(context, FS_SETTINGS_SYMLINK, path, Scope::User)
                    .severity(severity)
                    .evidence(evidence),
            );
        }
    }
    project_links(context, found);
}

fn is_in_project(context: &Context<'_>, path: &Path) -> bool {
    context
        .model
        .places
        .project
        .as_ref()
        .is_some_and(|project| path.starts_with(project))
}

/// Links of a repository that lead out of it, at the places the client reads.
fn project_links(context: &Context<'_>, found: &mut Findings<'_>) {
    let Some(project) = &context.model.places.project else {
        return;
    };
    let Ok(real) = project.canonicalize() else {
        return;
    };
    let read = project.join(".claude");
    let links = context
        .model
        .every_file()
        .iter()
        .filter(|file| file.is_link);
    for path in links.map(|file| &file.path) {
        let Ok(text) = std::fs::read_link(path) else {
            continue;
        };
        let target = path
            .canonicalize()
            .unwrap_or_else(|_| crate::path::plain(&path.parent().unwrap_or(project).join(&text)));
        if target.starts_with(&real) || target.starts_with(project) {
            continue;
        }
        let text = text.to_string_lossy().into_owned();
        let secret = danger::secret_place(&text).is_some();
        // What the client reads by itself lies in these places; of others only secrets matter.
        let is_read =
            path.starts_with(&read) || path.parent() == Some(project) || is_believed(path);
        let severity = match (secret, is_read) {
            (true, true) => Severity::Critical,
            (true, false) | (false, true) => Severity::High,
            (false, false) => continue,
        };
        found.add(
            on_path(context, FS_PROJECT_SYMLINK_ESCAPE, path, Scope::Project)
                .severity(severity)
                .evidence(format!("leads to {text}")),
        );
    }
}

/// Whether the client reads a file of any folder by itself.
fn is_believed(path: &Path) -> bool {
    let named = ["CLAUDE.md", "CLAUDE.local.md", "AGENTS.md", ".mcp.json"];
    let within = path.parent().into_iter().flat_map(Path::components);
    path.file_name()
        .is_some_and(|name| named.iter().any(|known| name == *known))
        || within.into_iter().any(|part| part.as_os_str() == ".claude")
}
