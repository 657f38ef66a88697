//! Every attack on the log, carried out on a log of its own, and what `ccs` says about it: each is
//! detected and named, those that leave nothing in the folder by one witness process.
//!
//! The table in docs/AUDIT.md is what these runs print; `CCS_BLESS=1` writes it there.
#![cfg(unix)]

#[allow(dead_code, reason = "the library's own tests use more of it")]
#[path = "../../ccs-audit/tests/common/forger.rs"]
mod forger;
#[path = "support/log.rs"]
mod log;
mod support;

use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Stdio};

use ccs_audit::{Founding, Log, Options};
use forger::Forger;
use rusqlite::Connection;
use serde_json::{Value, json};
use support::{Machine, Run};

/// A log of 43 entries in epochs of eight, and a witness who has seen all of it but the last few.
struct Scene {
    machine: Machine,
    witness: Child,
}

impl Drop for Scene {
    fn drop(&mut self) {
        let _ = self.witness.kill();
        let _ = self.witness.wait();
    }
}

impl Scene {
    fn new() -> Self {
        let machine = log::machine(42);
        let memory = machine.path("witness").display().to_string();
        let identity = log::folder(&machine).join("log.json").display().to_string();
        let add = [
            "audit",
            "witness",
            "add",
            &identity,
            "--name",
            "w.example",
            "--folder",
            &memory,
        ];
        machine.run(&add).succeeds();
        let serve = [
            "audit",
            "witness",
            "serve",
            "--listen",
            "127.0.0.1:0",
            "--folder",
            &memory,
        ];
        let mut command = machine.command(&serve);
        let mut witness = command.stdout(Stdio::piped()).spawn().expect("started");
        let mut line = String::new();
        let mut lines = BufReader::new(witness.stdout.take().expect("a pipe"));
        lines.read_line(&mut line).expect("a line");
        // somebody has to read what it says from here on
        std::thread::spawn(move || lines.lines().for_each(drop));
        let word = |begin: &str| {
            let mut words = line.split([' ', ',']).map(str::trim);
            words
                .rfind(|word| word.starts_with(begin))
                .expect("there")
                .to_owned()
        };
        let config = json!({"version": 1, "witnesses": [
            {"url": word("http://"), "key": word("w.example+")}]});
        machine.write("home/.claude/ccs/audit-config.json", config.to_string());
        Scene { machine, witness }
    }

    fn audit(&self, args: &[&str]) -> Run {
        self.machine.run(&[&["audit"], args].concat())
    }

    fn folder(&self) -> PathBuf {
        log::folder(&self.machine)
    }

    fn segment(&self) -> PathBuf {
        self.folder().join("000001.db")
    }

    fn cosign(&self) {
        self.audit(&["witness", "cosign"]).succeeds();
    }

    /// An earlier state, to go back to.
    fn keep(&self) -> PathBuf {
        let earlier = self.machine.path("earlier");
        log::copy_folder(&self.folder(), &earlier);
        earlier
    }

    fn script(&self, name: &str) {
        let path = Path::new(env!("CARGO_MANIFEST_DIR"))
            .join("../ccs-audit/tests/tamper")
            .join(name);
        let sql = std::fs::read_to_string(path).expect("a script");
        let db = Connection::open(self.segment()).expect("opened");
        db.execute_batch(&sql).expect("the script runs");
    }

    /// Founds another log in the place of this one.
    fn found_anew(&self) {
        std::fs::remove_dir_all(self.folder()).expect("removed");
        let found = Some(Founding {
            root: None,
            origin: Some(log::ORIGIN.into()),
        });
        let options = Options {
            found,
            ..Options::default()
        };
        let mut log = Log::open(&self.folder(), options).expect("a log");
        (0..60).for_each(|number| drop(log.append(log::call(number)).expect("kept")));
    }

    /// Two histories from one beginning; the witness has seen the first.
    fn fork(&self) -> String {
        let other = self.machine.path("other/audit");
        log::copy_folder(&self.folder(), &other);
        log::fill(&self.machine, 30);
        self.cosign();
        let mut log = Log::open(&other, log::options()).expect("a log");
        (100..140).for_each(|number| drop(log.append(log::call(number)).expect("kept")));
        other.display().to_string()
    }
}

/// One line of the table.
struct Attack {
    name: &'static str,
    /// What was done to the log.
    done: &'static str,
    /// What the person at the other end runs, and what it ends with.
    command: &'static str,
    code: i32,
    found: String,
}

