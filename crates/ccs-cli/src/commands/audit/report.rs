//! `ccs audit report`: one page to look at.

use crate::args::audit::Report;
use crate::audit::file::{self, Existing};
use crate::audit::known::Known;
use crate::audit::{Trail, config::Config};
use crate::exit::Code;
use crate::output::Output;
use crate::output::human::{self, Level, Line};
use crate::report::{Data, Scope, gather, page};

pub(super) fn report(
    args: &Report,
    trail: &Trail<'_>,
    output: &mut Output,
) -> anyhow::Result<Code> {
    let data = data(args, trail)?;
    let existing = match args.force {
        true => Existing::Replace,
        false => Existing::Keep,
    };
    let page = page(&data);
    file::write(&args.out, existing, |out| {
        Ok(out.write_all(page.as_bytes())?)
    })?;
    let text = format!(
        "{} entries are reported in `{}`",
        data.counts.all(),
        args.out.display()
    );
    human::line(output, &Line::new(Level::Done, "report", text))?;
    if data.checked.is_intact() {
        return Ok(Code::Ok);
    }
    let line = Line::fail(
        "chain",
        "the log is not what was written; the report says where",
    );
    human::line(output, &line.fix("ccs audit verify"))?;
    Ok(Code::Findings)
}

fn data(args: &Report, trail: &Trail<'_>) -> anyhow::Result<Data> {
    let config = Config::read(trail.places)?;
    let known = Known::gather(&args.known, trail, &config)?;
    let scope = Scope {
        session: args.session.clone(),
        since: args.since,
        until: args.until,
        newest: args.newest,
    };
    let (mut sealed, mut opened) = (trail.sealed_reader()?, trail.reader()?);
    Ok(gather(&mut sealed, &mut opened, scope, &known.expect())?)
}
