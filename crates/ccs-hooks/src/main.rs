//! `ccs-hook EVENT`: answers one event of Claude Code.

use std::io::{stderr, stdin, stdout};
use std::process::ExitCode;

fn main() -> ExitCode {
    ccs_hooks::stop_on_panic(std::env::args_os().nth(1));
    ccs_hooks::run(
        std::env::args_os().skip(1),
        &ccs_hooks::Surroundings::of_process(),
        &mut stdin(),
        &mut stdout(),
        &mut stderr(),
    )
    .into()
}
