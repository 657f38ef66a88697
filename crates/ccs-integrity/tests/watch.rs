//! Whatever happens to the files, the watcher ends up knowing how they are.
#![cfg(all(unix, feature = "watch"))]

mod support;

use std::fs;
use std::sync::mpsc::{Receiver, Sender, channel};
use std::thread::JoinHandle;
use std::time::Duration;

use ccs_integrity::Error;
use ccs_integrity::drift::Report;
use ccs_integrity::watch::{Pace, Seen, Stop, run};
use support::{Place, key};

/// Long enough for a busy machine; a test that passes never waits for it.
const PATIENCE: Duration = Duration::from_secs(60);

/// A watcher in a thread of its own.
struct Running {
    place: Place,
    stop: Stop,
    said: Receiver<Vec<String>>,
    thread: Option<JoinHandle<Result<(), Error>>>,
}

impl Running {
    fn start(place: Place) -> Self {
        let (stop, (say, said)) = (Stop::new(), channel());
        let thread = {
            let (stop, roots) = (stop.clone(), place.roots());
            let (root, store) = (place.root().to_owned(), place.store());
            std::thread::spawn(move || {
                let pace = Pace {
                    settle: Duration::from_millis(50),
                    at_most: Duration::from_millis(500),
                    // Never by itself: what is seen is seen because of an event.
                    anyway: Duration::from_secs(3600),
                    poll: Duration::from_secs(3600),
                    only_poll: false,
                };
                let lock = root.join("state/watch.lock");
                let given = roots.clone();
                let mut verify = || Ok(store.load(&key().public(), 0)?.verify(&given));
                run(&roots, &lock, &pace, &stop, &mut verify, &mut |seen| {
                    tell(&say, &root, &seen);
                })
            })
        };
        let running = Running {
            place,
            stop,
            said,
            thread: Some(thread),
        };
        running.wait_for(|_| true);
        running
    }

    /// Waits until what deviates is as wanted, and answers it.
    fn wait_for(&self, wanted: impl Fn(&[String]) -> bool) -> Vec<String> {
        let mut last = Vec::new();
        while let Ok(said) = self.said.recv_timeout(PATIENCE) {
            if wanted(&said) {
                return said;
            }
            last = said;
        }
        panic!("waited in vain; the last was {last:?}");
    }

    fn wait_for_exactly(&self, wanted: &[&str]) {
        self.wait_for(|said| said == wanted);
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        self.stop.stop();
        let ended = self.thread.take().map(JoinHandle::join);
        if !std::thread::panicking() {
            assert!(matches!(ended, Some(Ok(Ok(())))));
        }
    }
}

fn tell(say: &Sender<Vec<String>>, root: &std::path::Path, seen: &Seen<'_>) {
    let words = |report: &Report| {
        let shown = report.drifts.iter().map(|drift| {
            let name = drift.path.strip_prefix(root).expect("below");
            format!("{} {}", name.display(), drift.change.word())
        });
        shown.collect()
    };
    let said = match seen {
        Seen::Started { report } | Seen::Changed { report, .. } => words(report),
        Seen::Unverified { .. } => vec!["unverified".to_owned()],
        other => vec![format!("{other:?}")],
    };
    // The test may be over.
    let _ = say.send(said);
}

#[test]
fn a_change_and_its_undoing_are_both_reported() {
    let running = Running::start(Place::signed());
    running.place.write("hooks/guard.sh", "exit 0\n");
    running.wait_for_exactly(&["hooks/guard.sh modified"]);
    running.place.write("hooks/guard.sh", "exit 2\n");
    running.wait_for_exactly(&[]);
}

#[test]
fn w1_a_file_that_is_moved_away_is_removed_and_one_moved_in_is_added() {
    let running = Running::start(Place::signed());
    let place = &running.place;
    place.write("elsewhere/tool.sh", "x");
    fs::rename(
        place.path("hooks/guard.sh"),
        place.path("elsewhere/guard.sh"),
    )
    .expect("moved");
    running.wait_for_exactly(&["hooks/guard.sh removed"]);
    fs::rename(place.path("elsewhere/tool.sh"), place.path("hooks/tool.sh")).expect("moved");
    running.wait_for_exactly(&["hooks/guard.sh removed", "hooks/tool.sh added"]);
}

#[test]
fn w1_a_file_replaced_by_renaming_another_over_it_is_seen() {
    let running = Running::start(Place::signed());
    let place = &running.place;
    for text in ["{\"a\":1}", "{\"b\":2}"] {
        place.write("settings.json.new", text);
        fs::rename(place.path("settings.json.new"), place.path("settings.json")).expect("moved");
        running.wait_for(|said| said == ["settings.json modified"]);
        place.write("settings.json", "{}\n");
        running.wait_for_exactly(&[]);
    }
}

