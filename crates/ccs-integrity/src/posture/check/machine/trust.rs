//! Folders that are trusted.

use std::path::Path;

use super::super::on_value;
use crate::posture::catalog::{TRUST_BROAD, TRUST_STALE};
use crate::posture::finding::Findings;
use crate::posture::json::Val;
use crate::posture::{Context, count};

pub(super) fn trust(context: &Context<'_>, found: &mut Findings<'_>) {
    let Some(projects) = context
        .model
        .state
        .as_ref()
        .and_then(|doc| doc.root().get("projects"))
    else {
        return;
    };
    let mut gone: Option<(Val<'_>, usize)> = None;
    for (key, entry) in projects.members() {
        let Some(accepted) = entry
            .get("hasTrustDialogAccepted")
            .filter(|value| value.flag() == Some(true))
        else {
            continue;
        };
        if is_broad(context, key) {
            found.add(
                on_value(context, TRUST_BROAD, accepted)
                    .evidence(format!("{key} and every clone below it are trusted")),
            );
        } else if context.target.live && !Path::new(key).exists() {
            let (first, number) = gone.unwrap_or((accepted, 0));
            gone = Some((first, number + 1));
        }
    }
    if let Some((first, number)) = gone {
        found.add(on_value(context, TRUST_STALE, first).evidence(format!(
            "{} that do not exist",
            count(number, "trusted folder", "trusted folders")
        )));
    }
}

/// Folders that clones and downloads land in.
fn is_broad(context: &Context<'_>, key: &str) -> bool {
    let home = &context.model.places.home;
    let path = Path::new(key.trim_end_matches('/'));
    let here = context.model.places.resolve(key);
    if here == *home || key.len() <= 3 && key[key.len().min(1)..].starts_with(':') {
        return true;
    }
    let names: Vec<String> = path
        .components()
        .skip(1)
        .map(|part| part.as_os_str().to_string_lossy().into_owned())
        .collect();
    let last = names.last().map_or("", String::as_str);
    let landing = [
        "Downloads",
        "Desktop",
        "Documents",
        "tmp",
        "src",
        "code",
        "projects",
        "repos",
        "git",
        "dev",
        "work",
        "workspace",
    ];
    let user = matches!(names.first().map(String::as_str), Some("home" | "Users"));
    match names.len() {
        0 => true,
        _ if path == home || home.starts_with(path) => true,
        _ if path.parent() == Some(home) || here.parent() == Some(home) => landing.contains(&last),
        1 => [
            "home", "Users", "root", "tmp", "mnt", "srv", "opt", "var", "Volumes",
        ]
        .contains(&last),
        2 if user => true,
        2 => {
            matches!(names[0].as_str(), "var" | "private") && last == "tmp"
                || names[0] == "dev" && last == "shm"
                || names[0] == "root" && landing.contains(&last)
        }
        3 if user => landing.contains(&last),
        3 if names[0] == "usr" => last == "src",
        4 if user => names[2] == "go" && last == "src",
        _ => false,
    }
}
