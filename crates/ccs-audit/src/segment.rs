//! One segment: the only room that speaks SQL.

mod index;
mod rows;

use std::path::{Path, PathBuf};
use std::time::Duration;

use rusqlite::config::DbConfig;
use rusqlite::{
    Connection, ErrorCode, OpenFlags, OptionalExtension, Transaction, TransactionBehavior, params,
};

use crate::error::{Error, Result};
use crate::hash::Hash;
use crate::merkle::{self, Frontier, frontier_nodes};
use crate::place;
use crate::seam::Seam;

pub(crate) use rows::{Columns, Row};

/// The newest format this program can write.
const FORMAT: u32 = 1;
const SCHEMA: &str = include_str!("schema.sql");
/// The write-ahead log is folded into the database beyond this many bytes: every process reads
/// all of it when it opens the database.
const MAX_WAL: u64 = 80 << 10;

/// When a write counts as done.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Durability {
    /// When the operating system has it. A crashed process loses nothing, a power cut may lose
    /// the entries since the last checkpoint; the log then says so.
    #[default]
    Normal,
    /// When the disk has it.
    Full,
}

/// How to open a segment.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Access {
    Write {
        durability: Durability,
        busy: Duration,
    },
    Read {
        busy: Duration,
    },
}

/// An open segment.
pub(crate) struct Segment {
    db: Connection,
    pub(crate) path: PathBuf,
    pub(crate) seam: Seam,
    busy: Duration,
}

/// What is written when a segment is made: its first entry.
pub(crate) struct FirstRow<'a> {
    pub(crate) body: &'a [u8],
    pub(crate) mac: Hash,
    pub(crate) nodes: &'a [u8],
    pub(crate) seal: &'a [u8],
    /// What the segment before knows of spools.
    pub(crate) drained: &'a [(String, u64)],
}

impl Segment {
    /// The file of segment `number`.
    pub(crate) fn file_name(number: u32) -> String {
        format!("{number:06}.db")
    }

    /// The number in a segment's file name.
    pub(crate) fn number_of(name: &str) -> Option<u32> {
        let digits = name.strip_suffix(".db")?;
        let plain = digits.len() >= 6 && digits.bytes().all(|byte| byte.is_ascii_digit());
        plain.then(|| digits.parse().ok())?
    }

    pub(crate) fn open(path: &Path, access: Access) -> Result<Self> {
        let (flags, busy) = match access {
            Access::Write { busy, .. } => (OpenFlags::SQLITE_OPEN_READ_WRITE, busy),
            Access::Read { busy } => (OpenFlags::SQLITE_OPEN_READ_ONLY, busy),
        };
        let refused = |error| database_error(path, busy, &error);
        let flags = flags | OpenFlags::SQLITE_OPEN_NO_MUTEX | OpenFlags::SQLITE_OPEN_NOFOLLOW;
        let db = Connection::open_with_flags(path, flags).map_err(refused)?;
        db.busy_timeout(busy).map_err(refused)?;
        db.set_db_config(DbConfig::SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, true)
            .map_err(refused)?;
        db.set_db_config(DbConfig::SQLITE_DBCONFIG_TRUSTED_SCHEMA, false)
            .map_err(refused)?;
        if matches!(
            access,
            Access::Write {
                durability: Durability::Normal,
                ..
            }
        ) {
            db.execute_batch("PRAGMA synchronous = NORMAL")
                .map_err(refused)?;
        }
        check_format(&db, path, busy)?;
        let seam = db.query_row("SELECT body FROM seam", [], |row| row.get::<_, Vec<u8>>(0));
        let seam = Seam::read(&seam.map_err(refused)?);
        let seam = seam.ok_or_else(|| corrupt(path, "its seam cannot be read"))?;
        Ok(Self {
            db,
            path: path.into(),
            seam,
            busy,
        })
    }

    /// Makes a whole segment: it gets its name when it is complete and on the disk.
    pub(crate) fn create(
        folder: &Path,
        seam: &Seam,
        first: &FirstRow<'_>,
        wal: bool,
    ) -> Result<PathBuf> {
        let path = folder.join(Self::file_name(seam.segment));
        let aside = path.with_extension("db.new");
        for leftover in ["", "-wal", "-shm", "-journal"] {
            let mut name = aside.clone().into_os_string();
            name.push(leftover);
            let _ = std::fs::remove_file(name);
        }
        // SQLite gives its own files the permissions of this one
        place::create(&aside, b"").map_err(Error::file(&aside))?;
        Self::fill(&aside, seam, first, wal)
            .map_err(|error| database_error(&aside, Duration::ZERO, &error))?;
        std::fs::rename(&aside, &path).map_err(Error::file(&path))?;
        place::sync_folder(folder)?;
        Ok(path)
    }

