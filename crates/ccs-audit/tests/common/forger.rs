//! Someone who has read the key files: written from docs/formats/audit.md alone, with no code of the
//! library but its hash functions' names.

use std::path::Path;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use ed25519_dalek::{Signer, SigningKey};
use ring::{digest, hmac};

pub(crate) type Bytes32 = [u8; 32];

fn sha256(parts: &[&[u8]]) -> Bytes32 {
    let mut context = digest::Context::new(&digest::SHA256);
    parts.iter().for_each(|part| context.update(part));
    context.finish().as_ref().try_into().expect("32 bytes")
}

fn hmac(key: &[u8], parts: &[&[u8]]) -> Bytes32 {
    let key = hmac::Key::new(hmac::HMAC_SHA256, key);
    let mut context = hmac::Context::with_key(&key);
    parts.iter().for_each(|part| context.update(part));
    context.sign().as_ref().try_into().expect("32 bytes")
}

fn derive(key: &[u8], purpose: &str) -> Bytes32 {
    hmac(key, &[b"ccs-audit/1 ", purpose.as_bytes()])
}

/// The keys that lie in the log's folder at one moment.
pub(crate) struct Forger {
    epoch: u64,
    key: Bytes32,
    log: SigningKey,
}

struct Row {
    seq: u64,
    body: Vec<u8>,
    mac: Bytes32,
    nodes: Vec<u8>,
}

impl Forger {
    /// Reads the key files.
    pub(crate) fn steal(folder: &Path) -> Self {
        let epoch = std::fs::read(folder.join("epoch.key")).expect("read");
        let log = std::fs::read(folder.join("log.key")).expect("read");
        Self {
            epoch: u64::from_be_bytes(epoch[32..40].try_into().expect("eight")),
            key: epoch[40..72].try_into().expect("32"),
            log: SigningKey::from_bytes(&log[32..64].try_into().expect("32")),
        }
    }

    /// Changes a word in entry `seq` and makes everything after it fit, as far as the stolen keys
    /// go.
    pub(crate) fn rewrite(&self, segment: &Path, seq: u64, from: &str, to: &str) {
        let db = rusqlite::Connection::open(segment).expect("opened");
        let mut rows = read_rows(&db);
        let at = usize::try_from(seq).expect("small");
        let hit = find(&rows[at].body, from.as_bytes());
        rows[at].body[hit..hit + to.len()].copy_from_slice(to.as_bytes());
        let roots = self.rebuild(&mut rows, at);
        write_rows(&db, &rows);
        self.reseal(&db, rows.last().expect("rows"));
        self.resign(&db, &roots, seq);
    }

    /// Cuts the log after entry `last`, and marks the new end.
    pub(crate) fn cut(&self, segment: &Path, last: u64) {
        let db = rusqlite::Connection::open(segment).expect("opened");
        db.execute("DELETE FROM entry WHERE seq > ?1", [last])
            .expect("deleted");
        db.execute("DELETE FROM checkpoint WHERE size > ?1", [last + 1])
            .expect("deleted");
        self.reseal(&db, read_rows(&db).last().expect("rows"));
    }

    /// Works out tags from row `at` on, and all nodes; returns the root after each row.
    fn rebuild(&self, rows: &mut [Row], at: usize) -> Vec<Bytes32> {
        let mut stack: Vec<Bytes32> = Vec::new();
        let mut roots = Vec::new();
        let mut before = if at == 0 { [0; 32] } else { rows[at - 1].mac };
        for (place, row) in rows.iter_mut().enumerate() {
            let leaf = sha256(&[&[0], &row.body]);
            (row.nodes, before) = (
                Vec::new(),
                if place < at {
                    before
                } else {
                    self.tag(row.seq, &row.body[24..32], &before, &leaf)
                },
            );
            if place >= at {
                row.mac = before;
            }
            let mut node = leaf;
            for _ in 0..place.trailing_ones() {
                node = sha256(&[&[1], &stack.pop().expect("a left"), &node]);
                row.nodes.extend_from_slice(&node);
            }
            stack.push(node);
            let fold = |right: Bytes32, left: &Bytes32| sha256(&[&[1], left, &right]);
            roots.push(
                stack
                    .iter()
                    .rev()
                    .skip(1)
                    .fold(*stack.last().expect("one"), fold),
            );
        }
        roots
    }

