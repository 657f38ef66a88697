//! `ccs integrity`: is everything as its owner signed it?

mod sign;

use ccs_hooks::integrity::{Error, Scope, Signed, Standing};
use ccs_integrity::diff;
use ccs_integrity::drift::Change;
use ccs_integrity::manifest::{Class, Digest};
use std::io::Write;

use crate::args::integrity::{Diff, Integrity, Look};
use crate::exit::{Code, Stop};
use crate::output::{Output, integrity as shown, json};
use crate::person::visible;
use crate::places::Places;
use crate::remember;
use crate::scope;

pub(crate) fn run(args: &Integrity, places: &Places, output: &mut Output) -> anyhow::Result<Code> {
    match args {
        Integrity::Sign(args) => sign::run(args, places, output),
        Integrity::Verify(args) => look(args, places, output, shown::verified),
        Integrity::Status(args) => look(args, places, output, shown::standing),
        Integrity::Diff(args) => changes(args, places, output),
    }
}

/// How one scope stands.
pub(crate) type Verified = (Scope, Result<Option<Standing>, Error>);

/// Verifies the installation and the project.
pub(crate) fn verify(places: &Places, scopes: Vec<Scope>) -> Vec<Verified> {
    let signed = Signed::new(&places.state);
    let verified = scopes.into_iter().map(|scope| {
        let standing = signed.verify(&scope);
        (scope, standing)
    });
    verified.collect()
}

/// 3 if something cannot be verified, 1 if something deviates.
pub(crate) fn code(verified: &[Verified]) -> Code {
    let of_one = |(scope, standing): &Verified| match standing {
        Err(_) => Code::Unproven,
        // a project that nobody signed says nothing about the installation
        Ok(None) if *scope == Scope::Installation => Code::Unproven,
        Ok(None) => Code::Ok,
        Ok(Some(standing)) if standing.report.drifts.is_empty() => Code::Ok,
        Ok(Some(_)) => Code::Findings,
    };
    verified.iter().map(of_one).max().unwrap_or(Code::Ok)
}

fn look(
    args: &Look,
    places: &Places,
    output: &mut Output,
    show: fn(&mut Output, &[Verified]) -> anyhow::Result<()>,
) -> anyhow::Result<Code> {
    let scopes = scope::all(places, args.project.as_deref())?;
    let verified = verify(places, scopes);
    remember::drift(places, &deviating(&verified));
    if args.json.json {
        json::value(output, &shown::Answer::of(&verified))?;
    } else {
        show(output, &verified)?;
    }
    Ok(code(&verified))
}

/// The files that are not as they were signed.
fn deviating(verified: &[Verified]) -> Vec<String> {
    let standing = verified
        .iter()
        .filter_map(|one| one.1.as_ref().ok()?.as_ref());
    let drifts = standing.flat_map(|standing| &standing.report.drifts);
    drifts
        .map(|drift| drift.path.display().to_string())
        .collect()
}

/// Shows what changed. What is no text, or was too large to keep, is named.
fn changes(args: &Diff, places: &Places, output: &mut Output) -> anyhow::Result<Code> {
    let scopes = scope::all(places, args.project.as_deref())?;
    let path = args.path.as_ref().map(std::path::absolute).transpose()?;
    let mut verified = verify(places, scopes);
    for (_, standing) in &mut verified {
        if let (Ok(Some(standing)), Some(path)) = (&mut *standing, &path) {
            standing.report.drifts.retain(|drift| drift.path == *path);
        }
    }
    for (_, standing) in &verified {
        match standing {
            Ok(Some(standing)) => show(standing, places, output)?,
            Ok(None) => {}
            Err(error) => {
                let stop = Stop::new(Code::Unproven, error.to_string());
                return Err(stop.next("ccs integrity status").into());
            }
        }
    }
    Ok(code(&verified))
}

fn show(standing: &Standing, places: &Places, output: &mut Output) -> anyhow::Result<()> {
    let store = Signed::new(&places.state).store(&standing.scope);
    for drift in &standing.report.drifts {
        let name = visible(&drift.path.display().to_string());
        let class = if drift.class == Class::Exec {
            "exec"
        } else {
            "docs"
        };
        writeln!(
            output,
            "{name}: {} ({class})",
            shown::described(&drift.change)
        )?;
        let before = match &drift.change {
            Change::Modified {
                before: Some(digest),
                ..
            } => store.copy(digest)?,
            Change::Added => Some(Vec::new()),
            Change::Removed => match removed(standing, &drift.path) {
                Some(digest) => store.copy(&digest)?,
                None => None,
            },
            _ => continue,
        };
        let after = std::fs::read(&drift.path).unwrap_or_default();
        match (before.map(String::from_utf8), String::from_utf8(after)) {
            (Some(Ok(before)), Ok(after)) => {
                let text = diff::unified(("signed", "now"), &visible(&before), &visible(&after));
                output.write_all(text.as_bytes())?;
            }
            _ => writeln!(output, "  no text, or too large to have been kept")?,
        }
    }
    Ok(())
}

fn removed(standing: &Standing, path: &std::path::Path) -> Option<Digest> {
    match &standing.trusted.manifest.entry(path)?.what {
        ccs_integrity::manifest::What::File { digest, .. } => Some(*digest),
        _ => None,
    }
}
