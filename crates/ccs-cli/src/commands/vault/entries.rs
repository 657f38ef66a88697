//! What is known of entries, and what changes about them without their values.

use ccs_vault::{Edit as Change, Kind};

use super::done;
use crate::args::vault::{List, Named, Rename, Rm, Show};
use crate::args::vault_change::Edit;
use crate::exit::{Code, Stop};
use crate::output::vault::{self as text, Row, Span};
use crate::output::{Output, json};
use crate::places::Places;
use crate::vault::{self, code};

pub(super) fn list(args: &List, places: &Places, output: &mut Output) -> anyhow::Result<Code> {
    let opened = vault::open(&args.unlock, places)?;
    let now = vault::now();
    let is_wanted = |row: &Row<'_>| {
        let category = args.category.as_ref();
        category.is_none_or(|category| row.meta.category == *category)
    };
    let rows = opened.list().map(|meta| Row::new(meta, now));
    let rows: Vec<_> = rows.filter(is_wanted).collect();
    if args.json.json {
        json::value(output, &rows)?;
    } else {
        text::table(output, &rows)?;
    }
    Ok(Code::Ok)
}

pub(super) fn show(args: &Show, places: &Places, output: &mut Output) -> anyhow::Result<Code> {
    let name = &args.entry.name;
    let opened = vault::open(&args.entry.unlock, places)?;
    let meta = opened.meta(name);
    let meta = meta.ok_or_else(|| ccs_vault::Error::NoEntry { name: name.clone() })?;
    let mut row = Row::new(meta, vault::now());
    if meta.kind == Kind::Reference {
        row.command = Some(opened.reference(name)?.arguments().to_vec());
    }
    if args.json.json {
        json::value(output, &row)?;
    } else {
        text::entry(output, &row)?;
    }
    Ok(Code::Ok)
}

pub(super) fn history(args: &Show, places: &Places, output: &mut Output) -> anyhow::Result<Code> {
    let name = &args.entry.name;
    let opened = vault::open(&args.entry.unlock, places)?;
    let older = opened.older(name)?;
    let current = opened.meta(name).map(|meta| Span::current(meta.updated));
    let ages = older.iter().enumerate();
    let spans = ages.map(|(index, value)| Span::older(index + 1, value));
    let spans: Vec<Span> = current.into_iter().chain(spans).collect();
    if args.json.json {
        json::value(output, &spans)?;
    } else {
        text::spans(output, &spans)?;
    }
    Ok(Code::Ok)
}

pub(super) fn revert(args: &Named, places: &Places, output: &mut Output) -> anyhow::Result<Code> {
    let mut opened = vault::open(&args.unlock, places)?;
    opened.revert(&args.name, vault::now())?;
    let text = format!("`{}` has the value before again", args.name);
    done(output, "revert", text)
}

pub(super) fn remove(args: &Rm, places: &Places, output: &mut Output) -> anyhow::Result<Code> {
    let mut opened = vault::open(&args.unlock, places)?;
    let missing = || ccs_vault::Error::NoEntry {
        name: args.name.clone(),
    };
    opened.meta(&args.name).ok_or_else(missing)?;
    code::must_be_given(&mut opened, &args.code)?;
    if !opened.remove(&args.name)? {
        return Err(missing().into());
    }
    let text = format!("`{}` removed with its older values", args.name);
    done(output, "rm", text)
}

pub(super) fn rename(args: &Rename, places: &Places, output: &mut Output) -> anyhow::Result<Code> {
    let mut opened = vault::open(&args.unlock, places)?;
    opened.rename(&args.from, args.to.clone())?;
    let text = format!("`{}` is called `{}` now", args.from, args.to);
    done(output, "rename", text)
}

pub(super) fn edit(args: &Edit, places: &Places, output: &mut Output) -> anyhow::Result<Code> {
    let change = Change {
        category: args.category.clone(),
        note: args.note.clone(),
        expires: args.expires.map(|expires| expires.at(vault::now())),
        keep: args.keep,
    };
    let is_empty = change.category.is_none()
        && change.note.is_none()
        && change.expires.is_none()
        && change.keep.is_none();
    if is_empty {
        let stop = Stop::new(Code::Usage, "there is nothing to change");
        let next = "name --category, --note, --expires or --keep";
        return Err(stop.next(next).into());
    }
    let mut opened = vault::open(&args.unlock, places)?;
    opened.edit(&args.name, change)?;
    done(output, "edit", format!("`{}` changed", args.name))
}