    fn fill(path: &Path, seam: &Seam, first: &FirstRow<'_>, wal: bool) -> rusqlite::Result<()> {
        let db = Connection::open_with_flags(path, OpenFlags::SQLITE_OPEN_READ_WRITE)?;
        if wal {
            db.query_row("PRAGMA journal_mode = WAL", [], |_| Ok(()))?;
        }
        let all = Transaction::new_unchecked(&db, TransactionBehavior::Immediate)?;
        all.execute_batch(SCHEMA)?;
        all.execute("INSERT INTO seam VALUES (?1)", [seam.to_bytes()])?;
        all.execute(
            "INSERT INTO entry VALUES (?1, ?2, ?3, ?4, ?5)",
            params![
                seam.first,
                first.body,
                first.mac.as_bytes(),
                first.nodes,
                first.seal
            ],
        )?;
        for (spool, bytes) in first.drained {
            all.execute("INSERT INTO drained VALUES (?1, ?2)", params![spool, bytes])?;
        }
        all.commit()?;
        if wal {
            db.query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |_| Ok(()))?;
        }
        db.close().map_err(|(_, error)| error)
    }

    fn refused(&self) -> impl Fn(rusqlite::Error) -> Error + '_ {
        |error| database_error(&self.path, self.busy, &error)
    }

    /// Locks the segment for writing; others wait.
    pub(crate) fn begin(&self) -> Result<Transaction<'_>> {
        Transaction::new_unchecked(&self.db, TransactionBehavior::Immediate).map_err(self.refused())
    }

    /// Holds on to what the segment contains now, so that several reads agree.
    pub(crate) fn snapshot(&self) -> Result<Transaction<'_>> {
        Transaction::new_unchecked(&self.db, TransactionBehavior::Deferred).map_err(self.refused())
    }

    pub(crate) fn commit(&self, transaction: Transaction<'_>) -> Result<()> {
        transaction.commit().map_err(self.refused())
    }

    /// Whether SQLite finds the file sound.
    pub(crate) fn is_sound(&self) -> bool {
        let found = self
            .db
            .query_row("PRAGMA quick_check(1)", [], |row| row.get::<_, String>(0));
        found.is_ok_and(|found| found == "ok")
    }

    // The tree

    /// A full node of the tree, from its row or, left of the seam, from the frontier there.
    pub(crate) fn node(&self, level: u32, index: u64) -> Result<Hash> {
        let end = (index + 1) << level; // leaves of the tree up to the node's last
        if end <= self.seam.frontier.size() {
            return self.seam_node(level, index);
        }
        let seq = self.seam.base + end - 1;
        let row = self.row(seq)?.ok_or(Error::NoEntry { seq })?;
        let hash = match level.checked_sub(1) {
            None => Some(merkle::leaf_hash(&row.body)),
            Some(place) => row
                .nodes
                .chunks(32)
                .nth(place as usize)
                .and_then(Hash::from_slice),
        };
        hash.ok_or_else(|| corrupt(&self.path, &format!("entry {seq} lacks a tree node")))
    }

    fn seam_node(&self, level: u32, index: u64) -> Result<Hash> {
        let names = frontier_nodes(self.seam.frontier.size());
        let mut nodes = names.zip(self.seam.frontier.roots());
        let found = nodes.find(|(name, _)| *name == (level, index));
        let seq = self.seam.base + (index << level);
        found.map(|(_, hash)| *hash).ok_or(Error::Elsewhere { seq })
    }

    /// The frontier of the tree's first `size` leaves.
    pub(crate) fn frontier(&self, size: u64) -> Result<Frontier> {
        let roots = frontier_nodes(size).map(|(level, index)| self.node(level, index));
        let roots = roots.collect::<Result<_>>()?;
        Ok(Frontier::new(size, roots).expect("one node for each bit of the size"))
    }

    // Checkpoints

    pub(crate) fn checkpoints(&self) -> Result<Vec<(u64, String)>> {
        let sql = "SELECT size, note FROM checkpoint ORDER BY size";
        let mut statement = self.db.prepare_cached(sql).map_err(self.refused())?;
        let rows = statement.query_map([], |row| Ok((row.get(0)?, row.get(1)?)));
        rows.and_then(Iterator::collect).map_err(self.refused())
    }

    /// The first checkpoint over at least `size` entries, or the last of all.
    pub(crate) fn checkpoint(&self, size: Option<u64>) -> Result<Option<(u64, String)>> {
        let sql = match size {
            Some(_) => "SELECT size, note FROM checkpoint WHERE size >= ?1 ORDER BY size LIMIT 1",
            None => "SELECT size, note FROM checkpoint ORDER BY size DESC LIMIT 1",
        };
        let mut statement = self.db.prepare_cached(sql).map_err(self.refused())?;
        let row = |row: &rusqlite::Row<'_>| Ok((row.get(0)?, row.get(1)?));
        let parameters = rusqlite::params_from_iter(size);
        statement
            .query_row(parameters, row)
            .optional()
            .map_err(self.refused())
    }

    pub(crate) fn put_checkpoint(&self, size: u64, note: &str) -> Result<()> {
        let sql = "INSERT INTO checkpoint VALUES (?1, ?2) \
                   ON CONFLICT (size) DO UPDATE SET note = excluded.note";
        let mut statement = self.db.prepare_cached(sql).map_err(self.refused())?;
        statement
            .execute(params![size, note])
            .map(drop)
            .map_err(self.refused())
    }

    // The spool

    pub(crate) fn drained(&self, spool: &str) -> Result<u64> {
        let sql = "SELECT bytes FROM drained WHERE spool = ?1";
        let mut statement = self.db.prepare_cached(sql).map_err(self.refused())?;
        let bytes = statement.query_row([spool], |row| row.get(0)).optional();
        Ok(bytes.map_err(self.refused())?.unwrap_or(0))
    }

    pub(crate) fn set_drained(&self, spool: &str, bytes: u64) -> Result<()> {
        let sql = "INSERT INTO drained VALUES (?1, ?2) \
                   ON CONFLICT (spool) DO UPDATE SET bytes = excluded.bytes";
        let mut statement = self.db.prepare_cached(sql).map_err(self.refused())?;
        statement
            .execute(params![spool, bytes])
            .map(drop)
            .map_err(self.refused())
    }

    pub(crate) fn all_drained(&self) -> Result<Vec<(String, u64)>> {
        let sql = "SELECT spool, bytes FROM drained";
        let mut statement = self.db.prepare_cached(sql).map_err(self.refused())?;
        let rows = statement.query_map([], |row| Ok((row.get(0)?, row.get(1)?)));
        rows.and_then(Iterator::collect).map_err(self.refused())
    }

    // Upkeep

    /// Waits until everything written so far is on the disk.
    ///
    /// It is in the write-ahead log, or SQLite has flushed it already when it folded that in; a
    /// rollback journal is always flushed. The database itself must not be opened here: closing
    /// it again would drop the locks that SQLite holds on it for this process.
    pub(crate) fn sync(&self) -> Result<()> {
        let path = self.wal();
        match std::fs::File::open(&path).and_then(|file| file.sync_data()) {
            Err(error) if error.kind() != std::io::ErrorKind::NotFound => {
                Err(Error::file(path)(error))
            }
            _ => Ok(()),
        }
    }

    /// Folds a long write-ahead log into the database, unless someone is reading it.
    pub(crate) fn fold_if_long(&self) {
        let long = std::fs::metadata(self.wal()).is_ok_and(|meta| meta.len() > MAX_WAL);
        if long {
            // failing is harmless: the next writer tries again
            let _ = self.db.busy_timeout(Duration::ZERO);
            let _ = self
                .db
                .query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |_| Ok(()));
            let _ = self.db.busy_timeout(self.busy);
        }
    }

    /// Makes one file of the segment that can be read anywhere, for a segment that is closed.
    pub(crate) fn fold_for_good(self) -> Result<PathBuf> {
        let mode = self
            .db
            .query_row("PRAGMA journal_mode = DELETE", [], |row| {
                row.get::<_, String>(0)
            });
        let mode = mode.map_err(self.refused())?;
        if mode == "delete" {
            Ok(self.path)
        } else {
            Err(Error::Locked {
                waited: self.busy,
                path: self.path,
            })
        }
    }

    fn wal(&self) -> PathBuf {
        let mut name = self.path.clone().into_os_string();
        name.push("-wal");
        name.into()
    }
}

