//! `ccs scan injection`: instructions to a model in texts that strangers may have written.

mod batch;

use std::io::{self, BufReader};

use ccs_gate::injection::Verdict;

use crate::args::scan_injection::Injection;
use crate::exit::Code;
use crate::output::{Output, injected, json};
use crate::scan::injected as scan;

pub(super) fn run(args: &Injection, output: &mut Output) -> anyhow::Result<Code> {
    if args.jsonl {
        let input = BufReader::with_capacity(1 << 16, io::stdin().lock());
        return batch::run(input, output);
    }
    let report = scan::look(args, io::stdin().lock())?;
    if args.json.json {
        json::value(output, &report)?;
    } else {
        injected::report(output, &report)?;
    }
    Ok(match (report.verdict, report.unreadable.is_empty()) {
        (Verdict::Allow, true) => Code::Ok,
        (Verdict::Allow, false) => Code::File,
        _ => Code::Findings,
    })
}
