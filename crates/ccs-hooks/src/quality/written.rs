//! What a session's record says was written to files, and by which lines.

use std::collections::{BTreeMap, BTreeSet};
use std::fs::{self, File};
use std::io::{BufRead, BufReader, Read, Seek, SeekFrom};
use std::path::{Path, PathBuf};

use serde_json::Value;

/// How much of the end of a record is read, in bytes.
const MAX_RECORD: u64 = 48 << 20;
/// The most records of subagents that are read.
const MAX_AGENTS: usize = 64;
/// The most files that are kept.
const MAX_FILES: usize = 400;

/// A piece of a file as a call left it: its lines, and whether the call brought them.
type Piece = Vec<(String, bool)>;

/// What was written, by file.
#[derive(Debug, Default)]
pub(super) struct Written {
    pub(super) files: BTreeMap<PathBuf, Vec<Piece>>,
    /// Cells of notebooks, which are looked at by themselves.
    pub(super) cells: Vec<(PathBuf, String)>,
    calls: BTreeMap<String, Value>,
}

impl Written {
    /// Reads a record and, if `agents` says so, those of the session's subagents.
    pub(super) fn read(record: &Path, agents: bool) -> std::io::Result<Self> {
        let mut written = Self::default();
        written.add(record)?;
        if agents {
            for path in of_agents(record) {
                // what one of them did is in its record only; the others still count
                let _ = written.add(&path);
            }
        }
        Ok(written)
    }

    fn add(&mut self, record: &Path) -> std::io::Result<()> {
        let mut file = File::open(record)?;
        let meta = file.metadata()?;
        if !meta.is_file() {
            return Err(std::io::Error::other("not a regular file"));
        }
        let from = meta.len().saturating_sub(MAX_RECORD);
        file.seek(SeekFrom::Start(from))?;
        let mut lines = BufReader::with_capacity(1 << 16, file.take(MAX_RECORD));
        let (mut line, mut cut) = (Vec::new(), from > 0);
        while lines.read_until(b'\n', &mut line)? > 0 {
            if !cut {
                self.line(&line);
            }
            cut = false;
            line.clear();
        }
        Ok(())
    }

    fn line(&mut self, line: &[u8]) {
        let speaks = |word: &[u8]| memchr::memmem::find(line, word).is_some();
        if !(speaks(b"\"tool_use\"") || speaks(b"\"tool_result\"")) {
            return;
        }
        let Ok(record) = serde_json::from_slice::<Value>(line) else {
            return;
        };
        let blocks = record["message"]["content"].as_array();
        for block in blocks.into_iter().flatten() {
            match block["type"].as_str() {
                Some("tool_use") => self.call(block),
                Some("tool_result") => self.result(block, &record["toolUseResult"]),
                _ => {}
            }
        }
    }

    fn call(&mut self, block: &Value) {
        let writes = ["Write", "Edit", "MultiEdit", "NotebookEdit"];
        let name = block["name"].as_str().unwrap_or_default();
        if let Some(id) = block["id"].as_str().filter(|_| writes.contains(&name)) {
            self.calls.insert(id.to_owned(), block.clone());
        }
    }

    fn result(&mut self, block: &Value, detail: &Value) {
        let id = block["tool_use_id"].as_str().unwrap_or_default();
        let Some(call) = self.calls.remove(id) else {
            return;
        };
        if block["is_error"] == Value::Bool(true) {
            return;
        }
        let input = &call["input"];
        if let Some(cell) = input["notebook_path"].as_str() {
            let source = input["new_source"].as_str().unwrap_or_default();
            self.cells.push((cell.into(), source.to_owned()));
            return;
        }
        let Some(path) = input["file_path"]
            .as_str()
            .filter(|path| Path::new(path).is_absolute())
        else {
            return;
        };
        let mut pieces = patched(detail);
        if pieces.is_empty() {
            pieces = given(input);
        }
        if self.files.len() < MAX_FILES {
            self.files
                .entry(path.into())
                .or_default()
                .append(&mut pieces);
        }
    }
}

/// The pieces that the client's own account of the change names.
fn patched(detail: &Value) -> Vec<Piece> {
    let hunks = detail["structuredPatch"].as_array();
    let pieces = hunks.into_iter().flatten().map(|hunk| {
        let lines = hunk["lines"]
            .as_array()
            .into_iter()
            .flatten()
            .filter_map(Value::as_str);
        lines.filter_map(line_of_patch).collect()
    });
    pieces.collect()
}

fn line_of_patch(line: &str) -> Option<(String, bool)> {
    let (sign, text) = line.split_at_checked(1)?;
    match sign {
        "+" => Some((text.to_owned(), true)),
        " " => Some((text.to_owned(), false)),
        _ => None,
    }
}

/// The pieces that the call itself names: a whole file, or edits without what they replaced.
pub(super) fn given(input: &Value) -> Vec<Piece> {
    if let Some(content) = input["content"].as_str() {
        return vec![
            content
                .lines()
                .map(|line| (line.to_owned(), true))
                .collect(),
        ];
    }
    let edits = input["edits"]
        .as_array()
        .map_or(std::slice::from_ref(input), Vec::as_slice);
    let piece = |edit: &Value| {
        let (old, new) = (edit["old_string"].as_str()?, edit["new_string"].as_str()?);
        let added = super::git::added(old, new);
        let lines = new.lines().enumerate();
        Some(
            lines
                .map(|(at, line)| (line.to_owned(), added.contains(&(at + 1))))
                .collect(),
        )
    };
    edits.iter().filter_map(piece).collect()
}

