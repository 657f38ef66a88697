//! `ccs threats iocs`: the indicators in a text, read as they are meant, and those on lists.

use std::io::Write;

use ccs_gate::ioc::{self, Indicator, List};
use serde_json::json;

use crate::args::threats::Iocs;
use crate::audit::file;
use crate::commands::judge;
use crate::exit::{Code, Stop};
use crate::output::audit::plain;
use crate::output::{Output, json};
use crate::places::Places;

pub(super) fn run(args: &Iocs, places: &Places, output: &mut Output) -> anyhow::Result<Code> {
    let lists = lists(args)?;
    let text = judge::text(&args.file)?;
    let found = if args.judge {
        judge::judge(places)?
            .indicators(&text)
            .map_err(|failure| judge::unheard(&failure))?
    } else {
        ioc::extract(&text)
    };
    let is_listed = |one: &Indicator| lists.iter().any(|list| list.has(one));
    let listed = found.iter().any(is_listed);
    if args.json.json {
        let all = found.iter().map(|one| {
            json!({
                "kind": one.kind.name(), "value": one.value, "start": one.start, "end": one.end,
                "defanged": one.defanged, "listed": is_listed(one),
            })
        });
        json::value(output, &json!({"indicators": all.collect::<Vec<_>>()}))?;
    } else {
        for one in &found {
            let mark = if is_listed(one) { " (listed)" } else { "" };
            writeln!(
                output,
                "{:<8} {}{mark}",
                one.kind.name(),
                plain(&one.value, 400)
            )?;
        }
    }
    Ok(if listed { Code::Findings } else { Code::Ok })
}

fn lists(args: &Iocs) -> anyhow::Result<Vec<List>> {
    let mut lists = Vec::new();
    for path in &args.list {
        let list = List::parse(&file::text(path)?).map_err(|error| {
            let what = format!("`{}`: {error}", path.display());
            Stop::new(Code::Refused, what).next("one indicator on each line; # begins a comment")
        })?;
        lists.push(list);
    }
    Ok(lists)
}
