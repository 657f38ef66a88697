//! What holds for every verdict, and comparing two.

use ccs_gate::{Call, Decision, Facts, Gate, Verdict};

/// Documented with `Finding::evidence`, in bytes.
const MAX_EVIDENCE: usize = 200;
const MAX_FINDINGS: usize = 32;

/// A developer in a project below the home folder. No links are followed.
pub(crate) const FACTS: Facts<'static> = Facts {
    home: Some("/home/dev"),
    cwd: Some("/home/dev/shop"),
    project: Some("/home/dev/shop"),
    state: Some("/home/dev/.claude/ccs"),
    resolve: None,
};

/// Judges a call, and asserts that the same is said again, with or without an explanation, and
/// that the verdict is one.
pub(crate) fn judged(gate: &Gate, call: &Call<'_>) -> Verdict {
    let verdict = gate.judge(call, &FACTS);
    assert_eq!(verdict, gate.judge(call, &FACTS), "twice judged: {call:?}");
    let explained = gate.explain(call, &FACTS).verdict;
    assert_eq!(verdict, explained, "explained: {call:?}");
    is_whole(&verdict);
    verdict
}

fn is_whole(verdict: &Verdict) {
    let findings = &verdict.findings;
    let worst = findings.iter().map(|finding| finding.decision).max();
    assert_eq!(verdict.decision, worst.unwrap_or_default(), "{verdict:?}");
    assert!(
        findings.len() <= MAX_FINDINGS,
        "{} findings",
        findings.len()
    );
    assert!(
        findings.is_sorted_by(|a, b| a.decision >= b.decision),
        "{verdict:?}"
    );
    assert!(!verdict.harmless || findings.is_empty(), "{verdict:?}");
    for (at, finding) in findings.iter().enumerate() {
        let seen = findings[..at]
            .iter()
            .any(|known| known.rule == finding.rule);
        assert!(!seen, "twice found: {finding:?}");
        assert_ne!(finding.decision, Decision::Allow, "{finding:?}");
        assert!(finding.evidence.len() <= MAX_EVIDENCE, "{finding:?}");
        let hidden = finding.evidence.chars().any(char::is_control);
        assert!(!hidden, "{finding:?}");
    }
}

/// The decision about a bash command.
pub(crate) fn decided(gate: &Gate, text: &str) -> Decision {
    gate.judge(&Call::command(text), &FACTS).decision
}

/// Asserts that `changed`, which does no less than `text`, is judged no milder.
pub(crate) fn no_milder(gate: &Gate, text: &str, changed: &str) {
    let (before, after) = (decided(gate, text), decided(gate, changed));
    assert!(
        after >= before,
        "{before:?} {text:?}\n{after:?} {changed:?}"
    );
}

/// Asserts that `changed`, which does the same as `text`, is decided the same.
pub(crate) fn same(gate: &Gate, text: &str, changed: &str) {
    let (before, after) = (decided(gate, text), decided(gate, changed));
    assert!(
        after == before,
        "{before:?} {text:?}\n{after:?} {changed:?}"
    );
}
