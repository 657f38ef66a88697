use std::time::Duration;

use super::*;
use crate::{Entry, Founding, Log, Options};

struct Scene(tempfile::TempDir);

impl Scene {
    /// A log of so many entries and the first one of its own.
    fn new(entries: u64) -> Self {
        let scene = Self(tempfile::tempdir().expect("a folder"));
        let options = Options {
            found: Some(Founding::default()),
            ..Options::default()
        };
        let mut log = Log::open(&scene.log(), options).expect("a log");
        for number in 0..entries {
            let mut entry = Entry::new("e");
            entry.target = format!("target {number}");
            log.append(entry).expect("kept");
        }
        scene
    }

    fn log(&self) -> PathBuf {
        self.0.path().join("log")
    }

    fn outbox(&self) -> Outbox {
        Outbox::open(&self.log(), "test").expect("opened")
    }

    fn reader(&self) -> Reader {
        Reader::open(&self.log(), None).expect("a log")
    }
}

/// Takes what `answer` lets through, and remembers the numbers.
struct Receiver(Vec<u64>, fn(&[Stored]) -> Result<(), Refused>);

impl Sink for Receiver {
    fn send(&mut self, batch: &[Stored]) -> Result<(), Refused> {
        (self.1)(batch)?;
        self.0.extend(batch.iter().map(|one| one.record.seq));
        Ok(())
    }
}

#[test]
fn every_entry_is_sent_once_and_progress_outlives_the_process() {
    let scene = Scene::new(1_200);
    let mut receiver = Receiver(Vec::new(), |_| Ok(()));
    let mut steps = Vec::new();
    loop {
        let step = scene.outbox().step(&mut scene.reader(), &mut receiver);
        match step.expect("sent") {
            Step::Sent { count, .. } => steps.push(count),
            other => break assert_eq!(other, Step::Idle),
        }
    }
    assert_eq!(steps, [500, 500, 201]);
    assert_eq!(receiver.0, (0..=1_200).collect::<Vec<_>>());
    assert_eq!(scene.outbox().progress().sent, 1_201);
}

#[test]
fn a_receiver_that_is_down_is_left_alone_and_loses_nothing() {
    let scene = Scene::new(3);
    let mut down = Receiver(Vec::new(), |_| Err(Refused::later("down")));
    let first = scene.outbox().step(&mut scene.reader(), &mut down);
    assert!(matches!(first, Ok(Step::Waiting { why, .. }) if why == "down"));

    let mut up = Receiver(Vec::new(), |_| Ok(()));
    let soon = scene.outbox().step(&mut scene.reader(), &mut up);
    assert!(matches!(soon, Ok(Step::Waiting { .. })) && up.0.is_empty());

    let mut outbox = scene.outbox();
    outbox.progress.until = Some(Time(0)); // the pause is over
    outbox.step(&mut scene.reader(), &mut up).expect("sent");
    assert_eq!(up.0, [0, 1, 2, 3]);
    assert_eq!(outbox.progress().failures, 0);
}

#[test]
fn an_entry_that_is_refused_for_good_is_noted_and_does_not_hold_up_the_others() {
    let scene = Scene::new(20);
    let mut receiver = Receiver(Vec::new(), |batch| {
        match batch.iter().any(|one| one.record.seq == 7) {
            true => Err(Refused::Never { why: "no".into() }),
            false => Ok(()),
        }
    });
    let mut outbox = scene.outbox();
    outbox
        .step(&mut scene.reader(), &mut receiver)
        .expect("sent");
    let expected: Vec<u64> = (0..=20).filter(|seq| *seq != 7).collect();
    assert_eq!(receiver.0, expected);
    let progress = outbox.progress();
    assert_eq!((progress.sent, progress.refused), (20, 1));
    assert_eq!(progress.refusals, [(7, "no".to_owned())]);
}

#[test]
fn pauses_double_have_a_limit_and_heed_the_receiver() {
    let seconds = |failures, wanted| pause(failures, wanted, [0]).as_secs();
    assert_eq!(
        [1, 2, 3, 9, 10, 500].map(|n| seconds(n, None)),
        [1, 2, 4, 256, 300, 300]
    );
    assert_eq!(seconds(1, Some(Duration::from_secs(90))), 90);
    assert_eq!(seconds(1, Some(Duration::from_secs(90_000))), 600);
    assert!(pause(10, None, [255]) < Duration::from_secs(376));
}

#[test]
fn two_processes_do_not_ship_to_one_receiver() {
    let scene = Scene::new(1);
    let held = scene.outbox();
    let second = Outbox::open(&scene.log(), "test");
    assert!(matches!(second.err(), Some(Error::Locked { .. })));
    drop(held);
    scene.outbox();
    for bad in ["", "../x", "a b"] {
        assert!(Outbox::open(&scene.log(), bad).is_err(), "{bad}");
    }
}

#[test]
fn a_file_has_every_entry_once_whenever_its_writer_was_stopped() {
    let scene = Scene::new(9);
    let path = scene.0.path().join("out.jsonl");
    let all = scene.reader().after(None, 100).expect("readable");
    let mut file = File::new(&path);
    file.send(&all[..6]).expect("written");
    let whole = std::fs::read(&path).expect("there");
    std::fs::write(&path, &whole[..whole.len() - 10]).expect("torn");
    file.send(&all).expect("written");
    file.send(&all[3..]).expect("nothing new");
    let text = std::fs::read_to_string(&path).expect("there");
    let numbers: Vec<_> = text
        .lines()
        .map(|line| serde_json::from_str::<serde_json::Value>(line).expect("JSON")["seq"].as_u64())
        .collect();
    assert_eq!(numbers, (0..10).map(Some).collect::<Vec<_>>());
}

#[test]
fn a_file_of_someone_elses_keeps_every_byte() {
    let scene = Scene::new(1);
    let path = scene.0.path().join("notes");
    std::fs::write(&path, "no newline").expect("written");
    let all = scene.reader().after(None, 100).expect("readable");
    File::new(&path).send(&all).expect("written");
    let text = std::fs::read_to_string(&path).expect("there");
    assert!(text.starts_with("no newline\n{") && text.lines().count() == 3);
}

#[test]
fn a_syslog_message_has_one_line_and_no_field_ends_early() {
    let scene = Scene::new(1);
    let mut stored = scene.reader().entry(1).expect("there");
    stored.record.session = "a\"]\n\\".into();
    stored.record.host = "my host".into();
    stored.record.decision = "deny".into();
    let message = syslog(&stored);
    assert!(message.starts_with("<108>1 20"), "{message}");
    assert!(message.contains("Z my_host ccs - e [ccs@32473 seq=\"1\" session=\"a\\\"\\] \\\\\""));
    assert!(!message.contains('\n'));
    assert!(message.contains("] \u{feff}{\""));
}
