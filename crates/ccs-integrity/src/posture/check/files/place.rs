//! The administrator's files, the client's program, and where its folder is.

use super::super::mode::{self, Others};
use super::super::on_path;
use super::writable;
use crate::posture::Context;
use crate::posture::catalog::{
    FS_INSTALL_PERMS_WRITABLE, FS_MANAGED_PERMS, FS_SHARED_TMP, FS_SYNCED_DIR,
};
use crate::posture::finding::Findings;
use crate::posture::source::{Scope, list, status};

pub(super) fn managed(context: &Context<'_>, found: &mut Findings<'_>) {
    let Some(managed) = &context.model.places.managed else {
        return;
    };
    let names = [
        "",
        "managed-settings.json",
        "managed-settings.d",
        "managed-mcp.json",
        "CLAUDE.md",
    ];
    let paths = names.iter().map(|name| managed.join(name));
    for path in paths.chain(list(&managed.join("managed-settings.d"))) {
        let Some(mode) = mode::of(&path) else {
            continue;
        };
        if mode.writers() != Others::None || context.target.live && mode.owner != 0 {
            found.add(
                on_path(context, FS_MANAGED_PERMS, &path, Scope::Managed)
                    .evidence(mode.to_string()),
            );
        }
    }
}

/// The client's own program.
pub(super) fn install(context: &Context<'_>, found: &mut Findings<'_>) {
    let home = &context.model.places.home;
    let versions = home.join(".local/share/claude/versions");
    let mut paths = vec![
        home.join(".local/bin"),
        home.join(".local/bin/claude"),
        home.join(".local"),
        home.join(".local/share"),
        home.join(".local/share/claude"),
        versions.clone(),
    ];
    let local = home.join(".claude/local");
    paths.push(local.join("claude"));
    paths.push(local);
    paths.extend(list(&versions));
    for manifest in context.model.places.packages() {
        let folder = manifest.parent().map(list).unwrap_or_default();
        paths.extend(folder.into_iter().filter(|path| path.is_file()));
    }
    paths.sort();
    paths.dedup();
    for path in paths {
        writable(
            context,
            found,
            FS_INSTALL_PERMS_WRITABLE,
            &path,
            Scope::Machine,
        );
    }
}

pub(super) fn surroundings(context: &Context<'_>, found: &mut Findings<'_>) {
    let config = &context.model.places.config;
    let synced = [
        "Dropbox",
        "OneDrive",
        "Google Drive",
        "iCloud",
        "Mobile Documents",
        "Nextcloud",
        "Syncthing",
    ];
    let real = config.canonicalize().unwrap_or_else(|_| config.clone());
    // What holds sessions may be elsewhere than the folder itself.
    let sessions = config.join("projects").canonicalize();
    let places = [Some(&real), sessions.as_ref().ok()];
    let marker = synced.iter().find(|name| {
        let mut parts = places.iter().flatten().flat_map(|place| place.components());
        parts.any(|part| part.as_os_str().to_string_lossy().starts_with(**name))
    });
    let home = context.model.places.home.canonicalize().unwrap_or_default();
    let left = [
        ".stfolder",
        ".dropbox",
        ".dropbox.cache",
        ".nextcloudsync.log",
        ".owncloudsync.log",
    ];
    let folders = real
        .ancestors()
        .take_while(|folder| folder.starts_with(&home) && **folder != home);
    let kept = folders
        .into_iter()
        .find_map(|folder| left.iter().find(|name| folder.join(name).exists()));
    if let Some(marker) = marker.or(kept) {
        found.add(
            on_path(context, FS_SYNCED_DIR, config, Scope::User)
                .evidence(format!("below {marker}")),
        );
    }
    for (file, value) in context.model.every(&["env", "CLAUDE_CODE_TMPDIR"]) {
        let folder = context
            .model
            .places
            .resolve(value.text().unwrap_or_default());
        let open = mode::of(&folder)
            .is_some_and(|mode| mode.writers() == Others::Some && !mode.is_sticky());
        let link = status(&folder).is_some_and(|metadata| metadata.is_symlink());
        let shared = file.scope.is_from_repository() && folder.starts_with("/tmp");
        if open || link || shared {
            let draft = super::super::on_value(context, FS_SHARED_TMP, value).scope(file.scope);
            found.add(draft.evidence(value.text().unwrap_or_default()));
        }
    }
}
