//! The policy's files in the state folder: the text its owner edits, the keys, the signed bundle.

use anyhow::Context;
use ccs_gate::Policy;
use ccs_gate::policy::{bundle, example};
use ccs_hooks::install::Record;
use ccs_integrity::file;

use crate::exit::{Code, Stop};
use crate::gate::{self, BUNDLE, POLICY, PUBLIC, SECRET};
use crate::places::Places;
use crate::plan::{Change, Kind};

/// What is missing for a policy to be in force. Nothing that is there is touched: a key or a
/// bundle that does not fit is for its owner to look at.
pub(crate) fn missing(places: &Places) -> anyhow::Result<Vec<Change>> {
    let path = places.in_state(POLICY);
    let text = file::read(&path)?;
    let yaml = text.clone().unwrap_or_else(|| example().into());
    let mut changes = vec![Change {
        path,
        before: text,
        after: Some(yaml.clone()),
        kind: Kind::Own,
    }];
    let exists = |name| places.in_state(name).exists();
    if exists(BUNDLE) || exists(PUBLIC) || exists(Record::FILE) {
        gate::policy_in_force(places)?;
        return Ok(changes);
    }
    let policy = parse(&yaml, &places.in_state(POLICY).display().to_string())?;
    let key = if exists(SECRET) {
        Key::Existing
    } else {
        Key::New
    };
    changes.extend(sealed(places, &policy, key)?);
    Ok(changes)
}

/// The policy in force after setup: the one that is in force now, or else that of policy.yaml.
pub(crate) fn coming(places: &Places) -> anyhow::Result<Policy> {
    if let Some(policy) = gate::policy_in_force(places)? {
        return Ok(policy);
    }
    let path = places.in_state(POLICY);
    match file::read(&path)? {
        Some(yaml) => parse(&yaml, &path.display().to_string()),
        None => Ok(Policy::default()),
    }
}

/// Whether this is the policy that setup starts with, and so nobody's work.
pub(crate) fn is_example(yaml: &[u8]) -> bool {
    yaml == example().as_bytes()
}

/// Where the key to sign with comes from. A new one is never made unless it is asked for.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Key {
    Existing,
    New,
}

/// The policy as a signed bundle, with its keys.
pub(crate) fn sealed(places: &Places, policy: &Policy, key: Key) -> anyhow::Result<Vec<Change>> {
    let path = places.in_state(SECRET);
    let secret = match key {
        Key::New => fresh()?,
        Key::Existing => gate::read_key(&path)?.ok_or_else(|| no_key(&path))?,
    };
    let public = bundle::public_key(&secret);
    let bundle = bundle::seal(policy, &secret);
    Ok(vec![
        Change::to(path, Some(gate::write_key(&secret)), Kind::Opaque)?,
        Change::to(
            places.in_state(PUBLIC),
            Some(gate::write_key(&public)),
            Kind::Opaque,
        )?,
        Change::to(places.in_state(BUNDLE), Some(bundle), Kind::Opaque)?,
    ])
}

/// Reads a policy; errors name the file.
pub(crate) fn parse(yaml: &[u8], name: &str) -> anyhow::Result<Policy> {
    let text = std::str::from_utf8(yaml).map_err(|_| refused(name, "it is not UTF-8"))?;
    gate::compile(text).map_err(|error| refused(name, &format!("{error:#}")).into())
}

fn refused(name: &str, what: &str) -> Stop {
    Stop::new(Code::Refused, format!("`{name}`: {what}")).next("correct that place and run again")
}

fn no_key(path: &std::path::Path) -> Stop {
    Stop::new(Code::Unproven, format!("`{}` is missing", path.display()))
        .next("put it back from a backup, or make a new one with `ccs policy compile --new-key`")
}

fn fresh() -> anyhow::Result<[u8; 32]> {
    let mut key = [0; 32];
    getrandom::fill(&mut key).context("the system gives no random bytes")?;
    Ok(key)
}
