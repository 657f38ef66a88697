//! `ccs integrity sign`: what is there now is what its owner wants.

use ccs_hooks::integrity::{Scope, Signed};
use ccs_integrity::manifest::Manifest;
use serde::Serialize;

use super::{Verified, verify};
use crate::args::integrity::Sign;
use crate::exit::{Code, Stop};
use crate::output::human::{self, Level, Line};
use crate::output::{Output, integrity as shown, json};
use crate::person::{self, Person};
use crate::places::Places;
use crate::signing::{self, From, Keys};
use crate::{scope, state, vault};

#[derive(Serialize)]
struct Done {
    scope: String,
    generation: u64,
    entries: usize,
}

pub(super) fn run(args: &Sign, places: &Places, output: &mut Output) -> anyhow::Result<Code> {
    person::must_not_be_an_agent()?;
    state::must_be_ours(places)?;
    let scopes = match args.no_project {
        true => vec![Scope::Installation],
        false => scope::all(places, args.project.as_deref())?,
    };
    let keys = keys(args, places, &scopes)?;
    let mut done = Vec::new();
    for scope in &scopes {
        if let Some(manifest) = sign(args, places, &keys, scope)? {
            done.push(Done {
                scope: scope::name(scope),
                generation: manifest.generation(),
                entries: manifest.entries().len(),
            });
        }
    }
    report(args, &done, output)
}

/// Shows what will be signed to whoever types the passphrase.
fn keys(args: &Sign, places: &Places, scopes: &[Scope]) -> anyhow::Result<Keys> {
    let is_new = args.new_key || !signing::exist(places);
    let mut person;
    let from = match &args.passphrase_from {
        Some(path) => From::File(path),
        None => {
            person = Person::find()?;
            if !is_new {
                person.show(&shown::to_be_signed(&verify(places, scopes.to_vec())))?;
            }
            From::Person(&mut person)
        }
    };
    match is_new {
        true => signing::create(places, from, args.new_key),
        false => signing::open(places, from),
    }
}

/// `None` for a project that has nothing to sign and never had.
fn sign(
    args: &Sign,
    places: &Places,
    keys: &Keys,
    scope: &Scope,
) -> anyhow::Result<Option<Manifest>> {
    let roots = scope::roots(places, scope, !args.no_client);
    let signed = Signed::new(&places.state);
    let known = signed.known(scope)?;
    if known == 0 && *scope != Scope::Installation && scope::is_empty(&roots) {
        return Ok(None);
    }
    must_be_newest(&signed, scope, known)?;
    let writer = state::writer(places)?;
    let store = signed.store(scope);
    let manifest = store.sign(&writer, &keys.manifest, roots, vault::now())?;
    drop(writer);
    signed.remember(scope, manifest.generation());
    let verified: Verified = (scope.clone(), signed.verify(scope));
    match super::code(&[verified]) {
        Code::Ok => Ok(Some(manifest)),
        _ => {
            let what = format!("{} changed while it was signed", scope::name(scope));
            Err(Stop::new(Code::Unproven, what)
                .next("ccs integrity diff")
                .into())
        }
    }
}

/// A new manifest counts up from the one that is there, so that must be the newest one.
fn must_be_newest(signed: &Signed, scope: &Scope, known: u64) -> anyhow::Result<()> {
    if known == 0 {
        return Ok(());
    }
    match signed.load(scope) {
        Ok(_) => Ok(()),
        Err(error) => {
            let next =
                "put the newest manifest back, or begin anew with `ccs integrity sign --new-key`";
            Err(Stop::new(Code::Unproven, error.to_string())
                .next(next)
                .into())
        }
    }
}

fn report(args: &Sign, done: &[Done], output: &mut Output) -> anyhow::Result<Code> {
    if args.json.json {
        json::value(output, &done)?;
        return Ok(Code::Ok);
    }
    for one in done {
        let text = format!(
            "{}: {} entries are signed, generation {}",
            one.scope, one.entries, one.generation
        );
        human::line(output, &Line::new(Level::Done, "integrity.signed", text))?;
    }
    Ok(Code::Ok)
}
