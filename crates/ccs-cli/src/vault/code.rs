//! One-time codes before acts that show or destroy secrets.
//!
//! They stand in the way of a program that runs `ccs` as its user would. One that reads the key
//! file and opens the vault by itself is not stopped by them.

use ccs_vault::{Code as Answer, Name, Vault};

use super::{input, name, now};
use crate::args::vault::CodeFrom;
use crate::exit::{Code, Stop};

/// The entry that holds the generator.
pub(crate) fn name() -> Result<Name, ccs_vault::Error> {
    Name::new(&format!("{}totp", name::RESERVED))
}

/// Whether codes are asked for.
pub(crate) fn is_enrolled(vault: &Vault) -> bool {
    name().is_ok_and(|name| vault.meta(&name).is_some())
}

/// Goes on only with a right code, if codes are asked for.
pub(crate) fn must_be_given(vault: &mut Vault, args: &CodeFrom) -> anyhow::Result<()> {
    if !is_enrolled(vault) {
        return Ok(());
    }
    check(vault, args)
}

/// Takes one code.
pub(crate) fn check(vault: &mut Vault, args: &CodeFrom) -> anyhow::Result<()> {
    let code = input::line(args.code_from.as_deref(), "One-time code: ")?;
    let (what, next) = match vault.check_code(&name()?, &code, now())? {
        Answer::Accepted => return Ok(()),
        Answer::Used => (
            "this code was used already",
            "wait for the app to show another",
        ),
        Answer::Wrong => (
            "this code is not right",
            "see that the clocks of both machines are right, and use the code shown now",
        ),
    };
    Err(Stop::new(Code::Unproven, what).next(next).into())
}
