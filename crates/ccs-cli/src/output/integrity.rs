//! How manifests stand, for people and for programs.

use std::fmt::Write as _;
use std::io::Write;

use ccs_hooks::integrity::{Scope, Standing};
use ccs_integrity::drift::{Change, Drift};
use ccs_integrity::manifest::{Class, Digest};
use serde::Serialize;

use super::Output;
use super::human::{self, Line};
use crate::commands::integrity::{self, Verified};
use crate::exit::Code;
use crate::person::visible;
use crate::scope;

/// More deviations than this are counted only, before signing.
const SHOWN: usize = 40;

/// The answer of `verify` and `status` in JSON.
#[derive(Serialize)]
pub(crate) struct Answer {
    /// Everything was verified and nothing deviates.
    clean: bool,
    scopes: Vec<One>,
}

#[derive(Serialize)]
struct One {
    scope: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    error: Option<String>,
    #[serde(flatten, skip_serializing_if = "Option::is_none")]
    standing: Option<Details>,
}

#[derive(Serialize)]
struct Details {
    generation: u64,
    /// Seconds since 1970.
    signed: u64,
    verified: usize,
    accepted: usize,
    deviations: Vec<Deviation>,
}

/// One deviation in JSON.
#[derive(Serialize)]
pub(crate) struct Deviation {
    path: String,
    class: &'static str,
    change: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    before: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    after: Option<String>,
}

impl Answer {
    pub(crate) fn of(verified: &[Verified]) -> Self {
        Answer {
            clean: integrity::code(verified) == Code::Ok,
            scopes: verified.iter().map(One::of).collect(),
        }
    }
}

impl One {
    fn of((scope, standing): &Verified) -> Self {
        One {
            scope: scope::name(scope),
            error: match standing {
                Err(error) => Some(error.to_string()),
                Ok(None) => Some("never signed".to_owned()),
                Ok(Some(_)) => None,
            },
            standing: match standing {
                Ok(Some(standing)) => Some(Details::of(standing)),
                _ => None,
            },
        }
    }
}

impl Details {
    fn of(standing: &Standing) -> Self {
        let (manifest, report) = (&standing.trusted.manifest, &standing.report);
        Details {
            generation: manifest.generation(),
            signed: manifest.created(),
            verified: report.verified,
            accepted: report.accepted,
            deviations: report.drifts.iter().map(Deviation::of).collect(),
        }
    }
}

impl Deviation {
    pub(crate) fn of(drift: &Drift) -> Self {
        let hex = |digest: &Option<Digest>| digest.as_ref().map(Digest::to_string);
        let (before, after) = match &drift.change {
            Change::Modified { before, after } => (hex(before), hex(after)),
            Change::Type { before, after } => (Some((*before).into()), Some((*after).into())),
            Change::Mode { before, after } => {
                (Some(format!("{before:o}")), Some(format!("{after:o}")))
            }
            Change::Owner { before, after } => (
                Some(format!("{}:{}", before.user, before.group)),
                Some(format!("{}:{}", after.user, after.group)),
            ),
            Change::LinkEscape { target } => (None, Some(target.display().to_string())),
            Change::Unreadable { why } => (None, Some(why.clone())),
            _ => (None, None),
        };
        Deviation {
            path: drift.path.display().to_string(),
            class: class(drift.class),
            change: drift.change.word(),
            before,
            after,
        }
    }
}

fn class(class: Class) -> &'static str {
    match class {
        Class::Exec => "exec",
        Class::Docs => "docs",
    }
}

/// A change in words.
pub(crate) fn described(change: &Change) -> String {
    match change {
        Change::Mode { before, after } => format!("mode {before:o} became {after:o}"),
        Change::Owner { before, after } => format!(
            "owner {}:{} became {}:{}",
            before.user, before.group, after.user, after.group
        ),
        Change::Type { before, after } => format!("{before} became {after}"),
        Change::LinkEscape { target } => {
            format!(
                "link to `{}`, which is not signed",
                visible(&target.display().to_string())
            )
        }
        Change::Unreadable { why } => format!("unreadable: {}", visible(why)),
        other => other.word().to_owned(),
    }
}

/// Every deviation in a line, then how each scope stands.
pub(crate) fn verified(output: &mut Output, verified: &[Verified]) -> anyhow::Result<()> {
    for (_, result) in verified {
        for drift in result.iter().flatten().flat_map(|s| &s.report.drifts) {
            human::line(output, &line_of(drift))?;
        }
    }
    standing(output, verified)
}

pub(crate) fn line_of(drift: &Drift) -> Line {
    let path = visible(&drift.path.display().to_string());
    let text = format!("{path}: {}", described(&drift.change));
    match drift.class {
        Class::Exec => Line::fail("integrity.exec", text),
        Class::Docs => Line::warn("integrity.docs", text),
    }
}

/// One line for each scope.
pub(crate) fn standing(output: &mut Output, verified: &[Verified]) -> anyhow::Result<()> {
    for one in verified {
        human::line(output, &line(one))?;
    }
    output.flush()?;
    Ok(())
}

/// How one scope stands, in a line.
pub(crate) fn line((scope, standing): &Verified) -> Line {
    let name = scope::name(scope);
    match standing {
        Err(error) => Line::fail("integrity.unverified", format!("{name}: {error}"))
            .fix("put it back from a copy, or begin anew with `ccs integrity sign --new-key`"),
        Ok(None) if *scope == Scope::Installation => {
            Line::fail("integrity.unsigned", format!("{name}: never signed"))
                .fix("ccs integrity sign")
        }
        Ok(None) => Line::info("integrity.unsigned", format!("{name}: never signed"))
            .fix("ccs integrity sign"),
        Ok(Some(standing)) => {
            let report = &standing.report;
            let kept = report.verified + report.accepted;
            let generation = standing.trusted.manifest.generation();
            let text = format!(
                "{name}: generation {generation}, {kept} as signed or approved, {} not",
                report.drifts.len()
            );
            match report.worst() {
                None => Line::ok("integrity.clean", text),
                Some(Class::Docs) => Line::warn("integrity.docs", text).fix("ccs integrity diff"),
                Some(Class::Exec) => Line::fail("integrity.exec", text)
                    .fix("ccs integrity diff, then `ccs integrity sign` if all of it is yours"),
            }
        }
    }
}

/// What a person sees before they type the passphrase.
pub(crate) fn to_be_signed(verified: &[Verified]) -> String {
    let mut text = String::new();
    for (scope, result) in verified {
        let drifts = result.iter().flatten().flat_map(|s| &s.report.drifts);
        let drifts: Vec<&Drift> = drifts.collect();
        let _ = match result {
            Ok(Some(_)) => writeln!(text, "{}: {} changes", scope::name(scope), drifts.len()),
            Ok(None) => writeln!(text, "{}: signed for the first time", scope::name(scope)),
            Err(error) => writeln!(text, "{}: {error}", scope::name(scope)),
        };
        for drift in drifts.iter().take(SHOWN) {
            let path = visible(&drift.path.display().to_string()).replace('\n', "<U+000A>");
            let _ = writeln!(text, "  {} {path}", described(&drift.change));
        }
        if drifts.len() > SHOWN {
            let _ = writeln!(
                text,
                "  and {} more; see `ccs integrity diff`",
                drifts.len() - SHOWN
            );
        }
    }
    text
}
