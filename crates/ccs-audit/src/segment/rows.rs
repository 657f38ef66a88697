//! The rows of the table of entries.

use rusqlite::{OptionalExtension, params};

use super::{Segment, corrupt};
use crate::error::Result;

/// A row of the table of entries.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct Row {
    pub(crate) seq: u64,
    pub(crate) body: Vec<u8>,
    pub(crate) mac: Vec<u8>,
    pub(crate) nodes: Vec<u8>,
    pub(crate) seal: Option<Vec<u8>>,
}

/// What going over many rows shows of each: the fewer columns, the less it costs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Columns {
    /// The number and the body.
    Body,
    /// And the nodes of the tree.
    Nodes,
    /// And the tag.
    Tags,
}

impl Columns {
    const fn names(self) -> &'static str {
        match self {
            Self::Body => "seq, body",
            Self::Nodes => "seq, body, nodes",
            Self::Tags => "seq, body, nodes, mac",
        }
    }
}

impl Segment {
    /// The last row. A segment always has one.
    pub(crate) fn tail(&self) -> Result<Row> {
        self.row_by("ORDER BY seq DESC LIMIT 1", None)?
            .ok_or_else(|| corrupt(&self.path, "it has no entries"))
    }

    pub(crate) fn row(&self, seq: u64) -> Result<Option<Row>> {
        self.row_by("WHERE seq = ?1", Some(seq))
    }

    fn row_by(&self, which: &str, seq: Option<u64>) -> Result<Option<Row>> {
        let sql = format!("SELECT {}, seal FROM entry {which}", Columns::Tags.names());
        let mut statement = self.db.prepare_cached(&sql).map_err(self.refused())?;
        let parameters = rusqlite::params_from_iter(seq);
        statement
            .query_row(parameters, read_row)
            .optional()
            .map_err(self.refused())
    }

    pub(crate) fn insert(&self, row: &Row) -> Result<()> {
        let sql = "INSERT INTO entry VALUES (?1, ?2, ?3, ?4, ?5)";
        let mut statement = self.db.prepare_cached(sql).map_err(self.refused())?;
        let row = params![row.seq, row.body, row.mac, row.nodes, row.seal];
        statement.execute(row).map(drop).map_err(self.refused())
    }

    pub(crate) fn set_seal(&self, seq: u64, seal: Option<&[u8]>) -> Result<()> {
        let sql = "UPDATE entry SET seal = ?2 WHERE seq = ?1";
        let mut statement = self.db.prepare_cached(sql).map_err(self.refused())?;
        statement
            .execute(params![seq, seal])
            .map(drop)
            .map_err(self.refused())
    }

    /// Shows the rows from `from` on without their seals, in order, until `visit` returns `false`.
    /// Its buffers are used again, and may be changed for others.
    pub(crate) fn rows(
        &self,
        columns: Columns,
        from: u64,
        visit: impl FnMut(&mut Row) -> Result<bool>,
    ) -> Result<()> {
        self.each_row("seq >= ?1 ORDER BY seq", columns, from, visit)
    }

    /// The same from `from` back to the first.
    pub(crate) fn rows_back(
        &self,
        columns: Columns,
        from: u64,
        visit: impl FnMut(&mut Row) -> Result<bool>,
    ) -> Result<()> {
        self.each_row("seq <= ?1 ORDER BY seq DESC", columns, from, visit)
    }

    fn each_row(
        &self,
        which: &str,
        columns: Columns,
        from: u64,
        mut visit: impl FnMut(&mut Row) -> Result<bool>,
    ) -> Result<()> {
        let sql = format!("SELECT {} FROM entry WHERE {which}", columns.names());
        let mut statement = self.db.prepare_cached(&sql).map_err(self.refused())?;
        let mut rows = statement.query([from]).map_err(self.refused())?;
        let mut kept = Row::default();
        while let Some(row) = rows.next().map_err(self.refused())? {
            read_into(row, columns, &mut kept).map_err(self.refused())?;
            if !visit(&mut kept)? {
                break;
            }
        }
        Ok(())
    }
}

fn read_row(row: &rusqlite::Row<'_>) -> rusqlite::Result<Row> {
    let mut kept = Row::default();
    read_into(row, Columns::Tags, &mut kept)?;
    kept.seal = row.get_ref(4)?.as_blob_or_null()?.map(<[u8]>::to_vec);
    Ok(kept)
}

/// Reads the columns of a row into buffers that are used again.
fn read_into(row: &rusqlite::Row<'_>, columns: Columns, kept: &mut Row) -> rusqlite::Result<()> {
    kept.seq = row.get(0)?;
    let buffers = [&mut kept.body, &mut kept.nodes, &mut kept.mac];
    for (column, buffer) in buffers.into_iter().enumerate().take(columns as usize + 1) {
        buffer.clear();
        buffer.extend_from_slice(row.get_ref(column + 1)?.as_blob()?);
    }
    Ok(())
}