#[test]
fn w1_folders_made_later_are_watched_however_deep() {
    let running = Running::start(Place::signed());
    let place = &running.place;
    place.write("hooks/a/b/c/d.sh", "one");
    running.wait_for_exactly(&["hooks/a/b/c/d.sh added"]);
    fs::remove_file(place.path("hooks/a/b/c/d.sh")).expect("removed");
    running.wait_for_exactly(&[]);
    place.write("hooks/a/b/c/e.sh", "two");
    running.wait_for_exactly(&["hooks/a/b/c/e.sh added"]);
}

#[test]
fn a_root_that_is_deleted_and_made_again_is_still_watched() {
    let running = Running::start(Place::signed());
    let place = &running.place;
    fs::remove_dir_all(place.path("hooks")).expect("removed");
    running.wait_for_exactly(&["hooks/guard.sh removed"]);
    place.write("hooks/guard.sh", "exit 2\n");
    running.wait_for_exactly(&[]);
    place.write("hooks/guard.sh", "exit 0\n");
    running.wait_for_exactly(&["hooks/guard.sh modified"]);
}

#[test]
fn w1_of_ten_thousand_files_at_once_no_final_state_is_missed() {
    let running = Running::start(Place::signed());
    let place = &running.place;
    for number in 0..10_000 {
        let name = place.path(&format!("hooks/{}/{number}.sh", number % 100));
        if number < 100 {
            fs::create_dir(name.parent().expect("below")).expect("made");
        }
        fs::write(&name, "x").expect("written");
        if number % 3 == 0 {
            fs::rename(&name, name.with_extension("renamed")).expect("moved");
        } else if number % 3 == 1 {
            fs::remove_file(&name).expect("removed");
        }
    }
    let expected: Vec<String> = place.words();
    assert_eq!(expected.len(), 10_000 - 3_333);
    running.wait_for(|said| said == expected);
}

#[test]
fn a_manifest_that_is_taken_away_is_reported_and_so_is_its_return() {
    let running = Running::start(Place::signed());
    let place = &running.place;
    let (manifest, aside) = (place.path("state/integrity/manifest"), place.path("aside"));
    fs::rename(&manifest, &aside).expect("moved");
    place.write("hooks/guard.sh", "exit 0\n");
    running.wait_for_exactly(&["unverified"]);
    fs::rename(&aside, &manifest).expect("moved");
    place.write("hooks/guard.sh", "exit 1\n");
    running.wait_for_exactly(&["hooks/guard.sh modified"]);
}

#[test]
fn a_newly_signed_manifest_is_followed() {
    let running = Running::start(Place::signed());
    running.place.write("hooks/new.sh", "x");
    running.wait_for_exactly(&["hooks/new.sh added"]);
    running.place.sign();
    running.place.write("hooks/newer.sh", "x");
    running.wait_for_exactly(&["hooks/newer.sh added"]);
}

#[test]
fn a_second_watcher_is_refused_and_the_first_goes_on() {
    let running = Running::start(Place::signed());
    let lock = running.place.path("state/watch.lock");
    let mut verify = || Ok(Report::default());
    let second = run(
        &[],
        &lock,
        &Pace::default(),
        &Stop::new(),
        &mut verify,
        &mut |_| {},
    );
    assert!(matches!(second, Err(Error::Watched { .. })));
    running.place.write("hooks/guard.sh", "exit 0\n");
    running.wait_for_exactly(&["hooks/guard.sh modified"]);
}

#[test]
fn without_watches_a_final_state_is_seen_at_the_next_interval() {
    let place = Place::signed();
    let pace = Pace {
        poll: Duration::from_millis(10),
        only_poll: true,
        ..Pace::default()
    };
    let (stop, mut said) = (Stop::new(), Vec::new());
    let ends = stop.clone();
    let mut verify = || Ok(place.load()?.verify(&[]));
    let mut on = |seen: Seen<'_>| match seen {
        Seen::Polling { .. } => said.push("polling".to_owned()),
        Seen::Started { .. } => place.write("hooks/guard.sh", "exit 0\n"),
        Seen::Changed { new, .. } => {
            said.push(new[0].change.word().to_owned());
            ends.stop();
        }
        other => said.push(format!("{other:?}")),
    };
    let lock = place.path("state/watch.lock");
    run(&place.roots(), &lock, &pace, &stop, &mut verify, &mut on).expect("ended");
    assert_eq!(said, ["polling", "modified"]);
}

#[test]
fn without_any_event_it_verifies_at_intervals() {
    let place = Place::signed();
    let lock = place.path("state/watch.lock");
    let pace = Pace {
        anyway: Duration::from_millis(10),
        ..Pace::default()
    };
    let (stop, mut verified) = (Stop::new(), 0);
    let ends = stop.clone();
    let mut verify = || {
        verified += 1;
        if verified == 3 {
            ends.stop();
        }
        Ok(Report::default())
    };
    // Nothing is watched, so nothing can happen.
    run(&[], &lock, &pace, &stop, &mut verify, &mut |_| {}).expect("ended");
    assert_eq!(verified, 3);
}
