//! Changes of guarded files: what they held before is kept, and what changed is an entry.

use std::path::{Path, PathBuf};

use ccs_audit::change::{Change, Changes};
use ccs_gate::Resolve;
use serde_json::Value;

use super::pen::Pen;
use super::watch::{self, Watch};
use super::{Happening, guarded};
use crate::failure::Failure;
use crate::resolve::Links;
use crate::trail::{self, Key};

/// Longer files are known by their hash only, in bytes.
const MAX_KEPT: u64 = 1 << 20;

/// Keeps what a guarded file holds before a tool writes it.
pub(super) fn before(what: &Happening<'_>, pen: &mut Pen<'_>) {
    let paths = written(what);
    // without a log there is nowhere to keep it
    if paths.is_empty() || pen.log().is_err() {
        return;
    }
    let before = changes(pen, false).before(what.session(), &id(what), &paths);
    if let Err(error) = before {
        pen.notes
            .push(format!("ccs: what the file held is not kept: {error}."));
    }
}

/// Appends what the call changed.
pub(super) fn after(what: &Happening<'_>, pen: &mut Pen<'_>) -> Result<(), Failure> {
    if what.is_harmless() || pen.log().is_err() {
        return Ok(());
    }
    if !written(what).is_empty() {
        let changes = &mut changes(pen, false);
        settle(what, pen, changes, &id(what), what.tool())?;
    }
    look(what, pen, what.tool())
}

/// Appends what changed in guarded files since they were last looked at. `tool` is whose doing it
/// is, as far as that is known.
pub(super) fn look(what: &Happening<'_>, pen: &mut Pen<'_>, tool: &str) -> Result<(), Failure> {
    if pen.log().is_err() {
        return Ok(());
    }
    let (state, session) = (pen.state, what.session());
    let now = watch::stamps(guarded::all(what.place, what.around));
    if watch::is_unchanged(state, session, &now) {
        return Ok(());
    }
    let mut changes = changes(pen, true);
    let found = Watch::new(state, session, &mut changes).look(now);
    append(what, pen, &found, tool)
}

/// Appends what was changed by calls whose end was not heard of, and what else changed, and
/// forgets what was noted for the session.
pub(super) fn end(what: &Happening<'_>, pen: &mut Pen<'_>) -> Result<(), Failure> {
    let changes = &mut changes(pen, false);
    for call in changes.unsettled(what.session()).unwrap_or_default() {
        settle(what, pen, changes, &call, "")?;
    }
    look(what, pen, "")?;
    watch::forget(pen.state, what.session());
    Ok(())
}

/// Appends what a call changed that was noted before it, and forgets the note.
fn settle(
    what: &Happening<'_>,
    pen: &mut Pen<'_>,
    changes: &mut Changes,
    call: &str,
    tool: &str,
) -> Result<(), Failure> {
    let found = match changes.after(what.session(), call) {
        Ok(found) => found.unwrap_or_default(),
        Err(error) => {
            pen.notes
                .push(format!("ccs: what the call changed is not known: {error}."));
            Vec::new()
        }
    };
    append(what, pen, &found, tool)?;
    let state = pen.state;
    Watch::new(state, what.session(), changes).settle(&found);
    // a note that stays is looked at again when the session ends
    let _ = changes.settle(what.session(), call);
    Ok(())
}

fn append(
    what: &Happening<'_>,
    pen: &mut Pen<'_>,
    found: &[Change],
    tool: &str,
) -> Result<(), Failure> {
    for change in found {
        let mut entry = change.to_entry(what.session(), tool);
        entry.agent = what.agent().to_owned();
        entry.user = super::process::user();
        entry.details = with_call(what, &entry.details);
        pen.append(entry)?;
    }
    Ok(())
}

/// The details with the call in them, and the event at which the change was noticed.
fn with_call(what: &Happening<'_>, details: &str) -> String {
    let Ok(Value::Object(mut fields)) = serde_json::from_str(details) else {
        return details.to_owned();
    };
    if let Some(call) = what.call() {
        fields.insert("call".into(), call.into());
    }
    fields.insert("noticed".into(), what.name.kebab().into());
    Value::Object(fields).to_string()
}

fn changes(pen: &Pen<'_>, lazy: bool) -> Changes {
    let key = Key::read(pen.state).unwrap_or(Key::Missing).into_details();
    let changes = Changes::new(&trail::folder(pen.state), key.as_ref()).limit(MAX_KEPT);
    if lazy { changes.lazy() } else { changes }
}

/// The guarded file that the call names and writes, if it does.
fn written(what: &Happening<'_>) -> Vec<PathBuf> {
    let key = match what.tool() {
        "Write" | "Edit" | "MultiEdit" => "file_path",
        "NotebookEdit" => "notebook_path",
        _ => return Vec::new(),
    };
    let input = what.object("tool_input");
    let Some(path) = input.and_then(|input| input.text(key)) else {
        return Vec::new();
    };
    let real = Links::new(what.place.cwd.as_deref()).real_path(path);
    let covered = [Some(path.to_owned()), real];
    let covered = covered.into_iter().flatten();
    let is_guarded = |path: &String| guarded::covers(Path::new(path), what.place);
    match covered.into_iter().any(|path| is_guarded(&path)) {
        true => vec![PathBuf::from(path)],
        false => Vec::new(),
    }
}

/// The call's id, or what stands for it with a client that gives none.
fn id(what: &Happening<'_>) -> String {
    let input = || what.object("tool_input").map(|input| input.raw);
    let id = what.call().or_else(input);
    id.unwrap_or_default().to_owned()
}