fn check_format(db: &Connection, path: &Path, busy: Duration) -> Result<()> {
    let found = db.query_row("PRAGMA user_version", [], |row| row.get::<_, u32>(0));
    let found = found.map_err(|error| database_error(path, busy, &error))?;
    match found {
        0 => Err(corrupt(path, "not an audit segment")),
        FORMAT => Ok(()),
        found => Err(Error::Newer {
            path: path.into(),
            found,
            known: FORMAT,
        }),
    }
}

fn corrupt(path: &Path, why: &str) -> Error {
    Error::Corrupt {
        path: path.into(),
        why: why.into(),
    }
}

/// What SQLite's error means for the caller.
fn database_error(path: &Path, waited: Duration, error: &rusqlite::Error) -> Error {
    let path = path.to_path_buf();
    match error.sqlite_error_code() {
        Some(ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked) => Error::Locked { path, waited },
        Some(ErrorCode::DiskFull) => Error::Full { path },
        Some(ErrorCode::ReadOnly | ErrorCode::PermissionDenied) => Error::ReadOnly { path },
        Some(ErrorCode::DatabaseCorrupt | ErrorCode::NotADatabase) => Error::Corrupt {
            path,
            why: error.to_string(),
        },
        Some(ErrorCode::CannotOpen) if !path.exists() => Error::Missing { path },
        Some(_) => Error::Database {
            path,
            why: error.to_string(),
        },
        // a column of the wrong type, or a row that must be there and is not
        None => Error::Corrupt {
            path,
            why: error.to_string(),
        },
    }
}
