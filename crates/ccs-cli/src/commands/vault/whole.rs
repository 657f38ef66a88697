//! The vault as a whole: made, looked at, given a new key, saved.

use ccs_vault::{Key, Name, Prints, Restored, SlotKind, Status as State, Vault};
use serde::Serialize;

use super::{done, slots};
use crate::args::vault::{Init, Restore, Slot, Status, Unlock};
use crate::exit::Code;
use crate::output::human::{self, Level, Line};
use crate::output::{Output, json};
use crate::places::Places;
use crate::state;
use crate::vault::{self, unlock};

pub(super) fn init(args: &Init, places: &Places, output: &mut Output) -> anyhow::Result<Code> {
    state::must_be_ours(places)?;
    let folder = places.vault();
    slots::with_new(args.slot, &args.passphrase, |slot| {
        Vault::create(&folder, slot, vault::now())
    })?;
    done(
        output,
        "init",
        format!("{} holds a vault", folder.display()),
    )?;
    if args.slot == Slot::KeyFile {
        let text = "whatever runs as you can open it with its key file; a passphrase and no key \
                    file is the step up";
        human::line(
            output,
            &Line::info("init", text).fix("ccs vault slots add passphrase"),
        )?;
    }
    let text = "a lost key is made good by nobody but a recovery code";
    human::line(
        output,
        &Line::info("init", text).fix("ccs vault slots add recovery"),
    )?;
    Ok(Code::Ok)
}

pub(super) fn rekey(args: &Unlock, places: &Places, output: &mut Output) -> anyhow::Result<Code> {
    let folder = places.vault();
    let slots = Vault::peek(&folder)?.slots;
    let has_file = slots.iter().any(|slot| slot.kind == SlotKind::KeyFile);
    let others = unlock::all(args, &slots)?;
    let keys: Vec<Key<'_>> = others.iter().map(unlock::Held::key).collect();
    let first = match keys.first() {
        Some(&key) if !has_file || unlock::is_named(args) => key,
        _ => Key::File,
    };
    let mut opened = Vault::open(&folder, first)?;
    opened.rekey(&keys)?;
    let text = "the vault has a new master key; copies made before still open with the old one";
    done(output, "rekey", text.to_owned())
}

#[derive(Serialize)]
struct Saved {
    entries: usize,
    from_previous: Vec<Name>,
    slots_dropped: bool,
    kept: Vec<std::path::PathBuf>,
}

pub(super) fn restore(
    args: &Restore,
    places: &Places,
    output: &mut Output,
) -> anyhow::Result<Code> {
    let folder = places.vault();
    let held = match unlock::held(&args.unlock, &folder) {
        // a vault that cannot be looked at does not say what opens it
        Err(error) if error.is::<ccs_vault::Error>() => unlock::Held::File,
        held => held?,
    };
    let (_, restored) = Vault::restore(&folder, held.key())?;
    if args.json.json {
        json::value(output, &Saved::of(restored))?;
    } else {
        human::lines(output, &lines(&restored))?;
    }
    Ok(Code::Ok)
}

impl Saved {
    fn of(restored: Restored) -> Self {
        Saved {
            entries: restored.entries,
            from_previous: restored.from_previous,
            slots_dropped: restored.slots_dropped,
            kept: restored.kept,
        }
    }
}

fn lines(restored: &Restored) -> Vec<Line> {
    let text = format!("the vault holds {} entries", restored.entries);
    let mut lines = vec![Line::new(Level::Done, "restore", text)];
    if !restored.from_previous.is_empty() {
        let names = joined(&restored.from_previous);
        let text = format!("from the version before: {names}; one that was removed last is back");
        lines.push(Line::info("restore.previous", text));
    }
    if restored.slots_dropped {
        let text = "the other ways in could not be trusted and are gone";
        lines.push(Line::warn("restore.slots", text).fix("ccs vault slots add"));
    }
    for kept in &restored.kept {
        let text = format!("{} is the damaged file", kept.display());
        lines.push(Line::info("restore.kept", text));
    }
    lines
}

pub(super) fn status(args: &Status, places: &Places, output: &mut Output) -> anyhow::Result<Code> {
    let opened = vault::open(&args.unlock, places)?;
    let state = opened.status(vault::now(), u64::from(args.soon) * 86_400);
    let lines = report(&state, &opened);
    let is_bad = lines.iter().any(|line| line.level == Level::Fail);
    if args.json.json {
        json::value(output, &state)?;
    } else {
        human::lines(output, &lines)?;
    }
    Ok(if is_bad { Code::Findings } else { Code::Ok })
}

fn report(state: &State, opened: &Vault) -> Vec<Line> {
    let mut lines = vec![Line::ok("entries", entries(state))];
    for slot in &state.slots {
        lines.push(Line::info("slot", format!("slot {}", slots::line(slot))));
    }
    if !slots::has_recovery(opened) {
        let text = "there is no recovery code";
        lines.push(Line::info("recovery", text).fix("ccs vault slots add recovery"));
    }
    if !vault::code::is_enrolled(opened) {
        let text = "one-time codes are not asked for";
        lines.push(Line::info("totp", text).fix("ccs vault totp enrol"));
    }
    let lists = [
        (
            &state.expired,
            "expired",
            "expired",
            "ccs vault rotate NAME",
        ),
        (
            &state.expiring,
            "expiring",
            "expires soon",
            "ccs vault rotate NAME",
        ),
        (
            &state.unrecognised,
            "unrecognised",
            "not recognised in other texts, being short or guessable",
            "rotate it to a long random value",
        ),
    ];
    for (names, id, what, fix) in lists {
        if !names.is_empty() {
            let text = format!("{what}: {}", joined(names));
            lines.push(Line::warn(id, text).fix(fix));
        }
    }
    lines.extend(modes(state));
    lines.push(prints(state.fingerprints));
    lines
}

fn entries(state: &State) -> String {
    let counts = state.by_category.iter();
    let counts: Vec<String> = counts
        .map(|(name, count)| format!("{count} {name}"))
        .collect();
    let details = if counts.is_empty() {
        String::new()
    } else {
        format!(": {}", counts.join(", "))
    };
    format!(
        "{} entries{details}; written {} times",
        state.entries, state.generation
    )
}

fn modes(state: &State) -> impl Iterator<Item = Line> {
    let open = |mode: u32| mode & 0o077 != 0;
    let files = state.files.iter();
    files.filter_map(move |&(name, mode)| {
        let mode = mode.filter(|&mode| open(mode))?;
        let text = format!("others may use the file `{name}` (mode {mode:04o})");
        Some(Line::fail("mode", text).fix(format!("chmod 600 on `{name}` in the vault's folder")))
    })
}

fn prints(prints: Prints) -> Line {
    let id = "fingerprints";
    let wrong = match prints {
        Prints::Current => return Line::ok(id, "every stored value is recognised as listed"),
        Prints::Stale => "the fingerprints are of another state of the vault",
        Prints::Missing => "the fingerprints are not there: no stored value is recognised",
        _ => "the fingerprints cannot be read: no stored value is recognised",
    };
    Line::fail(id, wrong).fix("change any entry, for example its note; that writes them again")
}

fn joined(names: &[Name]) -> String {
    let names: Vec<&str> = names.iter().map(Name::as_str).collect();
    names.join(", ")
}
