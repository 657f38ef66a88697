//! `ccs audit prove` and `checkpoint`: texts that hold without the log.

use std::io::Write;
use std::path::Path;

use ccs_audit::export;
use ccs_audit::merkle::verify_consistency;
use ccs_audit::note::{self, Note, Verifier};
use ccs_audit::proof::{Error as Untrue, Proof, Trust};
use ccs_audit::witness::Request;
use ccs_audit::{Checkpoint as Point, Record, entry};

use crate::args::audit::{Checkpoint, Prove};
use crate::audit::file::{self, Existing};
use crate::audit::{Trail, known};
use crate::exit::{Code, Stop};
use crate::output::human::{self, Line};
use crate::output::{Output, audit as text, json};

pub(super) fn prove(args: &Prove, trail: &Trail<'_>, output: &mut Output) -> anyhow::Result<Code> {
    let text = match (args.seq, args.since, &args.check) {
        (Some(seq), ..) => trail.sealed_reader()?.prove(seq)?.to_string(),
        (_, Some(size), _) => growth(trail, size)?,
        (.., Some(path)) => return check(args, path, trail, output),
        _ => return Err(Stop::new(Code::Usage, "nothing is to be proved").into()),
    };
    put(&text, args.out.as_deref(), "the proof", output)
}

/// That the log over `size` entries is the beginning of the one the newest checkpoint is over.
fn growth(trail: &Trail<'_>, size: u64) -> anyhow::Result<String> {
    let reader = trail.sealed_reader()?;
    let checkpoint = reader
        .checkpoint()?
        .ok_or(ccs_audit::Error::NotCheckpointed { seq: 0 })?;
    let new = Point::parse(&checkpoint.text)?.size;
    if size > new {
        let what = format!("the newest checkpoint is over {new} entries");
        return Err(Stop::new(Code::Usage, what)
            .next("ccs audit checkpoint")
            .into());
    }
    let request = Request {
        old: size,
        proof: reader.consistency(size, new)?,
        checkpoint,
    };
    Ok(request.to_string())
}

pub(super) fn checkpoint(
    args: &Checkpoint,
    trail: &Trail<'_>,
    output: &mut Output,
) -> anyhow::Result<Code> {
    let note = if args.latest {
        let newest = trail.sealed_reader()?.checkpoint()?;
        newest.ok_or(ccs_audit::Error::NotCheckpointed { seq: 0 })?
    } else {
        trail.log()?.checkpoint()?
    };
    put(
        &note.to_string(),
        args.out.as_deref(),
        "the checkpoint",
        output,
    )
}

fn put(text: &str, out: Option<&Path>, what: &str, output: &mut Output) -> anyhow::Result<Code> {
    let Some(path) = out else {
        write!(output, "{text}")?;
        return Ok(Code::Ok);
    };
    file::write(path, Existing::Keep, |out| {
        Ok(out.write_all(text.as_bytes())?)
    })?;
    super::done(
        output,
        "written",
        format!("{what} is in `{}`", path.display()),
    )
}

/// What a proof shows.
struct Shown {
    text: String,
    record: Option<Record>,
    size: u64,
}

/// Checks a proof with nothing but keys. One that does not hold is a finding.
fn check(
    args: &Prove,
    path: &Path,
    trail: &Trail<'_>,
    output: &mut Output,
) -> anyhow::Result<Code> {
    let text = file::text(path)?;
    let trust = trust(args, trail)?;
    let shown = if text.starts_with("c2sp.org/tlog-proof@") {
        inclusion(&text, &trust)
    } else {
        extension(&text, args, &trust)
    };
    let refused = |why: String| {
        let what = format!("`{}` is not a proof: {why}", path.display());
        Stop::new(Code::Refused, what)
    };
    match shown {
        Ok(shown) => holds(args, &shown, output),
        Err(No::Malformed(why)) => Err(refused(why).into()),
        Err(No::Stop(stop)) => Err(stop),
        Err(No::Untrue(why)) => {
            if args.json.json {
                json::value(output, &serde_json::json!({"holds": false, "why": why}))?;
            } else {
                human::line(
                    output,
                    &Line::fail("proof", format!("it does not hold: {why}")),
                )?;
            }
            Ok(Code::Findings)
        }
    }
}

/// Why a proof shows nothing.
enum No {
    Malformed(String),
    Untrue(String),
    Stop(anyhow::Error),
}

impl From<Untrue> for No {
    fn from(error: Untrue) -> Self {
        match error {
            Untrue::Malformed(_) | Untrue::Checkpoint(note::Error::Note(_)) => {
                No::Malformed(error.to_string())
            }
            // the cause says whether nobody signed or somebody forged
            Untrue::Checkpoint(cause) => No::Untrue(format!("{cause}")),
            other => No::Untrue(other.to_string()),
        }
    }
}