/// Runs a check and notes what it named first.
fn found(
    scene: &Scene,
    name: &'static str,
    done: &'static str,
    command: &'static str,
    more: &[&str],
) -> Attack {
    let key = log::root_key(&scene.machine);
    let words: Vec<&str> = command.split(' ').skip(2).collect();
    let words = words.into_iter().map(|word| {
        if word == "root.key" {
            key.as_str()
        } else {
            word
        }
    });
    let args: Vec<&str> = words
        .chain(more.iter().copied())
        .chain(["--json"])
        .collect();
    let run = scene.audit(&args);
    let told = run.json();
    let found = match told.get("faults") {
        Some(faults) => named(&faults[0]),
        None => told[0]["text"]
            .as_str()
            .and_then(|text| text.split(':').next())
            .unwrap_or("")
            .to_owned(),
    };
    Attack {
        name,
        done,
        command,
        code: run.code,
        found,
    }
}

fn named(fault: &Value) -> String {
    let name = fault["name"].as_str().unwrap_or("nothing");
    match fault["seq"].as_u64() {
        Some(seq) => format!("{name} {seq}"),
        None => name.to_owned(),
    }
}

const WITH_ROOT: &str = "ccs audit verify --offline --root-key root.key";
const PUBLICLY: &str = "ccs audit verify --offline";
const WITH_WITNESS: &str = "ccs audit verify";
const COSIGN: &str = "ccs audit witness cosign";

/// The attacks on the file alone: whoever can write to it, and has no key.
fn scripted() -> Vec<Attack> {
    let scripts = [
        (
            "edit",
            "A deny becomes a pass, in one entry.",
            "edit_an_entry.sql",
            WITH_ROOT,
        ),
        (
            "insert",
            "A copy of an entry is put between two others.",
            "insert_an_entry.sql",
            WITH_ROOT,
        ),
        (
            "delete",
            "An entry is deleted.",
            "delete_an_entry.sql",
            WITH_ROOT,
        ),
        (
            "reorder",
            "Two neighbours change places.",
            "swap_two_neighbours.sql",
            WITH_ROOT,
        ),
        (
            "field shift",
            "A byte moves from one field to the next.",
            "shift_a_field.sql",
            WITH_ROOT,
        ),
        (
            "truncation",
            "The end is cut off, with its checkpoints.",
            "cut_the_end.sql",
            PUBLICLY,
        ),
    ];
    scripts
        .map(|(name, done, script, command)| {
            let scene = Scene::new();
            scene.script(script);
            found(&scene, name, done, command, &[])
        })
        .into()
}

fn cut_by_a_thief() -> Attack {
    let scene = Scene::new();
    scene.cosign();
    Forger::steal(&scene.folder()).cut(&scene.segment(), 30);
    let done = "The end is cut off and the new end marked with the stolen key.";
    found(&scene, "truncation by a thief", done, WITH_WITNESS, &[])
}

fn rolled_back() -> Attack {
    let scene = Scene::new();
    let earlier = scene.keep();
    log::fill(&scene.machine, 20);
    scene.cosign();
    log::copy_folder(&earlier, &scene.folder());
    let done = "The whole folder is put back to an earlier state.";
    found(&scene, "rollback", done, WITH_WITNESS, &[])
}

fn rolled_back_and_shown() -> Attack {
    let scene = Scene::new();
    let earlier = scene.keep();
    log::fill(&scene.machine, 20);
    scene.cosign();
    log::copy_folder(&earlier, &scene.folder());
    let done = "The same, and the log asks the witness to go on.";
    found(&scene, "rollback, and on", done, COSIGN, &[])
}

fn founded_anew() -> Attack {
    let scene = Scene::new();
    scene.cosign();
    scene.found_anew();
    let done = "The log is deleted and another founded under its name.";
    found(&scene, "re-initialisation", done, WITH_WITNESS, &[])
}

fn key_stolen() -> [Attack; 2] {
    let scene = Scene::new();
    let forger = Forger::steal(&scene.folder());
    forger.rewrite(&scene.segment(), 11, "deny", "pass");
    let done =
        "The keys of epoch 5 are stolen, and an entry of epoch 1 rewritten with all after it.";
    let name = "key theft after an epoch";
    [
        found(&scene, name, done, WITH_ROOT, &[]),
        found(
            &scene,
            name,
            "The same, seen with public keys alone.",
            PUBLICLY,
            &[],
        ),
    ]
}

fn forked() -> [Attack; 2] {
    let scene = Scene::new();
    let other = scene.fork();
    let done = "Two histories are written from one beginning; the witness has seen the first.";
    [
        found(&scene, "fork", done, WITH_WITNESS, &["--log", &other]),
        found(
            &scene,
            "fork, and on",
            "The second asks the witness to go on.",
            COSIGN,
            &["--log", &other],
        ),
    ]
}