/// The lines of a text, from 1, that these pieces brought. A piece is looked for whole, with what
/// stands around it; then what it brought alone; then, where later calls changed that, each of its
/// lines that says something.
pub(super) fn lines(pieces: &[Piece], text: &str) -> BTreeSet<usize> {
    let text: Vec<&str> = text.lines().collect();
    let mut found = BTreeSet::new();
    for piece in pieces {
        let all: Vec<&str> = piece.iter().map(|line| line.0.as_str()).collect();
        if let Some(at) = position(&text, &all) {
            let brought = piece.iter().enumerate().filter(|(_, line)| line.1);
            found.extend(brought.map(|(offset, _)| at + offset + 1));
            continue;
        }
        for run in piece.split(|line| !line.1).filter(|run| !run.is_empty()) {
            let run: Vec<&str> = run.iter().map(|line| line.0.as_str()).collect();
            match position(&text, &run).filter(|_| run.iter().any(|line| is_telling(line))) {
                Some(at) => found.extend(at + 1..=at + run.len()),
                None => found.extend(each(&text, &run)),
            }
        }
    }
    found
}

fn position(text: &[&str], wanted: &[&str]) -> Option<usize> {
    let first = wanted.first()?;
    let last = text.len().checked_sub(wanted.len())?;
    (0..=last).find(|&at| text[at] == *first && text[at..at + wanted.len()] == *wanted)
}

fn each<'l>(text: &'l [&str], wanted: &'l [&str]) -> impl Iterator<Item = usize> + 'l {
    let wanted: BTreeSet<&str> = wanted
        .iter()
        .copied()
        .filter(|line| is_telling(line))
        .collect();
    let lines = text.iter().enumerate();
    lines
        .filter(move |(_, line)| wanted.contains(**line))
        .map(|(at, _)| at + 1)
}

/// Whether a line is not one of those that stand in every file.
fn is_telling(line: &str) -> bool {
    line.bytes().filter(u8::is_ascii_alphanumeric).count() >= 6
}

/// The records of a session's subagents, newest last as far as names tell.
fn of_agents(record: &Path) -> Vec<PathBuf> {
    let folder = record.with_extension("").join("subagents");
    let Ok(listing) = fs::read_dir(folder) else {
        return Vec::new();
    };
    let paths = listing.flatten().map(|entry| entry.path());
    let records = paths.filter(|path| path.extension().is_some_and(|end| end == "jsonl"));
    records.take(MAX_AGENTS).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn written(records: &[Value]) -> Written {
        let mut written = Written::default();
        for record in records {
            written.line(record.to_string().as_bytes());
        }
        written
    }

    fn call(name: &str, input: Value) -> Value {
        json!({"type": "assistant", "message": {"content": [
            {"type": "text", "text": "x"}, {"type": "tool_use", "id": "t1", "name": name, "input": input}]}})
    }

    fn result(error: bool, detail: Value) -> Value {
        json!({"type": "user", "toolUseResult": detail,
            "message": {"content": [{"type": "tool_result", "tool_use_id": "t1", "is_error": error, "content": "x"}]}})
    }

    fn lines_of(records: &[Value], text: &str) -> BTreeSet<usize> {
        let written = written(records);
        written
            .files
            .values()
            .flat_map(|pieces| lines(pieces, text))
            .collect()
    }

    #[test]
    fn an_edit_brings_the_lines_that_the_client_says_it_added() {
        let edit = call(
            "Edit",
            json!({"file_path": "/p/a.py", "old_string": "b", "new_string": "x\nb"}),
        );
        let patch = json!({"structuredPatch": [{"lines": [" a", "+x", " b"]}]});
        assert_eq!(
            lines_of(&[edit.clone(), result(false, patch)], "x\na\nx\nb\n"),
            [3].into()
        );
        assert_eq!(
            lines_of(&[edit, result(false, Value::Null)], "a\nx\nb\n"),
            [2].into()
        );
    }

    #[test]
    fn a_new_file_is_new_from_its_first_line_to_its_last() {
        let write = call(
            "Write",
            json!({"file_path": "/p/a.py", "content": "a\nb\n"}),
        );
        let detail = json!({"type": "create", "structuredPatch": []});
        assert_eq!(
            lines_of(&[write, result(false, detail)], "a\nb\n"),
            [1, 2].into()
        );
    }

    #[test]
    fn what_failed_or_was_not_answered_wrote_nothing() {
        let write = call("Write", json!({"file_path": "/p/a.py", "content": "a"}));
        assert!(
            written(&[write.clone(), result(true, Value::Null)])
                .files
                .is_empty()
        );
        assert!(written(&[write]).files.is_empty());
    }

    #[test]
    fn a_piece_that_was_changed_again_is_known_by_its_telling_lines() {
        let piece = vec![
            ("def pay():".into(), true),
            ("    return amount".into(), true),
            (")".into(), true),
        ];
        let text = "x\n)\n    return amount\ny\n";
        assert_eq!(lines(&[piece], text), [3].into());
    }

    #[test]
    fn cells_of_notebooks_are_kept_by_themselves() {
        let edit = call(
            "NotebookEdit",
            json!({"notebook_path": "/p/a.ipynb", "new_source": "x = 1"}),
        );
        let written = written(&[edit, result(false, Value::Null)]);
        assert_eq!(
            written.cells,
            [(PathBuf::from("/p/a.ipynb"), "x = 1".to_owned())]
        );
    }

    #[test]
    fn lines_that_are_no_record_are_passed_over() {
        let mut written = Written::default();
        for line in [
            &b"{\"tool_use\""[..],
            b"[]",
            b"\xff\xfe",
            b"{\"message\":{\"content\":\"tool_result\"}}",
        ] {
            written.line(line);
        }
        assert!(written.files.is_empty());
    }
}