fn inclusion(text: &str, trust: &Trust) -> Result<Shown, No> {
    let proof = Proof::parse(text)?;
    let Some(bytes) = proof.extra.as_deref() else {
        return Err(No::Malformed("it does not carry its entry".into()));
    };
    let checkpoint = proof.verify(bytes, trust)?;
    let record = entry::decode(bytes).map_err(|error| No::Malformed(error.to_string()))?;
    let (seq, origin, size) = (record.seq, &checkpoint.origin, checkpoint.size);
    Ok(Shown {
        text: format!("entry {seq} is among the first {size} of `{origin}`"),
        record: Some(record),
        size,
    })
}

fn extension(text: &str, args: &Prove, trust: &Trust) -> Result<Shown, No> {
    let request = Request::parse(text).map_err(|error| No::Malformed(error.to_string()))?;
    let new = trust.check(&request.checkpoint)?;
    let (from, old) = match (&args.from, request.old) {
        (None, 0) => (None, ccs_audit::merkle::empty_root()),
        (None, _) => {
            let stop = Stop::new(Code::Usage, "the earlier checkpoint is needed");
            return Err(No::Stop(stop.next("name it with --from FILE").into()));
        }
        (Some(path), _) => {
            let note = earlier(path).map_err(No::Stop)?;
            let earlier = Trust {
                quorum: 0,
                ..trust.clone()
            };
            let point = earlier.check(&note)?;
            (Some(point.size), point.root)
        }
    };
    let size = from.unwrap_or(0);
    if size != request.old {
        let why = format!(
            "it is about {} entries, the earlier checkpoint about {size}",
            request.old
        );
        return Err(No::Untrue(why));
    }
    if !verify_consistency((size, old), (new.size, new.root), &request.proof) {
        return Err(No::Untrue("the log was not continued but changed".into()));
    }
    Ok(Shown {
        text: format!(
            "the first {size} of {} entries of `{}` are unchanged",
            new.size, new.origin
        ),
        record: None,
        size: new.size,
    })
}

fn earlier(path: &Path) -> anyhow::Result<Note> {
    note::parse(&file::text(path)?).map_err(|error| {
        let what = format!("`{}` is not a checkpoint: {error}", path.display());
        Stop::new(Code::Refused, what).into()
    })
}

fn trust(args: &Prove, trail: &Trail<'_>) -> anyhow::Result<Trust> {
    let log = match &args.key {
        Some(key) => known::log_key(key)?,
        None => own_key(trail)?,
    };
    let witnesses: Result<Vec<Verifier>, Stop> =
        args.witness.iter().map(|key| known::witness(key)).collect();
    let witnesses = witnesses?;
    if args.quorum > witnesses.len() {
        let what = format!(
            "{} witnesses are asked for and {} named",
            args.quorum,
            witnesses.len()
        );
        return Err(Stop::new(Code::Usage, what)
            .next("name each with --witness KEY")
            .into());
    }
    Ok(Trust {
        log,
        witnesses,
        quorum: args.quorum,
    })
}

/// That of the log on this machine.
fn own_key(trail: &Trail<'_>) -> anyhow::Result<Verifier> {
    let path = trail.folder.join("log.json");
    if !path.is_file() {
        let stop = Stop::new(Code::Usage, "whose proof it is meant to be is not known");
        return Err(stop
            .next("name the log's key or a copy of its log.json with --key")
            .into());
    }
    known::log_key(&path.to_string_lossy())
}

fn holds(args: &Prove, shown: &Shown, output: &mut Output) -> anyhow::Result<Code> {
    let stored = shown.record.clone().map(|record| ccs_audit::Stored {
        leaf: ccs_audit::merkle::leaf_hash(&record.to_bytes()),
        mac: ccs_audit::Hash::default(),
        record,
    });
    if args.json.json {
        let mut entry = stored.as_ref().map(export::json);
        if let Some(fields) = entry.as_mut().and_then(serde_json::Value::as_object_mut) {
            fields.remove("mac"); // a proof does not carry it
        }
        let value = serde_json::json!({
            "holds": true, "text": shown.text, "size": shown.size, "entry": entry,
        });
        json::value(output, &value)?;
        return Ok(Code::Ok);
    }
    human::line(output, &Line::ok("proof", &shown.text))?;
    if let Some(stored) = &stored {
        text::line(output, stored)?;
    }
    Ok(Code::Ok)
}
