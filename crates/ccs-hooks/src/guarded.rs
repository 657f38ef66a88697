//! Signed files: whether they still are as signed, and who may change them.
//!
//! What was never signed is nobody's business here. What was signed and runs (class `exec`) stops
//! every call that acts as soon as it deviates, and changes only with a person's approval of
//! exactly that content. Of text that a model reads (class `docs`) the user is told.

use std::borrow::Cow;
use std::path::{Path, PathBuf};

use ccs_gate::{Decision, Finding, Resolve, Severity, Touched, Verdict};
use ccs_integrity::drift::Report;
use ccs_integrity::file::Writer;
use ccs_integrity::manifest::Class;

use crate::approvals::{Approvals, Error as ApprovalError, Found, Wanted};
use crate::calls::Candidate;
use crate::edit;
use crate::integrity::{Deviation, Error, Look, Scope, Signed, Touch};
use crate::judge::{self, Judge};
use crate::place::Place;
use crate::protocol::event::ToolUse;
use crate::resolve::Links;

/// How many paths a message names.
const SHOWN: usize = 8;

/// Tools of the client that touch nothing but the session itself.
const INERT: [&str; 9] = [
    "AskUserQuestion",
    "EnterPlanMode",
    "ExitPlanMode",
    "TaskCreate",
    "TaskGet",
    "TaskList",
    "TaskUpdate",
    "TodoWrite",
    "ToolSearch",
];

/// What there is to say about a call.
#[derive(Debug, Default)]
pub(crate) struct Guarded {
    findings: Vec<Finding>,
    /// A person approved exactly this.
    approved: bool,
    /// What the user is told besides.
    pub(crate) notes: Vec<String>,
}

impl Guarded {
    /// Adds what was found. With an approval nobody needs to be asked any more; what is denied
    /// stays denied.
    pub(crate) fn apply(&mut self, verdict: &mut Verdict) {
        if self.approved {
            verdict
                .findings
                .retain(|finding| finding.decision == Decision::Deny);
            verdict.rewrite = None;
        }
        judge::add_own(verdict, std::mem::take(&mut self.findings));
    }
}

/// Every scope that may be signed at this place.
fn scopes(place: &Place, links: &Links) -> Vec<Scope> {
    let mut scopes = vec![Scope::Installation];
    for project in &place.projects {
        let real = links.real_path(project);
        let scope = Scope::Project(PathBuf::from(real.as_ref().unwrap_or(project)));
        if !scopes.contains(&scope) {
            scopes.push(scope);
        }
    }
    scopes
}

/// Looks at a tool call that the gate has judged.
pub(crate) fn check(
    place: &Place,
    session: Option<&str>,
    uses: &[ToolUse<'_>],
    judge: &Judge<'_>,
    candidates: &[Candidate<'_>],
    verdict: &Verdict,
) -> Guarded {
    let mut guarded = Guarded::default();
    let Some(state) = place.state.as_deref() else {
        return guarded;
    };
    let signed = Signed::new(state);
    if !signed.is_begun() {
        return guarded;
    }
    let scopes = scopes(place, judge.links());
    let expands = uses
        .iter()
        .any(|call| matches!(call.tool, "Skill" | "SlashCommand"));
    let looks = looks(&signed, &scopes, expands, &mut guarded.findings);
    if looks.is_empty() && guarded.findings.is_empty() {
        return guarded;
    }
    if !acts(uses, candidates, verdict) {
        guarded.findings.clear();
        return guarded;
    }
    guarded.findings.extend(looks.iter().filter_map(broken));
    if guarded.findings.is_empty() && verdict.decision != Decision::Deny {
        let call = Call {
            place,
            state,
            session,
            uses,
            candidates,
        };
        changes(&call, judge, &looks, &mut guarded);
    }
    guarded
}

/// What is known of every scope that was signed. A skill's own files may have no mark, so before
/// one is expanded everything is verified.
fn looks(signed: &Signed, scopes: &[Scope], whole: bool, findings: &mut Vec<Finding>) -> Vec<Look> {
    let mut looks = Vec::new();
    for scope in scopes {
        if whole && let Err(error) = signed.verify(scope) {
            findings.push(unverified(&error));
            continue;
        }
        match signed.look(scope) {
            Ok(look) => looks.extend(look),
            Err(error) => findings.push(unverified(&error)),
        }
    }
    looks
}

/// Whether the call does more than look at ordinary files, or at what the session keeps for itself.
fn acts(uses: &[ToolUse<'_>], candidates: &[Candidate<'_>], verdict: &Verdict) -> bool {
    let is_inert = uses.iter().all(|call| INERT.contains(&call.tool));
    let acts = |one: &Candidate<'_>| match one {
        Candidate::Read { .. } | Candidate::Search { .. } => false,
        Candidate::Command { .. } => !verdict.harmless,
        Candidate::Write { .. } | Candidate::Fetch { .. } | Candidate::Other { .. } => true,
    };
    !is_inert && candidates.iter().any(acts)
}

struct Call<'a> {
    place: &'a Place,
    state: &'a Path,
    session: Option<&'a str>,
    uses: &'a [ToolUse<'a>],
    candidates: &'a [Candidate<'a>],
}

