//! The log's side: showing checkpoints to a witness and keeping what it signs.

use anyhow::{Context, bail};
use ccs_audit::note::{self, Note, Signature};
use ccs_audit::witness::Request;
use ccs_audit::{Checkpoint, Reader};

use super::{ADD, latest_path};
use crate::audit::Trail;
use crate::audit::config::Witness;
use crate::web;

/// How often a checkpoint is shown again because the witness knew another one.
const TRIES: u32 = 3;

/// The last checkpoint a witness has signed; `None` if it knows none of this log.
pub(crate) fn latest(witness: &Witness, origin: &str) -> anyhow::Result<Option<Note>> {
    let answer = web::get(&witness.url, &latest_path(origin))?;
    match answer.status {
        200 => {
            let note = note::parse(&answer.body)?;
            let known = std::slice::from_ref(&witness.key.0);
            note.verify(known).context("it did not sign its answer")?;
            Ok(Some(note))
        }
        404 => Ok(None),
        status => bail!("it answered {status}: {}", first_line(&answer.body)),
    }
}

/// What showing a checkpoint came to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Outcome {
    /// It signed, and the log keeps the signature.
    Cosigned { size: u64 },
    /// It has seen more entries than there are.
    RolledBack { have: u64, known: u64 },
    /// It has seen other entries.
    Forked { size: u64 },
    /// It does not sign for this log.
    Refused { why: String },
}

/// Closes the epoch and has the checkpoint cosigned.
pub(crate) fn cosign(trail: &Trail<'_>, witness: &Witness) -> anyhow::Result<Outcome> {
    let mut log = trail.log()?;
    let checkpoint = log.checkpoint()?;
    let reader = trail.sealed_reader()?;
    let size = Checkpoint::parse(&checkpoint.text)?.size;
    let mut old = 0;
    for _ in 0..TRIES {
        let request = request(&reader, old, size, &checkpoint)?;
        let answer = web::post(&witness.url, ADD, "text/plain", &request.to_string())?;
        match answer.status {
            200 => {
                let line = signed(&answer.body, &checkpoint, witness)?;
                log.cosign(size, &line)?;
                return Ok(Outcome::Cosigned { size });
            }
            409 => {
                let known = answer
                    .body
                    .trim()
                    .parse()
                    .context("it does not say what it knows")?;
                if known > size {
                    return Ok(Outcome::RolledBack { have: size, known });
                }
                if known == size && old == size {
                    return Ok(Outcome::Forked { size });
                }
                old = known;
            }
            422 => return Ok(Outcome::Forked { size: old }),
            status => {
                let why = format!("{status}: {}", first_line(&answer.body));
                return Ok(Outcome::Refused { why });
            }
        }
    }
    bail!("others show it checkpoints of this log at the same time")
}

fn request(reader: &Reader, old: u64, size: u64, note: &Note) -> anyhow::Result<Request> {
    let proof = match old {
        0 => Vec::new(),
        old if old == size => Vec::new(),
        old => reader.consistency(old, size)?,
    };
    Ok(Request {
        old,
        proof,
        checkpoint: note.clone(),
    })
}

/// The witness's own line among those it answered, after its signature was checked.
fn signed(answer: &str, checkpoint: &Note, witness: &Witness) -> anyhow::Result<String> {
    let key = &witness.key.0;
    for line in answer.lines() {
        let Some(signature) = Signature::read(line) else {
            continue;
        };
        let alone = Note {
            text: checkpoint.text.clone(),
            signatures: vec![signature],
        };
        if alone.verify(std::slice::from_ref(key)).is_ok() {
            return Ok(line.to_owned());
        }
    }
    bail!("its answer is not signed by `{key}`")
}

fn first_line(text: &str) -> String {
    crate::output::audit::plain(text.lines().next().unwrap_or_default(), 200)
}