    fn tag(&self, seq: u64, epoch: &[u8], before: &Bytes32, leaf: &Bytes32) -> Bytes32 {
        let key = derive(&self.key, "seal");
        hmac(
            &key,
            &[
                b"ccs-audit/link\0\x01",
                &seq.to_be_bytes(),
                epoch,
                before,
                leaf,
            ],
        )
    }

    fn reseal(&self, db: &rusqlite::Connection, last: &Row) {
        let key = derive(&self.key, "seal");
        let tag = hmac(
            &key,
            &[
                b"ccs-audit/end\0\0\x01",
                &[0],
                &last.seq.to_be_bytes(),
                &last.mac,
            ],
        );
        let seal = [&[0], &tag[..]].concat();
        db.execute("UPDATE entry SET seal = NULL", [])
            .expect("written");
        db.execute(
            "UPDATE entry SET seal = ?1 WHERE seq = ?2",
            rusqlite::params![seal, last.seq],
        )
        .expect("written");
    }

    /// Signs the checkpoints after `seq` anew: the log's signature is right, the epochs' cannot be.
    fn resign(&self, db: &rusqlite::Connection, roots: &[Bytes32], seq: u64) {
        let mut all = db
            .prepare("SELECT size, note FROM checkpoint")
            .expect("read");
        let all: Vec<(u64, String)> = all
            .query_map([], |row| Ok((row.get(0)?, row.get(1)?)))
            .and_then(Iterator::collect)
            .expect("read");
        for (size, note) in all.into_iter().filter(|(size, _)| *size > seq) {
            let (text, lines) = note.rsplit_once("\n\n").expect("a note");
            let mut text: Vec<String> = text.lines().map(str::to_owned).collect();
            text[2] = STANDARD.encode(roots[usize::try_from(size).expect("small") - 1]);
            let text = format!("{}\n", text.join("\n"));
            let mut forged = format!("{text}\n");
            for line in lines.lines() {
                forged += &self.sign_again(line, &text);
            }
            db.execute(
                "UPDATE checkpoint SET note = ?1 WHERE size = ?2",
                rusqlite::params![forged, size],
            )
            .expect("written");
        }
    }

    fn sign_again(&self, line: &str, text: &str) -> String {
        let parts: Vec<&str> = line.split(' ').collect();
        let id = STANDARD.decode(parts[2]).expect("base64")[..4].to_vec();
        let epoch = parts[1].rsplit_once("/epoch/").map(|(_, epoch)| epoch);
        let key = match epoch {
            None => self.log.clone(),
            // of an epoch before the theft there is no key: the current one has to do
            Some(_) => SigningKey::from_bytes(&derive(&self.key, "sign")),
        };
        let signature = key.sign(text.as_bytes()).to_bytes();
        format!(
            "— {} {}\n",
            parts[1],
            STANDARD.encode([&id[..], &signature].concat())
        )
    }

    pub(crate) fn epoch(&self) -> u64 {
        self.epoch
    }
}

fn find(text: &[u8], word: &[u8]) -> usize {
    text.windows(word.len())
        .position(|window| window == word)
        .expect("there")
}

fn read_rows(db: &rusqlite::Connection) -> Vec<Row> {
    let mut rows = db
        .prepare("SELECT seq, body, mac FROM entry ORDER BY seq")
        .expect("read");
    let rows = rows.query_map([], |row| {
        let (seq, body, mac): (u64, Vec<u8>, Bytes32) = (row.get(0)?, row.get(1)?, row.get(2)?);
        Ok(Row {
            seq,
            body,
            mac,
            nodes: Vec::new(),
        })
    });
    rows.and_then(Iterator::collect).expect("read")
}

fn write_rows(db: &rusqlite::Connection, rows: &[Row]) {
    for row in rows {
        let row = rusqlite::params![row.body, row.mac, row.nodes, row.seq];
        db.execute(
            "UPDATE entry SET body = ?1, mac = ?2, nodes = ?3 WHERE seq = ?4",
            row,
        )
        .expect("written");
    }
}