/// Stops a change of a guarded file unless a person approved it.
fn changes(call: &Call<'_>, judge: &Judge<'_>, looks: &[Look], guarded: &mut Guarded) {
    let touched = judge.touched(call.candidates);
    let class_of = |one: &Touched| {
        let touch = Touch::from(one);
        looks.iter().filter_map(|look| look.class_of(&touch)).max()
    };
    let (mut exec, mut docs) = (Vec::new(), Vec::new());
    for one in &touched {
        let list = match class_of(one) {
            Some(Class::Exec) => &mut exec,
            Some(Class::Docs) => &mut docs,
            None => continue,
        };
        if !list.contains(&one.path) {
            list.push(one.path.clone());
        }
    }
    if !docs.is_empty() {
        guarded.notes.push(format!(
            "ccs: {} is signed text that a model reads; it will count as modified until it is signed again.",
            list(&docs)
        ));
    }
    if !exec.is_empty() {
        approval(call, judge, exec, guarded);
    }
}

fn approval(call: &Call<'_>, judge: &Judge<'_>, touches: Vec<String>, guarded: &mut Guarded) {
    let shown = list(&touches);
    let Some((action, path, content)) = wanted(call, judge) else {
        guarded.findings.push(stopped(&shown, BY_HAND.into()));
        return;
    };
    let wanted = Wanted {
        action,
        tool: call.uses.first().map_or("", |one| one.tool),
        path: path.as_deref(),
        content: &content,
        session: call.session,
        touches,
    };
    let approvals = Approvals::new(call.state);
    let now = Approvals::now();
    let taken = approvals.take(&wanted, now);
    let before = match taken {
        Ok(Found::Used { change, .. }) => match accept(call, judge.links(), change.as_deref()) {
            Ok(()) => {
                guarded.approved = true;
                return;
            }
            Err(error) => format!("The approval could not be put into force: {error}. "),
        },
        Ok(Found::Refused(why)) => format!("There was an approval, but {why}. "),
        Ok(Found::Nothing) => String::new(),
        Err(error) => format!("Approvals cannot be read: {error}. "),
    };
    let instead = match approvals.ask(&wanted, now) {
        Ok(id) => format!(
            "{before}A person can allow exactly this once with `ccs approve {id}` in a terminal of \
             their own; then make the same call again."
        ),
        Err(ApprovalError::TooLong) => BY_HAND.to_owned(),
        Err(error) => format!("{before}No approval can be asked for: {error}."),
    };
    guarded.findings.push(stopped(&shown, instead));
}

const BY_HAND: &str = "What the files would hold cannot be told, so it cannot be approved. The \
    person at the keyboard makes the change and signs it with `ccs integrity sign`.";

/// Action, path and content of what an approval would be about; `None` if that cannot be told.
fn wanted<'a>(
    call: &Call<'a>,
    judge: &Judge<'_>,
) -> Option<(&'static str, Option<String>, Vec<u8>)> {
    let ([one], [candidate]) = (call.uses, call.candidates) else {
        return None;
    };
    match candidate {
        Candidate::Write { path, .. } => {
            let path = real(path, call.place, judge)?;
            let content = edit::after(one, Path::new(&path))?;
            Some(("edit", Some(path), content))
        }
        Candidate::Command { text, .. } => Some(("run", None, in_folder(call.place, text))),
        _ => {
            let text = format!("{} {}", one.tool, one.input.raw);
            Some(("run", None, in_folder(call.place, &text)))
        }
    }
}

fn real(path: &str, place: &Place, judge: &Judge<'_>) -> Option<String> {
    let whole = Path::new(place.cwd.as_deref().unwrap_or("/")).join(path);
    let whole = crate::place::absolute(whole.to_str()?)?;
    judge.links().real_path(&whole)
}

/// A command as it is approved: with the folder it runs in.
fn in_folder(place: &Place, text: &str) -> Vec<u8> {
    let cwd = place.cwd.as_deref().unwrap_or("an unknown folder");
    format!("# in {cwd}\n{text}\n").into_bytes()
}

/// Puts the signed change that came with an approval into force.
fn accept(call: &Call<'_>, links: &Links, change: Option<&[u8]>) -> Result<(), String> {
    let Some(bytes) = change else {
        return Ok(());
    };
    let signed = Signed::new(call.state);
    let key = signed.key().map_err(|error| error.to_string())?;
    let key = key.ok_or("nothing is signed")?;
    let home = call.place.home.as_deref().unwrap_or("/");
    let writer = Writer::open(Path::new(home), call.state).map_err(|error| error.to_string())?;
    let mut why = String::new();
    for scope in scopes(call.place, links) {
        match signed.store(&scope).accept(&writer, &key, bytes) {
            Ok(_) => return Ok(()),
            Err(error) => why = error.to_string(),
        }
    }
    Err(why)
}

