//! One check in words.

use std::io::Write;

use ccs_integrity::posture::catalog::{self, Auto, Maps};
use serde::Serialize;

use crate::exit::{Code, Stop};
use crate::output::{Output, json};
use crate::posture::word;

#[derive(Serialize)]
struct Answer {
    id: &'static str,
    group: &'static str,
    title: &'static str,
    severity: &'static str,
    looks_at: &'static str,
    evidence: &'static str,
    fix: &'static str,
    auto: Auto,
    preflight: bool,
    maps: Maps,
}

pub(super) fn run(id: &str, as_json: bool, output: &mut Output) -> anyhow::Result<Code> {
    let Some(check) = catalog::by_id(id) else {
        let stop = Stop::new(Code::Usage, format!("there is no check `{id}`"));
        return Err(stop.next(near(id)).into());
    };
    let answer = Answer {
        id: check.id,
        group: check.group,
        title: check.title,
        severity: word(check.severity),
        looks_at: check.looks_at,
        evidence: check.evidence,
        fix: check.fix,
        auto: check.auto,
        preflight: check.preflight,
        maps: check.maps,
    };
    if as_json {
        json::value(output, &answer)?;
        return Ok(Code::Ok);
    }
    let repaired = match answer.auto {
        Auto::Yes => "by `ccs posture --fix`",
        Auto::Offer => "by `ccs posture --fix --only ID`, where it stands in settings",
        Auto::No => "by a person",
    };
    let maps = answer.maps;
    writeln!(output, "{} [{}]", answer.title, answer.id)?;
    writeln!(output, "  severity   {} at most", answer.severity)?;
    writeln!(output, "  looks at   {}", answer.looks_at)?;
    writeln!(output, "  evidence   {}", answer.evidence)?;
    writeln!(output, "  to do      {}; repaired {repaired}", answer.fix)?;
    writeln!(
        output,
        "  known as   OWASP {} and {}, MITRE ATLAS {}, CIS {}",
        maps.owasp_agentic, maps.owasp_llm, maps.atlas, maps.cis
    )?;
    Ok(Code::Ok)
}

/// The checks of the same group, or where all of them are.
fn near(id: &str) -> String {
    let group = id.split('.').next().unwrap_or_default();
    let like = catalog::all()
        .iter()
        .filter(|check| check.id.split('.').next() == Some(group));
    let like: Vec<&str> = like.map(|check| check.id).collect();
    match like.is_empty() {
        true => "docs/POSTURE.md has all of them".to_owned(),
        false => format!("there are {}", like.join(", ")),
    }
}
