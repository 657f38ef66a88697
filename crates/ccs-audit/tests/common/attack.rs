//! Every attack there is a script for, what it does to a good log, and what must be found.

use std::path::{Path, PathBuf};

use ccs_audit::note::{Kind, Note, Signer};
use ccs_audit::verify::{Expect, Fault, Report, verify};
use ccs_audit::witness::{Request, Witness};
use ccs_audit::{Checkpoint, Founding, Identity, Log, Options, Reader, RootKey};

use super::forger::Forger;
use super::{Home, append, call, copy_folder, fill};

/// What one attack came to.
pub(crate) struct Outcome {
    pub(crate) name: String,
    pub(crate) what: String,
    /// Who checks: with the root key, with public keys, with a witness.
    pub(crate) by: &'static str,
    pub(crate) expected: String,
    pub(crate) found: Vec<String>,
}

impl Outcome {
    /// Whether the first thing found is what was done.
    pub(crate) fn is_named(&self) -> bool {
        match self.expected.starts_with("none") {
            true => self.found.is_empty(),
            false => self.found.first() == Some(&self.expected),
        }
    }
}

/// `altered 11`: the fault's name and the first entry concerned.
fn short(fault: &Fault) -> String {
    match fault.seq() {
        Some(seq) => format!("{} {seq}", fault.name()),
        None => fault.name().to_owned(),
    }
}

fn outcome(name: &str, what: &str, by: &'static str, expected: &str, report: &Report) -> Outcome {
    Outcome {
        name: name.into(),
        what: what.into(),
        by,
        expected: expected.into(),
        found: report.faults.iter().map(short).collect(),
    }
}

/// Forty-two calls in epochs of eight entries, a block of the index, and a witness who has seen
/// all but the last.
pub(crate) struct Scene {
    pub(crate) home: Home,
    witness: Witness,
    pinned: Identity,
}

impl Scene {
    pub(crate) fn new(entries: u64) -> Self {
        let home = Home::new();
        fill(&mut home.log(), entries);
        let pinned = home.identity();
        Self::at(home, pinned)
    }

    /// The log's folder as it is now, under another name.
    fn kept(&self, name: &str) -> PathBuf {
        let copy = self.home.beside(name);
        copy_folder(&self.home.path(), &copy);
        copy
    }

    /// Deletes the log and founds another with thirty calls under the same name.
    fn found_anew(&self, root: Option<RootKey>, options: Options) {
        std::fs::remove_dir_all(self.home.path()).expect("removed");
        let origin = Some("test.example/log".into());
        let found = Some(Founding { root, origin });
        let options = Options { found, ..options };
        let log = Log::open(&self.home.path(), options);
        fill(&mut log.expect("a log"), 30);
    }

    fn at(home: Home, pinned: Identity) -> Self {
        let signer = Signer::new("witness.example", Kind::Cosignature, &[9; 32]).expect("a name");
        let logs = vec![pinned.log.clone()];
        let witness = Witness::open(&home.beside("witness"), signer, logs).expect("opened");
        Self {
            home,
            witness,
            pinned,
        }
    }

    /// A copy of the log, with an empty memory in its witness.
    fn copy(&self) -> Self {
        let copy = Self::at(Home::new(), self.pinned.clone());
        copy_folder(&self.home.path(), &copy.home.path());
        copy
    }

    /// Shows the witness the newest checkpoint; `Err` with the status if it refuses.
    fn show(&self, folder: &Path) -> Result<(), u16> {
        let reader = Reader::open(folder, None).expect("a log");
        let note = reader.checkpoint().expect("readable").expect("one");
        let size = Checkpoint::parse(&note.text).expect("one").size;
        let known = self.witness.latest(self.pinned.origin()).expect("readable");
        let old = known.map_or(0, |note| Checkpoint::parse(&note.text).expect("one").size);
        let proof = if old < size {
            reader.consistency(old, size).expect("proved")
        } else {
            vec![]
        };
        let line = self.witness.add(&Request {
            old,
            proof,
            checkpoint: note,
        });
        let line = line.map_err(|refusal| refusal.status())?;
        let options = self.home.options();
        Log::open(folder, options)
            .expect("a log")
            .cosign(size, &line)
            .expect("added");
        Ok(())
    }

    fn with_root(&self) -> Report {
        self.home.verify()
    }

    fn publicly(&self) -> Report {
        self.home.verify_publicly()
    }

