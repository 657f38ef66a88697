//! What a call's session has read, held against what the call does.

use ccs_gate::policy::Step;
use ccs_gate::{Contact, Decision, Deeds, Finding, Policy, Way};

use super::lines::Act;
use super::{Known, Label, State, builds, checks, config_file, fetched, host, lines, remote};
use crate::calls::Candidate;
use crate::judge::Judge;
use crate::place::{Place, is_within};
use crate::protocol::event::ToolUse;

/// Queries up to this length carry no data worth having, in bytes.
const MAX_QUERY: usize = 64;
/// Nor do paths with parts up to this length.
const MAX_PART: usize = 80;

/// A call and the session it is made in.
struct Case<'c> {
    policy: &'c Policy,
    place: &'c Place,
    state: &'c State,
    known: &'c Known,
    /// What the call itself brings, and folders in which what is not there yet would come from it.
    brings: (State, Vec<String>),
    found: Vec<Finding>,
}

/// What there is to say about a call of a session that is not clean.
pub(crate) fn findings(
    judge: &Judge<'_>,
    (state, known): (&State, &Known),
    uses: &[ToolUse<'_>],
    candidates: &[Candidate<'_>],
) -> Vec<Finding> {
    let deeds = judge.deeds(candidates);
    let brings = fetched::expected((state, known), &judge.policy().taint, &deeds);
    let mut case = Case {
        brings,
        policy: judge.policy(),
        place: judge.place(),
        state,
        known,
        found: Vec::new(),
    };
    case.deeds(&deeds);
    for call in uses {
        case.call(call);
    }
    for candidate in candidates {
        if let Candidate::Write { path, text } = candidate
            && let Some(script) = config_file::new_script(case.place, path, text)
        {
            case.step(Step::Config, case.label().asks(), &script);
        }
    }
    case.found
}

impl Case<'_> {
    fn label(&self) -> Label {
        self.state.label
    }

    /// Adds a finding, unless there is one of that rule that is as strict.
    fn step(&mut self, step: Step, decision: Decision, what: &str) {
        if decision == Decision::Allow {
            return;
        }
        let evidence = self.evidence(what);
        let Some(finding) = self.policy.step(step, decision, evidence) else {
            return;
        };
        match self.found.iter_mut().find(|one| one.rule == finding.rule) {
            Some(known) if known.decision >= finding.decision => {}
            Some(known) => *known = finding,
            None => self.found.push(finding),
        }
    }

    /// What is about to happen, and what was read before.
    fn evidence(&self, what: &str) -> String {
        let what: String = what
            .chars()
            .map(|letter| match letter {
                '\0' => '…',
                letter if letter.is_control() => ' ',
                letter => letter,
            })
            .take(120)
            .collect();
        let worst = self
            .state
            .reasons
            .iter()
            .rev()
            .max_by_key(|reason| reason.label);
        let origin = worst
            .map(|reason| reason.origin.as_str())
            .unwrap_or_default();
        format!("{what}; this session is {} since {origin}", self.label())
    }

    fn deeds(&mut self, deeds: &Deeds) {
        let label = self.label();
        for contact in deeds.contacts.iter().filter(|contact| !contact.is_local) {
            self.contact(contact);
        }
        for line in &deeds.commands {
            if let Some(act) = lines::of(line) {
                self.act(act, &line.words.join(" "), line.carries_secret);
            }
            for place in builds::of(line) {
                if self.is_fetched(&place) {
                    self.step(Step::Code, label.asks(), &line.words.join(" "));
                }
            }
        }
        if deeds.runs_fetched {
            self.step(Step::Code, label.asks(), "code that was fetched");
        }
        for path in &deeds.runs {
            self.run(path);
        }
        if deeds.persists {
            self.step(
                Step::Config,
                label.asks(),
                "something that runs later by itself",
            );
        }
        for path in &deeds.secrets {
            self.step(Step::Secret, label.asks_late(), path);
        }
        for touched in &deeds.touched {
            self.change(&touched.path);
        }
        for path in &deeds.deleted {
            if checks::are_tests(self.place, path) {
                self.step(Step::Checks, label.asks(), path);
            }
        }
    }

    fn contact(&mut self, contact: &Contact) {
        let named = host::is_named(&contact.host, self.known, &self.policy.taint.hosts);
        // following a link as it stands gives nothing away that its writer does not know
        let is_link = contact.way == Way::Get && self.is_link(contact);
        let sends =
            contact.way == Way::Send || contact.carries_secret || (has_room(contact) && !is_link);
        let label = self.label();
        if sends && (self.known.secret_read || contact.carries_secret) {
            let decision = if named { label.asks() } else { Decision::Deny };
            return self.step(Step::Egress, decision, &contact.target);
        }
        if named || (host::is_documentation(&contact.host) && !sends) {
            return;
        }
        let decision = match (label, host::is_seen(&contact.host, self.state)) {
            (Label::External, true) if is_link && !sends => return,
            (Label::External, true) if sends || !contact.host.contains('\0') => Decision::Ask,
            (Label::External, _) => return,
            (_, true) => label.asks(),
            (_, false) if sends => label.asks(),
            (_, false) => match label {
                Label::Hostile => Decision::Deny,
                _ => return,
            },
        };
        self.step(Step::Host, decision, &contact.target);
    }

    /// Whether the address stood in untrusted content as it is, or names a host and nothing else.
    fn is_link(&self, contact: &Contact) -> bool {
        let rest = contact
            .target
            .split_once("://")
            .map_or("", |(_, rest)| rest);
        let bare =
            rest.trim_end_matches('/') == contact.host && self.state.hosts.contains(&contact.host);
        bare || self.state.has_seen(&contact.target)
    }

    /// An act that a command or a tool is known for.
    fn act(&mut self, act: Act, what: &str, carries_secret: bool) {
        let label = self.label();
        if act.sends && (self.known.secret_read || carries_secret) {
            return self.step(Step::Egress, Decision::Deny, what);
        }
        let decision = match act.late {
            true => label.asks_late(),
            false => label.asks(),
        };
        self.step(act.step, decision, what);
    }

    /// A file that is run: one that was fetched, or written since something suspicious was read.
    fn run(&mut self, path: &str) {
        let label = self.label();
        match self.state.files.get(path) {
            _ if self.is_fetched(path) => self.step(Step::Code, label.asks(), path),
            Some(Label::Suspicious) => self.step(Step::Code, label.asks_late(), path),
            _ => {}
        }
    }

    /// Whether what lies there was fetched, or is by the call itself.
    fn is_fetched(&self, path: &str) -> bool {
        let (then, loose) = &self.brings;
        then.is_fetched(path) || fetched::is_new_in(path, loose)
    }

    fn change(&mut self, path: &str) {
        let label = self.label();
        if config_file::is_one(path) {
            self.step(Step::Config, label.asks(), path);
        } else if label == Label::Hostile && !self.is_in_work_tree(path) {
            self.step(Step::Hostile, Decision::Deny, path);
        }
    }

    fn is_in_work_tree(&self, path: &str) -> bool {
        let folders = [&self.place.project, &self.place.cwd];
        let mut folders = folders
            .into_iter()
            .flatten()
            .map(String::as_str)
            .chain(["/tmp", "/dev"]);
        folders.any(|folder| is_within(path, folder))
    }

    /// What the call says beside its deeds.
    fn call(&mut self, call: &ToolUse<'_>) {
        let label = self.label();
        if let Some(act) = remote::of(call) {
            self.act(act, call.tool, false);
        }
        if let Some((sure, what)) = checks::taken_away(call) {
            let decision = if sure {
                label.asks()
            } else {
                label.asks_late()
            };
            self.step(Step::Checks, decision, what);
        }
        if label == Label::Hostile && call.tool == "WebSearch" {
            self.step(Step::Hostile, Decision::Ask, call.tool);
        }
    }
}

/// Whether an address that is only read can carry data away.
fn has_room(contact: &Contact) -> bool {
    let rest = contact
        .target
        .split_once("://")
        .map_or("", |(_, rest)| rest);
    let (place, query) = rest.split_once('?').unwrap_or((rest, ""));
    let long = place.split('/').any(|part| part.len() > MAX_PART);
    let unknown = rest.contains('\0') && !contact.host.contains('\0');
    query.len() > MAX_QUERY || long || unknown
}

#[cfg(test)]
mod tests;
