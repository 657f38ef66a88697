//! `ccs redact`: a file with every secret in it replaced, the rest byte for byte as it is.

use std::fs::File;
use std::io::{self, Read, Write};
use std::path::Path;

use anyhow::Context;
use ccs_gate::secret::Scanner;
use ccs_integrity::file::{self, New};
use ccs_vault::Fingerprints;

use crate::args::scan::Redact;
use crate::exit::{Code, Stop};
use crate::output::Output;
use crate::places::Places;
use crate::scan::bytes::repaired;
use crate::scan::looker;
use crate::{state, vault};

pub(crate) fn run(args: &Redact, places: &Places, output: &mut Output) -> anyhow::Result<Code> {
    if !args.looks.rule.is_empty() {
        let stop = Stop::new(
            Code::Usage,
            "--rule is for scanning: what is left out here stays",
        );
        return Err(stop.next("leave --rule out").into());
    }
    let scanner = looker::scanner(&args.looks)?;
    let prints = looker::stored(places).context("the fingerprints of the vault")?;
    let before = read(&args.file, args.in_place)?;
    let (after, count) = redact(&scanner, prints.as_ref(), &before);
    if !args.in_place {
        output.write_all(&after)?;
    } else if count > 0 {
        replace(&args.file, &before, &after, places)?;
    }
    vault::warn(&format!("replaced: {count}"));
    Ok(Code::Ok)
}

fn read(path: &Path, in_place: bool) -> anyhow::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    if path.as_os_str() == "-" {
        if in_place {
            let stop = Stop::new(Code::Usage, "the input cannot be replaced");
            return Err(stop.next("name a file, or leave --in-place out").into());
        }
        io::stdin().lock().read_to_end(&mut bytes)?;
        return Ok(bytes);
    }
    let file = File::open(path).and_then(|mut file| file.read_to_end(&mut bytes));
    file.with_context(|| format!("cannot read `{}`", path.display()))?;
    Ok(bytes)
}

/// In one step; the file keeps its permissions.
fn replace(path: &Path, before: &[u8], after: &[u8], places: &Places) -> anyhow::Result<()> {
    let path = file::resolve(&std::path::absolute(path)?)?;
    let new = New {
        before: Some(before),
        bytes: after,
        mode: None,
    };
    state::writer(places)?
        .allow_file(&path)
        .replace(&path, &new)?;
    Ok(())
}

/// The bytes with every secret replaced, and how many were.
fn redact(scanner: &Scanner, prints: Option<&Fingerprints>, bytes: &[u8]) -> (Vec<u8>, usize) {
    let mut copy = bytes.to_vec();
    let text = repaired(&mut copy);
    let hits = prints.map(|prints| prints.find(text)).unwrap_or_default();
    let stored = hits
        .iter()
        .map(|hit| Mark(hit.start, hit.end, format!("[ccs:{}]", hit.name)));
    let stored: Vec<Mark> = stored.collect();
    let mut places = stored.clone();
    for one in scanner.scan(text) {
        let mark = Mark(one.start, one.end, scanner.mark(&one).into_owned());
        places.extend(mark.beside(&stored));
    }
    places.sort();
    let (mut clean, mut at) = (Vec::with_capacity(bytes.len()), 0);
    for Mark(start, end, mark) in &places {
        clean.extend_from_slice(&bytes[at..*start]);
        clean.extend_from_slice(mark.as_bytes());
        at = *end;
    }
    clean.extend_from_slice(&bytes[at..]);
    (clean, places.len())
}

/// A place, and what is put there.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Mark(usize, usize, String);

impl Mark {
    /// What is left of it beside others: what stands in the vault has the better name.
    fn beside(self, others: &[Self]) -> Vec<Self> {
        let Self(start, end, mark) = self;
        let (mut at, mut left) = (start, Vec::new());
        for Self(from, to, _) in others.iter().filter(|one| one.0 < end && start < one.1) {
            if at < *from {
                left.push(Self(at, *from, mark.clone()));
            }
            at = at.max(*to);
        }
        if at < end {
            left.push(Self(at, end, mark));
        }
        left
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn token() -> String {
        ["glpat-", "x7Kq2Rm9Tz4Wc8Vb5Np3"].concat()
    }

    #[test]
    fn what_is_no_text_keeps_every_byte_around_a_secret() {
        let bytes = [b"\xff\0\xe9 ", token().as_bytes(), b" \xc3\xa9\xfe\n"].concat();
        let (clean, count) = redact(&Scanner::builtin(), None, &bytes);
        assert_eq!(count, 1);
        assert_eq!(
            clean,
            b"\xff\0\xe9 [secret:gitlab.personal-token] \xc3\xa9\xfe\n"
        );
    }

    #[test]
    fn a_place_that_holds_others_is_replaced_around_them() {
        let mark = |from, to, text: &str| Mark(from, to, text.to_owned());
        let others = [mark(0, 4, "b"), mark(8, 10, "c"), mark(30, 31, "d")];
        let left = mark(2, 20, "a").beside(&others);
        assert_eq!(left, [mark(4, 8, "a"), mark(10, 20, "a")]);
    }
}