    /// What the user of one witness on another machine finds: the log's identity and its last
    /// checkpoint are known there.
    fn with_witness(&self, folder: &Path) -> Report {
        let seen = self.witness.latest(self.pinned.origin()).expect("readable");
        let signed: Vec<Note> = seen.map(|note| self.cosigned(&note)).into_iter().collect();
        let expect = Expect {
            identity: Some(&self.pinned),
            witnesses: vec![self.witness.verifier()],
            signed,
            root: None,
        };
        verify(&Reader::open(folder, None).expect("a log"), &expect).expect("readable")
    }

    fn cosigned(&self, note: &Note) -> Note {
        let mut note = note.clone();
        let signer = Signer::new("witness.example", Kind::Cosignature, &[9; 32]).expect("a name");
        note.signatures.push(signer.sign(&note.text));
        note
    }
}

/// The scripts in SQL: someone with write access to the file, and no key.
pub(crate) fn scripted() -> Vec<Outcome> {
    let mut outcomes = Vec::new();
    let (few, many) = (Scene::new(42), Scene::new(300)); // a full block of the index in the second
    for scene in [&few, &many] {
        assert!(scene.with_root().is_intact() && scene.publicly().is_intact());
    }
    for script in scripts() {
        let text = std::fs::read_to_string(&script).expect("read");
        let name = script
            .file_stem()
            .expect("a name")
            .to_string_lossy()
            .replace('_', " ");
        let line = |key: &str| {
            let lines = text.lines().filter_map(|line| line.strip_prefix("-- "));
            lines
                .filter_map(|line| line.strip_prefix(key))
                .next()
                .unwrap_or_default()
                .to_owned()
        };
        let what = text
            .lines()
            .next()
            .unwrap_or_default()
            .trim_start_matches("-- ")
            .to_owned();
        let good = if line("root: ") == "index" {
            &many
        } else {
            &few
        };
        let scene = good.copy();
        let db = rusqlite::Connection::open(scene.home.segment(1)).expect("opened");
        db.execute_batch(&text).expect("the script runs");
        drop(db);
        outcomes.push(outcome(
            &name,
            &what,
            "root key",
            &line("root: "),
            &scene.with_root(),
        ));
        outcomes.push(outcome(
            &name,
            &what,
            "public keys",
            &line("public: "),
            &scene.publicly(),
        ));
    }
    outcomes
}

fn scripts() -> Vec<PathBuf> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/tamper");
    let files = std::fs::read_dir(folder).expect("a folder");
    let mut files: Vec<PathBuf> = files.map(|file| file.expect("a file").path()).collect();
    files.sort();
    assert!(files.len() > 20);
    files
}

/// The attacks that need more than the file: an earlier state, a stolen key, a second history.
pub(crate) fn staged() -> Vec<Outcome> {
    vec![
        database_put_back(),
        everything_put_back(),
        founded_anew(),
        founded_anew_and_witnessed(),
        key_stolen_past_rewritten(),
        key_stolen_past_rewritten_publicly(),
        key_stolen_end_cut(),
        forked(),
        forked_before_the_witness(),
        cut_and_continued(),
        unkeyed(),
    ]
}

fn database_put_back() -> Outcome {
    let scene = Scene::new(20);
    let earlier = scene.kept("earlier");
    fill(&mut scene.home.log(), 30);
    for file in ["000001.db", "000001.db-wal"] {
        std::fs::copy(earlier.join(file), scene.home.path().join(file)).expect("put back");
    }
    let what = "The database is put back to an earlier state; the key file is not.";
    outcome(
        "put the database back",
        what,
        "public keys",
        "rolled-back 21",
        &scene.publicly(),
    )
}

fn everything_put_back() -> Outcome {
    let scene = Scene::new(20);
    let earlier = scene.kept("earlier");
    fill(&mut scene.home.log(), 30);
    scene.show(&scene.home.path()).expect("cosigned");
    copy_folder(&earlier, &scene.home.path());
    let what = "The whole folder is put back to an earlier state.";
    let report = scene.with_witness(&scene.home.path());
    outcome(
        "put everything back",
        what,
        "a witness",
        "rolled-back 21",
        &report,
    )
}

fn founded_anew() -> Outcome {
    let scene = Scene::new(20);
    scene.found_anew(None, Options::default());
    let what = "The folder is deleted and a log founded under the same name.";
    let report = scene.with_witness(&scene.home.path());
    outcome("found it anew", what, "a witness", "refounded", &report)
}

