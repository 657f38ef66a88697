//! Typing without being seen, where ccs cannot see to that.

use ccs_vault::Secret;

use crate::exit::{Code, Stop};

/// Asks for one line on the terminal.
///
/// # Errors
///
/// Always: a secret is not typed where it would be shown.
pub(crate) fn ask(_: &str) -> anyhow::Result<Secret> {
    let stop = Stop::new(Code::Usage, "what is typed here would be shown");
    let next = "give it to the input, or name a file with one of the --…from options";
    Err(stop.next(next).into())
}

/// Asks for one line on this terminal.
///
/// # Errors
///
/// Always, as [`ask`].
pub(crate) fn ask_on(_: std::fs::File, question: &str) -> anyhow::Result<Secret> {
    ask(question)
}