fn stopped(shown: &str, instead: String) -> Finding {
    Finding {
        rule: Cow::Borrowed("integrity.guarded-file"),
        severity: Severity::High,
        decision: Decision::Deny,
        title: Cow::Borrowed("Changes a signed file"),
        why: Cow::Borrowed("It runs, or decides what runs, and its owner signed it as it is."),
        instead: Some(Cow::Owned(instead)),
        evidence: shown.to_owned(),
    }
}

/// The finding that stops whatever acts while something that runs deviates.
fn broken(look: &Look) -> Option<Finding> {
    if !look.is_broken() {
        return None;
    }
    let exec = look.deviations.iter().filter(|deviation| deviation.exec);
    Some(deviates(exec, Decision::Deny))
}

fn deviates<'a>(deviations: impl Iterator<Item = &'a Deviation>, decision: Decision) -> Finding {
    Finding {
        rule: Cow::Borrowed("integrity.deviation"),
        severity: Severity::Critical,
        decision,
        title: Cow::Borrowed("What runs here is not what its owner signed"),
        why: Cow::Borrowed(
            "It may have been replaced. Nothing is run or changed until a person has looked.",
        ),
        instead: Some(Cow::Borrowed(
            "In a terminal of their own, a person looks with `ccs integrity diff`, and accepts with `ccs integrity sign`.",
        )),
        evidence: in_words(deviations),
    }
}

/// The finding for a manifest that does not say whether anything changed.
pub(crate) fn unverified(error: &Error) -> Finding {
    Finding {
        rule: Cow::Borrowed("integrity.unverified"),
        severity: Severity::Critical,
        decision: Decision::Deny,
        title: Cow::Borrowed("It cannot be told whether anything was changed"),
        why: Cow::Borrowed(
            "What was signed is missing or not to be trusted, which is no better than a change.",
        ),
        instead: Some(Cow::Borrowed(
            "In a terminal of their own, a person looks with `ccs integrity status`.",
        )),
        evidence: error.to_string(),
    }
}

/// What a session begins with: everything that deviates at this place, verified as a whole.
pub(crate) fn at_start(place: &Place) -> Vec<Finding> {
    let mut findings = Vec::new();
    verified(place, |result| match result {
        Ok(report) => {
            let deviations = crate::integrity::deviations(&report);
            let (exec, docs): (Vec<_>, Vec<_>) = deviations.iter().partition(|one| one.exec);
            if !exec.is_empty() {
                findings.push(deviates(exec.into_iter(), Decision::Allow));
            }
            if !docs.is_empty() {
                findings.push(changed_text(&docs));
            }
        }
        Err(error) => findings.push(Finding {
            decision: Decision::Allow,
            ..unverified(&error)
        }),
    });
    findings
}

fn changed_text(docs: &[&Deviation]) -> Finding {
    Finding {
        rule: Cow::Borrowed("integrity.text"),
        severity: Severity::Medium,
        decision: Decision::Allow,
        title: Cow::Borrowed("Text that a model reads is not what its owner signed"),
        why: Cow::Borrowed("Instructions may have been put into it."),
        instead: Some(Cow::Borrowed("`ccs integrity diff` shows what changed.")),
        evidence: in_words(docs.iter().copied()),
    }
}

/// Whether something at this place that runs deviates now; every scope is verified as a whole.
pub(crate) fn stops(place: &Place) -> Option<Finding> {
    let mut stop = None;
    verified(place, |result| match result {
        Ok(report) if report.worst() == Some(Class::Exec) => {
            let deviations = crate::integrity::deviations(&report);
            let exec = deviations.iter().filter(|one| one.exec);
            stop = Some(deviates(exec, Decision::Deny));
        }
        Ok(_) => {}
        Err(error) => stop = Some(unverified(&error)),
    });
    stop
}

fn verified(place: &Place, mut each: impl FnMut(Result<Report, Error>)) {
    let Some(state) = place.state.as_deref() else {
        return;
    };
    let signed = Signed::new(state);
    if !signed.is_begun() {
        return;
    }
    for scope in scopes(place, &Links::new(place.cwd.as_deref())) {
        match signed.verify(&scope) {
            Ok(Some(standing)) => each(Ok(standing.report)),
            Ok(None) => {}
            Err(error) => each(Err(error)),
        }
    }
}

fn in_words<'a>(deviations: impl Iterator<Item = &'a Deviation>) -> String {
    let words = deviations.map(|deviation| format!("{} {}", deviation.path, deviation.what));
    list(&words.collect::<Vec<_>>())
}

fn list(items: &[String]) -> String {
    let shown = items.iter().take(SHOWN).map(String::as_str);
    let text = shown.collect::<Vec<_>>().join("; ");
    match items.len().saturating_sub(SHOWN) {
        0 => text,
        more => format!("{text}; and {more} more"),
    }
}