#[test]
fn every_attack_is_detected_and_named() {
    let mut attacks = scripted();
    attacks.extend([
        cut_by_a_thief(),
        rolled_back(),
        rolled_back_and_shown(),
        founded_anew(),
    ]);
    attacks.extend(key_stolen());
    attacks.extend(forked());
    for attack in &attacks {
        assert_eq!(attack.code, 1, "{}: {}", attack.name, attack.found);
    }
    let found: Vec<&str> = attacks.iter().map(|attack| attack.found.as_str()).collect();
    let expected = [
        "altered 11",
        "inserted 12",
        "missing 12",
        "reordered 12",
        "altered 11",
        "cut 20",
        "rolled-back 31",
        "rolled-back 43",
        "rolled-back",
        "refounded",
        "resealed 11",
        "checkpoint-forged",
        "forked",
        "forked",
    ];
    assert_eq!(found, expected);
    compare(&table(&attacks));
}

fn table(attacks: &[Attack]) -> String {
    let mut table =
        "| attack | done | seen by | code | found |\n|---|---|---|---|---|\n".to_owned();
    for Attack {
        name,
        done,
        command,
        code,
        found,
    } in attacks
    {
        table += &format!("| {name} | {done} | `{command}` | {code} | {found} |\n");
    }
    table
}

/// The table in the manual is what happened.
fn compare(table: &str) {
    const BEGIN: &str = "<!-- attacks: begin -->\n";
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/AUDIT.md");
    let text = std::fs::read_to_string(&path).expect("the manual");
    let (before, rest) = text.split_once(BEGIN).expect("its table");
    let (shown, after) = rest.split_once("<!-- attacks: end -->").expect("its end");
    if std::env::var_os("CCS_BLESS").is_some() {
        let text = format!("{before}{BEGIN}{table}<!-- attacks: end -->{after}");
        std::fs::write(path, text).expect("written");
    } else {
        assert_eq!(shown, table);
    }
}

#[test]
fn a_log_that_grows_is_cosigned_again_and_again_and_verified_with_its_witness() {
    let scene = Scene::new();
    for _ in 0..3 {
        scene.cosign();
        log::fill(&scene.machine, 5);
    }
    let report = scene.audit(&["verify", "--json"]).succeeds().json();
    assert_eq!(report["cosigned"][0]["witness"], "w.example");
    assert_eq!(report["unheard"], json!([]));
    let memory = scene.machine.path("witness").display().to_string();
    let list = scene
        .audit(&["witness", "list", "--folder", &memory, "--json"])
        .succeeds()
        .json();
    assert_eq!(list["logs"][0]["size"], 53);
}

#[test]
fn a_witness_that_is_not_there_leaves_the_log_unproven_and_not_accused() {
    let mut scene = Scene::new();
    scene.cosign();
    scene.witness.kill().expect("ended");
    scene.witness.wait().expect("ended");
    let report = scene.audit(&["verify", "--json"]).ends_with(3).json();
    assert_eq!(report["intact"], true);
    assert!(
        report["unheard"][0]
            .as_str()
            .expect("a text")
            .contains("was not heard")
    );
    scene.audit(&["verify", "--offline"]).succeeds();
    scene.audit(&["witness", "cosign"]).ends_with(5);
}

#[test]
fn a_witness_signs_for_the_logs_it_was_given_and_keeps_its_memory() {
    let scene = Scene::new();
    let stranger = Machine::new();
    log::fill(&stranger, 1);
    let options = Options {
        found: Some(Founding::default()),
        ..Options::default()
    };
    let folder = stranger.path("home/.claude/ccs/other");
    let mut log = Log::open(&folder, options).expect("a log");
    log.append(log::call(1)).expect("kept");
    let folder = stranger
        .path("home/.claude/ccs/other")
        .display()
        .to_string();
    let refused = scene
        .audit(&["--log", &folder, "witness", "cosign", "--json"])
        .ends_with(3);
    assert!(refused.stdout.contains("404"), "{}", refused.stdout);
}

#[test]
fn a_witness_listens_on_the_loopback_or_at_a_socket() {
    let scene = Scene::new();
    let memory = scene.machine.path("witness").display().to_string();
    for address in ["0.0.0.0:0", "192.0.2.1:7791", "localhost", "127.0.0.1"] {
        let serve = ["witness", "serve", "--listen", address, "--folder", &memory];
        scene.audit(&serve).ends_with(2);
    }
    let socket = scene.machine.path("w.sock").display().to_string();
    let serve = [
        "audit", "witness", "serve", "--socket", &socket, "--folder", &memory,
    ];
    let mut command = scene.machine.command(&serve);
    let mut witness = command.stdout(Stdio::piped()).spawn().expect("started");
    let mut line = String::new();
    let mut lines = BufReader::new(witness.stdout.take().expect("a pipe"));
    lines.read_line(&mut line).expect("a line");
    let key = line.split(' ').next_back().expect("a key").trim();
    let url = format!("unix:{socket}");
    scene
        .audit(&["witness", "cosign", "--to", &url, "--key", key])
        .succeeds();
    witness.kill().expect("ended");
    witness.wait().expect("ended");
}
