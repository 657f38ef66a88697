//! `ccs audit export`: entries for other programs.

use std::io::Write;

use ccs_audit::Filter;
use ccs_audit::export::{Format as Form, write};

use crate::args::audit::{Export, Format};
use crate::audit::file::{self, Existing};
use crate::audit::{self, Trail};
use crate::exit::Code;
use crate::output::Output;

pub(super) fn export(
    args: &Export,
    trail: &Trail<'_>,
    output: &mut Output,
) -> anyhow::Result<Code> {
    let mut reader = match args.sealed {
        true => trail.sealed_reader()?,
        false => trail.reader()?,
    };
    let filter = Filter {
        limit: args.limit,
        ..audit::filter(&args.select)
    };
    let form = form(args.format);
    let Some(path) = &args.out else {
        write(&mut reader, &filter, form, output)?;
        return Ok(Code::Ok);
    };
    let count = file::write(path, Existing::Keep, |mut out: &mut dyn Write| {
        Ok(write(&mut reader, &filter, form, &mut out)?)
    })?;
    let text = format!("{count} entries are in `{}`", path.display());
    super::done(output, "export", text)
}

pub(crate) fn form(format: Format) -> Form {
    match format {
        Format::Jsonl => Form::Jsonl,
        Format::Csv => Form::Csv,
        Format::Ocsf => Form::Ocsf,
        Format::Legacy => Form::Legacy,
    }
}
