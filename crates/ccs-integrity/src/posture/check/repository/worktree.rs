//! A `.git` that borrows the trust of another repository.

use std::path::{Path, PathBuf};

use super::super::on_path;
use crate::posture::catalog::PROJECT_WORKTREE_SPOOF;
use crate::posture::finding::{Effect, Findings};
use crate::posture::model::{Tree, files};
use crate::posture::source::{Scope, list, status};
use crate::posture::{Context, repository};

/// A `.git` that borrows the trust of another repository.
pub(super) fn worktree(context: &Context<'_>, project: &Path, found: &mut Findings<'_>) {
    let mut report = |path: &Path, why: String| {
        let draft =
            on_path(context, PROJECT_WORKTREE_SPOOF, path, Scope::Project).effect(Effect::Always);
        found.add(draft.evidence(why));
    };
    let dot = project.join(".git");
    let metadata = status(&dot);
    if metadata.as_ref().is_some_and(std::fs::Metadata::is_symlink) {
        report(&dot, "is a link".to_owned());
    }
    if metadata.is_some_and(|metadata| metadata.is_dir()) {
        if dot.join("commondir").exists() {
            report(
                &dot.join("commondir"),
                "a repository of its own has no such file".to_owned(),
            );
        }
        if dot.join("worktrees/.git").exists() {
            report(
                &dot.join("worktrees/.git"),
                "a work tree with the name .git".to_owned(),
            );
        }
        for tree in list(&dot.join("worktrees")) {
            if let Some(why) = strange_common(&tree, &dot) {
                report(&tree.join("commondir"), why);
            }
        }
    }
    let tree = Tree {
        depth: 4,
        most: 20_000,
    };
    let mut pointers: Vec<PathBuf> = files(project, &[], tree).0;
    pointers.retain(|path| path.file_name().is_some_and(|name| name == ".git"));
    for pointer in pointers {
        if let Some(why) = strange_pointer(project, &pointer) {
            report(&pointer, why);
        }
    }
}

/// Why the shared data of a work tree is not that of this repository.
fn strange_common(tree: &Path, dot: &Path) -> Option<String> {
    let text = std::fs::read_to_string(tree.join("commondir")).ok()?;
    let target = crate::path::plain(&tree.join(text.trim()));
    (target != *dot && target.canonicalize().ok() != dot.canonicalize().ok())
        .then(|| format!("leads to {}", text.trim()))
}

/// Why a `.git` file does not belong where it lies. A work tree's data points back; a submodule's
/// lies below the outer repository's.
fn strange_pointer(project: &Path, pointer: &Path) -> Option<String> {
    let folder = pointer.parent()?;
    let data = repository::data(folder)?;
    if data.starts_with(project.join(".git")) && folder != project {
        return None;
    }
    if data.starts_with(project) {
        return Some("its data comes with the repository".to_owned());
    }
    let back = std::fs::read_to_string(data.join("gitdir")).ok();
    let same = |text: &str| {
        let target = Path::new(text.trim());
        target == pointer
            || target
                .canonicalize()
                .ok()
                .is_some_and(|target| pointer.canonicalize().ok() == Some(target))
    };
    let shown = data.to_string_lossy().into_owned();
    match back {
        Some(text) if same(&text) => None,
        Some(_) => Some(format!("{shown} belongs to another work tree")),
        None if folder == project
            && shown.contains("/.git/modules/")
            && data.join("HEAD").exists() =>
        {
            None
        }
        None => Some(format!("leads to {shown}, which does not lead back")),
    }
}
