//! The index as the segment keeps it.

use rusqlite::params;

use super::Segment;
use crate::error::Result;
use crate::index::{Bits, Block, Kind};

impl Segment {
    pub(crate) fn put_block(&self, block: &Block) -> Result<()> {
        let number = block.number;
        self.execute("DELETE FROM mark WHERE block = ?1", params![number])?;
        self.execute(
            "INSERT OR REPLACE INTO block VALUES (?1, ?2, ?3)",
            params![number, block.oldest.0, block.newest.0],
        )?;
        for ((kind, value), bits) in &block.marks {
            self.execute(
                "INSERT INTO term (kind, value) VALUES (?1, ?2) ON CONFLICT DO NOTHING",
                params![*kind as u8, value],
            )?;
            self.execute(
                "INSERT INTO mark SELECT id, ?3, ?4 FROM term WHERE kind = ?1 AND value = ?2",
                params![*kind as u8, value, number, bits.to_bytes()],
            )?;
        }
        Ok(())
    }

    fn execute(&self, sql: &str, parameters: &[&dyn rusqlite::ToSql]) -> Result<()> {
        let mut statement = self.db.prepare_cached(sql).map_err(self.refused())?;
        statement
            .execute(parameters)
            .map(drop)
            .map_err(self.refused())
    }

    /// The indexed blocks with their oldest and newest time.
    pub(crate) fn blocks(&self) -> Result<Vec<(u64, i64, i64)>> {
        let sql = "SELECT block, oldest, newest FROM block ORDER BY block";
        let mut statement = self.db.prepare_cached(sql).map_err(self.refused())?;
        let rows = statement.query_map([], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?)));
        rows.and_then(Iterator::collect).map_err(self.refused())
    }

    /// The blocks that hold the term, and where in each.
    pub(crate) fn marks(&self, kind: Kind, value: &str) -> Result<Vec<(u64, Bits)>> {
        let sql = "SELECT block, bits FROM mark \
                   WHERE term = (SELECT id FROM term WHERE kind = ?1 AND value = ?2) ORDER BY block";
        let mut statement = self.db.prepare_cached(sql).map_err(self.refused())?;
        let rows = statement.query_map(params![kind as u8, value], |row| {
            Ok((row.get(0)?, Bits::from_slice(row.get_ref(1)?.as_blob()?)))
        });
        rows.and_then(Iterator::collect).map_err(self.refused())
    }

    /// Shows every mark of the index: kind, value, block, bits.
    pub(crate) fn all_marks(&self, mut visit: impl FnMut(u8, &str, u64, &Bits)) -> Result<()> {
        let sql = "SELECT kind, value, block, bits FROM mark JOIN term ON id = term";
        let mut statement = self.db.prepare_cached(sql).map_err(self.refused())?;
        let mut rows = statement.query([]).map_err(self.refused())?;
        while let Some(row) = rows.next().map_err(self.refused())? {
            let mut shown = || -> rusqlite::Result<()> {
                let bits = Bits::from_slice(row.get_ref(3)?.as_blob()?);
                visit(row.get(0)?, row.get_ref(1)?.as_str()?, row.get(2)?, &bits);
                Ok(())
            };
            shown().map_err(self.refused())?;
        }
        Ok(())
    }
}
