//! Puts the gate's verdicts on the parts of one call together.

use std::borrow::Cow;
use std::cmp::Reverse;

use ccs_gate::{Decision, Deeds, Facts, Finding, Gate, Severity, Touched, Verdict};

use crate::calls::Candidate;
use crate::config::{self, Config};
use crate::failure::Failure;
use crate::lockdown;
use crate::place::Place;
use crate::resolve::Links;

/// A gate under the policy that holds at a place.
pub(crate) struct Judge<'p> {
    gate: Gate,
    findings: Vec<Finding>,
    place: &'p Place,
    links: Links,
}

impl<'p> Judge<'p> {
    /// # Errors
    ///
    /// [`Failure::Lockdown`] while an incident is on; [`Failure::Policy`] if there is a policy that
    /// cannot be trusted.
    pub(crate) fn at(place: &'p Place) -> Result<Self, Failure> {
        lockdown::check(place.state.as_deref())?;
        let config = config::load(place).map_err(Failure::Policy)?;
        Ok(Self::new(place, config))
    }

    pub(crate) fn new(place: &'p Place, config: Config) -> Self {
        Self {
            gate: Gate::new(config.policy),
            findings: config.findings,
            place,
            links: Links::new(place.cwd.as_deref()),
        }
    }

    pub(crate) fn policy(&self) -> &ccs_gate::Policy {
        self.gate.policy()
    }

    pub(crate) fn place(&self) -> &'p Place {
        self.place
    }

    pub(crate) fn links(&self) -> &Links {
        &self.links
    }

    /// What is known of the machine.
    fn facts(&self) -> Facts<'_> {
        Facts {
            home: self.place.home.as_deref(),
            cwd: self.place.cwd.as_deref(),
            project: self.place.project.as_deref(),
            state: self.place.state.as_deref().and_then(|path| path.to_str()),
            resolve: Some(&self.links),
        }
    }

    /// Every file that the candidates create, change or delete, as far as their text shows.
    pub(crate) fn touched(&self, candidates: &[Candidate<'_>]) -> Vec<Touched> {
        let facts = self.facts();
        let calls = candidates.iter();
        calls
            .flat_map(|one| self.gate.touched(&one.call(), &facts))
            .collect()
    }

    /// What the candidates do, as far as their text shows.
    pub(crate) fn deeds(&self, candidates: &[Candidate<'_>]) -> Deeds {
        let facts = self.facts();
        let mut all = Deeds::default();
        for one in candidates {
            all.extend(self.gate.deeds(&one.call(), &facts));
        }
        all
    }

    /// The strictest verdict on all candidates, every finding kept.
    pub(crate) fn judge(&self, candidates: &[Candidate<'_>]) -> Verdict {
        let facts = self.facts();
        let judged = candidates
            .iter()
            .map(|candidate| self.gate.judge(&candidate.call(), &facts));
        strictest(judged.collect(), self.own(candidates))
    }

    /// What this crate finds itself.
    fn own(&self, candidates: &[Candidate<'_>]) -> Vec<Finding> {
        let mut own = self.findings.clone();
        if self.place.home_changed && candidates.iter().any(|one| one.command().is_some()) {
            own.push(home_changed());
        }
        own.into_iter()
            .map(|finding| config::adjusted(self.policy(), finding))
            .collect()
    }
}

/// Deny over ask over allow; the worst finding first, none twice. A rewrite replaces one command,
/// so several candidates have none.
pub(crate) fn strictest(verdicts: Vec<Verdict>, own: Vec<Finding>) -> Verdict {
    let alone = verdicts.len() == 1;
    let mut all = Verdict {
        harmless: !verdicts.is_empty() && own.is_empty(),
        ..Verdict::default()
    };
    for verdict in verdicts {
        all.decision = all.decision.max(verdict.decision);
        all.harmless &= verdict.harmless;
        all.rewrite = verdict.rewrite.filter(|_| alone);
        add(&mut all.findings, verdict.findings);
    }
    let own_decision = own.iter().map(|finding| finding.decision).max();
    all.decision = all.decision.max(own_decision.unwrap_or_default());
    add(&mut all.findings, own);
    worst_first(&mut all.findings);
    all
}

/// Adds findings of this crate's own, and decides anew.
pub(crate) fn add_own(verdict: &mut Verdict, own: Vec<Finding>) {
    verdict.harmless &= own.is_empty();
    add(&mut verdict.findings, own);
    let worst = verdict
        .findings
        .iter()
        .map(|finding| finding.decision)
        .max();
    verdict.decision = worst.unwrap_or_default();
    worst_first(&mut verdict.findings);
}

fn worst_first(findings: &mut [Finding]) {
    findings.sort_by_key(|finding| Reverse((finding.decision, finding.severity)));
}

fn add(findings: &mut Vec<Finding>, more: Vec<Finding>) {
    for finding in more {
        if !findings.contains(&finding) {
            findings.push(finding);
        }
    }
}

fn home_changed() -> Finding {
    Finding {
        rule: Cow::Borrowed("session.home-changed"),
        severity: Severity::Medium,
        decision: Decision::Ask,
        title: Cow::Borrowed("HOME is not your home folder"),
        why: Cow::Borrowed("`~` and every program's configuration mean another folder than yours."),
        instead: None,
        evidence: String::new(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn finding(rule: &'static str, decision: Decision) -> Finding {
        Finding {
            rule: rule.into(),
            decision,
            ..home_changed()
        }
    }

    fn verdict(findings: Vec<Finding>) -> Verdict {
        Verdict {
            decision: findings
                .iter()
                .map(|f| f.decision)
                .max()
                .unwrap_or_default(),
            harmless: findings.is_empty(),
            rewrite: Some("safe".into()),
            findings,
        }
    }

    #[test]
    fn the_strictest_verdict_wins_and_every_reason_is_kept_worst_first() {
        let ask = verdict(vec![finding("a.ask", Decision::Ask)]);
        let deny = verdict(vec![
            finding("b.deny", Decision::Deny),
            finding("a.ask", Decision::Ask),
        ]);

        let all = strictest(vec![ask, verdict(vec![]), deny], vec![]);

        assert_eq!(all.decision, Decision::Deny);
        let rules: Vec<_> = all.findings.iter().map(|f| f.rule.as_ref()).collect();
        assert_eq!(rules, ["b.deny", "a.ask"]);
        assert!(!all.harmless && all.rewrite.is_none());
    }

    #[test]
    fn our_own_findings_make_a_harmless_call_a_question() {
        let all = strictest(vec![verdict(vec![])], vec![home_changed()]);
        assert_eq!((all.decision, all.harmless), (Decision::Ask, false));
    }

    #[test]
    fn nothing_judged_is_not_harmless() {
        assert!(!strictest(vec![], vec![]).harmless);
        assert!(strictest(vec![verdict(vec![])], vec![]).harmless);
    }

    #[test]
    fn a_changed_home_is_asked_about_for_commands_only() {
        let place = Place {
            home_changed: true,
            ..Place::default()
        };
        let judge = Judge::at(&place).expect("a policy");
        let read = [Candidate::Read { path: "/a" }];
        let command = [Candidate::Command {
            text: "true".into(),
            shell: ccs_gate::Shell::Bash,
        }];
        let asks = |candidates: &[Candidate<'_>]| {
            let verdict = judge.judge(candidates);
            verdict
                .findings
                .iter()
                .any(|f| f.rule == "session.home-changed")
        };
        assert!(asks(&command) && !asks(&read));
    }
}
