//! Folders that strangers filled: clones, and what was unpacked or copied from what was fetched.
//!
//! What the session brought before it read anything is the user's choice, and so is a repository
//! that the user named; what came out of a fetched archive is as fetched as the archive.

use std::fs;
use std::path::Path;
use std::time::{Duration, SystemTime};

use ccs_gate::policy::Taint;
use ccs_gate::{Deeds, Way};

use super::brought::{self, Brought, Source};
use super::{Known, State, repository};

/// What happens at the same time does not happen at the same time on every clock.
const SLACK: Duration = Duration::from_secs(2);
/// How long a call took at most, if nobody says it.
const UNKNOWN: Duration = Duration::from_secs(120);
/// The most entries of a folder that are looked at.
const MAX_ENTRIES: usize = 2_000;

/// Whether what a command brings comes from a stranger.
fn is_foreign(
    one: &Brought,
    (state, known): (&State, &Known),
    (policy, deeds): (&Taint, &Deeds),
    was_tainted: bool,
) -> bool {
    match &one.from {
        Source::Repository(source) => {
            was_tainted && !repository::is_chosen(source, known, &policy.hosts)
        }
        Source::Package => was_tainted,
        Source::Place(path) => state.is_fetched(path),
        Source::Pipe => {
            let mut contacts = deeds.contacts.iter();
            contacts.any(|contact| contact.way == Way::Get && !contact.is_local)
        }
    }
}

/// Notes what a call that has run brought. `took` is how long it ran, `commons` are folders that
/// hold more than what came.
pub(crate) fn note(
    state: &mut State,
    known: &Known,
    policy: &Taint,
    deeds: &Deeds,
    was_tainted: bool,
    (took, commons): (Option<Duration>, &[&str]),
) {
    let since = SystemTime::now().checked_sub(took.unwrap_or(UNKNOWN) + SLACK);
    for one in deeds.commands.iter().flat_map(brought::of) {
        if !is_foreign(&one, (state, known), (policy, deeds), was_tainted) {
            continue;
        }
        match one.loose {
            true => fresh(&one.to, since, commons)
                .iter()
                .for_each(|path| state.brought(path)),
            false if repository::is_common(&one.to, commons) => {}
            false => state.brought(&one.to),
        }
    }
}

/// What a call that is about to run would bring: folders, and folders in which what is not there
/// yet would come from it.
pub(super) fn expected(
    (state, known): (&State, &Known),
    policy: &Taint,
    deeds: &Deeds,
) -> (State, Vec<String>) {
    let (mut then, mut loose) = (state.clone(), Vec::new());
    for path in &deeds.downloads {
        then.wrote(path, super::Label::Hostile);
    }
    for one in deeds.commands.iter().flat_map(brought::of) {
        if is_foreign(&one, (&then, known), (policy, deeds), true) {
            match one.loose {
                true => loose.push(one.to),
                false => then.brought(&one.to),
            }
        }
    }
    (then, loose)
}

/// Whether a path lies in one of the folders and is not there yet.
pub(super) fn is_new_in(path: &str, folders: &[String]) -> bool {
    folders.iter().any(|folder| {
        let rest = path
            .strip_prefix(folder.as_str())
            .and_then(|rest| rest.strip_prefix('/'));
        let first = rest.and_then(|rest| rest.split('/').next());
        first.is_some_and(|first| !Path::new(folder).join(first).exists())
    })
}

/// What came into being in a folder since then; the folder itself, if it did.
fn fresh(folder: &str, since: Option<SystemTime>, commons: &[&str]) -> Vec<String> {
    let Some(since) = since else {
        return Vec::new();
    };
    let is_new = |path: &Path| {
        let born = fs::symlink_metadata(path).and_then(|meta| meta.created());
        born.is_ok_and(|born| born >= since)
    };
    if !repository::is_common(folder, commons) && is_new(Path::new(folder)) {
        return vec![folder.to_owned()];
    }
    let entries = fs::read_dir(folder).into_iter().flatten().flatten();
    let new = entries
        .take(MAX_ENTRIES)
        .map(|entry| entry.path())
        .filter(|path| is_new(path));
    new.filter_map(|path| path.to_str().map(str::to_owned))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_came_into_a_shared_folder_is_noted_by_itself() {
        let folder = tempfile::tempdir().expect("a folder");
        let shop = folder.path().to_str().expect("UTF-8").to_owned();
        fs::write(folder.path().join("new.sh"), "").expect("a file");
        let since = |ago| SystemTime::now().checked_sub(Duration::from_secs(ago));

        assert_eq!(
            fresh(&shop, since(60), &[&shop]),
            [format!("{shop}/new.sh")]
        );
        assert_eq!(fresh(&shop, since(60), &[]), std::slice::from_ref(&shop));
        let later = SystemTime::now().checked_add(Duration::from_secs(60));
        assert_eq!(fresh(&shop, later, &[&shop]), [""; 0]);
    }

    #[test]
    fn what_is_not_there_yet_will_have_come_from_the_call() {
        let folder = tempfile::tempdir().expect("a folder");
        let shop = folder.path().to_str().expect("UTF-8").to_owned();
        fs::write(folder.path().join("run.sh"), "").expect("a file");
        let loose = [shop.clone()];
        assert!(is_new_in(&format!("{shop}/lib/configure"), &loose));
        assert!(!is_new_in(&format!("{shop}/run.sh"), &loose));
        assert!(!is_new_in("/elsewhere/x", &loose));
    }
}