fn founded_anew_and_witnessed() -> Outcome {
    let scene = Scene::new(20);
    scene.show(&scene.home.path()).expect("cosigned");
    let root = RootKey::new(*scene.home.root.expose());
    let options = Options {
        epoch_entries: 4,
        ..Options::default()
    };
    scene.found_anew(Some(root), options);
    let what = "The same, by someone who has even the root key.";
    let report = scene.with_witness(&scene.home.path());
    let found = match report.faults.first() {
        Some(Fault::Refounded { .. } | Fault::Forked { .. }) => report,
        _ => Report::default(),
    };
    let expected = found.faults.first().map_or("refounded".into(), short);
    outcome(
        "found it anew with the root key",
        what,
        "a witness",
        &expected,
        &found,
    )
}

fn key_stolen_past_rewritten() -> Outcome {
    let scene = Scene::new(42);
    let forger = Forger::steal(&scene.home.path());
    assert!(forger.epoch() >= 5);
    forger.rewrite(&scene.home.segment(1), 11, "deny", "pass");
    let what =
        "The keys are stolen in epoch 5; an entry of epoch 1 is rewritten and all made to fit.";
    outcome(
        "steal the key, rewrite the past",
        what,
        "root key",
        "resealed 11",
        &scene.with_root(),
    )
}

fn key_stolen_past_rewritten_publicly() -> Outcome {
    let scene = Scene::new(42);
    let forger = Forger::steal(&scene.home.path());
    forger.rewrite(&scene.home.segment(1), 11, "deny", "pass");
    let what = "The same, seen by someone who has only the public keys.";
    let expected = "checkpoint-forged";
    outcome(
        "steal the key, rewrite the past",
        what,
        "public keys",
        expected,
        &scene.publicly(),
    )
}

fn key_stolen_end_cut() -> Outcome {
    let scene = Scene::new(42);
    scene.show(&scene.home.path()).expect("cosigned");
    let forger = Forger::steal(&scene.home.path());
    forger.cut(&scene.home.segment(1), 41);
    Forger::steal(&scene.home.path()).cut(&scene.home.segment(1), 30);
    let what = "The keys are stolen, the end is cut off and the new end marked.";
    let report = scene.with_witness(&scene.home.path());
    outcome(
        "steal the key, cut the end",
        what,
        "a witness",
        "rolled-back 31",
        &report,
    )
}

fn forked() -> Outcome {
    let scene = Scene::new(20);
    let other = scene.kept("other");
    fill(&mut scene.home.log(), 30);
    scene.show(&scene.home.path()).expect("cosigned");
    let mut log = Log::open(&other, scene.home.options()).expect("a log");
    (100..140).for_each(|number| drop(append(&mut log, call(number))));
    let what = "Two histories are written from one beginning; one is shown to the witness.";
    outcome(
        "fork",
        what,
        "a witness",
        "forked",
        &scene.with_witness(&other),
    )
}

fn forked_before_the_witness() -> Outcome {
    let scene = Scene::new(20);
    let other = scene.kept("other");
    fill(&mut scene.home.log(), 30);
    scene.show(&scene.home.path()).expect("cosigned");
    let mut log = Log::open(&other, scene.home.options()).expect("a log");
    (100..140).for_each(|number| drop(append(&mut log, call(number))));
    let status = scene.show(&other).expect_err("refused");
    Outcome {
        name: "fork, and show both".into(),
        what: "Both histories are shown to the witness, which must refuse the second.".into(),
        by: "a witness",
        expected: "status 422".into(),
        found: vec![format!("status {status}")],
    }
}

fn cut_and_continued() -> Outcome {
    let scene = Scene::new(42);
    let db = rusqlite::Connection::open(scene.home.segment(1)).expect("opened");
    db.execute_batch("DELETE FROM entry WHERE seq > 40")
        .expect("cut");
    drop(db);
    append(&mut scene.home.log(), call(41));
    let what = "The end is cut off without a key, and the next hook goes on writing.";
    let mut report = scene.with_root();
    report
        .faults
        .retain(|fault| matches!(fault, Fault::Restarted { .. }));
    outcome("cut and go on", what, "root key", "restarted 1000", &report)
}

fn unkeyed() -> Outcome {
    let scene = Scene::new(42);
    let key = scene.home.path().join("epoch.key");
    let bytes = std::fs::read(&key).expect("read");
    std::fs::write(&key, vec![0; bytes.len()]).expect("damaged");
    let receipt = append(&mut scene.home.log(), call(42));
    let found = match receipt.kept {
        ccs_audit::Kept::Spooled {
            why: ccs_audit::Error::KeyCorrupt { .. },
            ..
        } => "spooled",
        _ => "written without a key",
    };
    Outcome {
        name: "take the key away".into(),
        what: "The key file is damaged: the log must not go on without a key.".into(),
        by: "the writer",
        expected: "spooled".into(),
        found: vec![found.into()],
    }
}
