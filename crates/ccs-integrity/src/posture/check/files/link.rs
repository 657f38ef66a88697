//! Links: settings that are one, and those that lead out of a repository.

use std::path::{Path, PathBuf};

use super::super::mode::{self, Others};
use super::super::on_path;
use super::settings_paths;
use crate::posture::catalog::{FS_PROJECT_SYMLINK_ESCAPE, FS_SETTINGS_SYMLINK};
use crate::posture::finding::{Findings, Severity};
use crate::posture::model::{Tree, every_file};
use crate::posture::source::{Scope, status};
use crate::posture::{Context, danger};

pub(super) fn links(context: &Context<'_>, found: &mut Findings<'_>) {
    let places = &context.model.places;
    let mut own: Vec<PathBuf> = settings_paths(context)
        .into_iter()
        .map(|(path, _)| path)
        .collect();
    own.extend(["hooks", "skills", "agents", "commands"].map(|name| places.config.join(name)));
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
    for path in every_file(
        project,
        Tree {
            depth: 6,
            most: 20_000,
        },
    ) {
        let Ok(text) = std::fs::read_link(&path) else {
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
        let is_read = path.starts_with(&read) || path.parent() == Some(project);
        let severity = match (secret, is_read) {
            (true, true) => Severity::Critical,
            (true, false) | (false, true) => Severity::High,
            (false, false) => continue,
        };
        found.add(
            on_path(context, FS_PROJECT_SYMLINK_ESCAPE, &path, Scope::Project)
                .severity(severity)
                .evidence(format!("leads to {text}")),
        );
    }
}
