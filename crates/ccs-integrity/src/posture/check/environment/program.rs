//! Programs that the client starts for itself.

use std::path::Path;

use super::super::mode::{self, Others};
use super::super::on_value;
use crate::posture::catalog::{AUTH_HELPER_IN_REPO, EXEC_HELPER_IN_PROJECT};
use crate::posture::danger::{downloads, in_shell};
use crate::posture::finding::Findings;
use crate::posture::model::{Places, suspicious};
use crate::posture::shell::parse;
use crate::posture::{Context, url};

/// Programs that the client starts for itself.
pub(in crate::posture) const HELPERS: &[&[&str]] = &[
    &["statusLine"],
    &["statusLine", "command"],
    &["subagentStatusLine", "command"],
    &["fileSuggestion", "command"],
    &["awsAuthRefresh"],
    &["awsCredentialExport"],
    &["gcpAuthRefresh"],
    &["otelHeadersHelper"],
    &["sandbox", "ripgrep", "command"],
    &["processWrapper"],
    &["proxyAuthHelper"],
];

/// The program that is asked for the key.
pub(in crate::posture) const KEY_HELPER: &[&str] = &["apiKeyHelper"];

pub(super) fn helpers(context: &Context<'_>, found: &mut Findings<'_>) {
    for path in HELPERS {
        for (file, value) in context.model.every(path) {
            let Some(command) = value.text().filter(|_| file.scope.is_from_repository()) else {
                continue;
            };
            let draft = on_value(context, EXEC_HELPER_IN_PROJECT, value)
                .effect(context.at_once(file.scope));
            found.add(draft.evidence(format!("{}: {command}", path.join("."))));
        }
    }
    for (file, value) in context.model.every(KEY_HELPER) {
        let command = value.text().unwrap_or_default();
        let why = match file.scope.is_from_repository() {
            true => Some("brought by the repository".to_owned()),
            false => helper_of_others(context, command),
        };
        if let Some(why) = why {
            let draft =
                on_value(context, AUTH_HELPER_IN_REPO, value).effect(context.at_once(file.scope));
            found.add(draft.evidence(format!("{command}: {why}")));
        }
    }
}

/// Why the user's own helper is not the user's own.
fn helper_of_others(context: &Context<'_>, command: &str) -> Option<String> {
    let places = &context.model.places;
    crate::posture::model::targets(command)
        .iter()
        .find_map(|target| {
            let path = places.resolve(target);
            let in_project = places
                .inside(&path)
                .is_some_and(|(_, in_project)| in_project);
            let relative = !target.starts_with(['/', '~', '$', '%']);
            match mode::of(&path) {
                _ if in_project || relative => Some("lies in a project".to_owned()),
                Some(mode) if mode.writers() == Others::Some => {
                    Some(format!("others may write it, {mode}"))
                }
                Some(_) if is_open(&path, places) => {
                    Some("others may write the folder it lies in".to_owned())
                }
                None if places.inside(&path).is_some() && !path.exists() => {
                    Some("does not exist".to_owned())
                }
                _ if in_repository(&path, &places.home) => Some("lies in a repository".to_owned()),
                _ => suspicious(places, &path),
            }
        })
        .or_else(|| {
            let sight = in_shell(command).into_iter().next();
            let script = parse(command);
            let fetches = script.stages().any(|stage| downloads(stage.name()));
            let far = fetches && url::all(command).any(|url| !url.is_loopback());
            sight
                .map(|sight| sight.what)
                .or(far.then(|| "fetches the key".to_owned()))
        })
}

/// Whether others may put another program in the place of one below the home folder.
fn is_open(path: &Path, places: &Places) -> bool {
    let folder = path
        .parent()
        .filter(|folder| folder.starts_with(&places.home));
    let mode = folder.and_then(mode::of);
    mode.is_some_and(|mode| mode.writers() == Others::Some && !mode.is_sticky())
}

/// Whether a program lies in somebody's clone below the home folder. A home folder that is itself a
/// repository holds dotfiles.
fn in_repository(path: &Path, home: &Path) -> bool {
    let folders = path
        .ancestors()
        .skip(1)
        .take_while(|folder| *folder != home);
    path.starts_with(home)
        && folders
            .into_iter()
            .any(|folder| folder.join(".git").exists())
}
