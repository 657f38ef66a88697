//! A call of any kind under policies of any kind: what a stricter policy promises.

use std::collections::BTreeSet;
use std::sync::LazyLock;

use ccs_gate::policy::{self, Mode, Policy};
use ccs_gate::{Call, Decision, Gate, Shell, Verdict, rule};

use crate::plain::Plain;
use crate::verdict::{FACTS, decided, judged};

/// Policies that an owner may have, and a project add to.
const POLICIES: [&str; 5] = [
    "",
    "allow: ['git push', 'rm', 'curl']\npaths: { exempt: ['~/notes/**', '.env'] }",
    "overrides: { fs.delete-outside: allow, git.push-force: deny }",
    "ask: ['cargo publish', 'make']\npaths: { zero_access: ['**/private/**'], no_delete: ['*.md'] }",
    "patterns: [{ id: own.word, title: A word, decision: deny, pattern: 'forbidden' }]",
];
const MODES: [Mode; 5] = [
    Mode::Standard,
    Mode::Strict,
    Mode::Paranoid,
    Mode::Allowlist,
    Mode::Readonly,
];

static GATES: LazyLock<[Gate; 5]> = LazyLock::new(|| {
    MODES.map(|mode| {
        Gate::new(Policy {
            mode,
            ..Policy::default()
        })
    })
});
static OWNED: LazyLock<Vec<Policy>> = LazyLock::new(|| {
    let compiled = POLICIES.map(policy::compile).into_iter();
    compiled
        .collect::<Result<_, _>>()
        .expect("the policies are right")
});
/// Every policy alone, and tightened by every other in every mode.
static TIGHTENED: LazyLock<Vec<(Gate, Vec<Gate>)>> = LazyLock::new(|| {
    let tightened = |owner: &Policy| {
        let projects = OWNED.iter().zip(MODES.iter().cycle().skip(1));
        let gates = projects.map(|(project, &mode)| {
            let project = Policy {
                mode,
                ..project.clone()
            };
            Gate::new(owner.clone().tightened_by(&project))
        });
        gates.collect()
    };
    OWNED
        .iter()
        .map(|owner| (Gate::new(owner.clone()), tightened(owner)))
        .collect()
});
static RULES: LazyLock<BTreeSet<String>> =
    LazyLock::new(|| rule::metas().map(|meta| meta.id.into_owned()).collect());

/// The first byte chooses the kind of call, the rest is its text.
///
/// # Panics
///
/// If a promise is broken.
pub fn gate_command(bytes: &[u8]) {
    let Some((&kind, rest)) = bytes.split_first() else {
        return;
    };
    let text = crate::text(rest);
    let (first, second) = text.split_once('\n').unwrap_or((&text, ""));
    let call = match kind {
        b'p' => Call::Command {
            text: &text,
            shell: Shell::PowerShell,
        },
        b'r' => Call::Read { path: &text },
        b'w' => Call::Write {
            path: first,
            text: second,
        },
        b's' => Call::Search {
            path: Some(first),
            files: Some(second),
        },
        b'f' => Call::Fetch { url: &text },
        b'o' => {
            return under_policies(&Call::Other {
                name: first,
                args: &[("input", second)],
            });
        }
        _ => {
            destroyed(&text);
            Call::command(&text)
        }
    };
    under_policies(&call);
}

/// Whatever stands behind a command that destroys everything, or plainly before it.
fn destroyed(text: &str) {
    let gate = &GATES[0];
    for destroys in [
        "rm -rf /\n",
        "rm -rf /;",
        "rm -rf ~\n",
        "dd if=/dev/zero of=/dev/sda\n",
    ] {
        let whole = format!("{destroys}{text}");
        assert_eq!(decided(gate, &whole), Decision::Deny, "{whole:?}");
    }
    if Plain::read(text).is_some() {
        for (between, after) in [
            ("\n", ""),
            ("; ", ""),
            (" || ", ""),
            (" & ", ""),
            ("\n{ ", "\n}"),
        ] {
            let whole = format!("{text}{between}rm -rf /{after}");
            assert_eq!(decided(gate, &whole), Decision::Deny, "{whole:?}");
        }
    }
}

fn under_policies(call: &Call<'_>) {
    let verdicts = GATES.each_ref().map(|gate| judged(gate, call));
    for verdict in &verdicts {
        named(verdict, &[]);
        carried(verdict);
    }
    let [standard, strict, paranoid, allowlist, readonly] =
        verdicts.each_ref().map(|verdict| verdict.decision);
    assert!(standard <= strict, "{standard:?} {strict:?} {call:?}");
    assert!(strict <= paranoid, "{strict:?} {paranoid:?} {call:?}");
    assert_ne!(paranoid, Decision::Ask, "{call:?}");
    assert!(strict <= allowlist, "{strict:?} {allowlist:?} {call:?}");
    assert!(strict <= readonly, "{strict:?} {readonly:?} {call:?}");
    for (owner, projects) in TIGHTENED.iter() {
        let own = judged(owner, call);
        named(&own, &["own.word"]);
        for project in projects {
            let tightened = project.judge(call, &FACTS);
            let policy = project.policy();
            assert!(
                own.decision <= tightened.decision,
                "{own:?} {tightened:?} {call:?} {policy:?}"
            );
        }
    }
}

/// Every finding names a rule that `ccs rules` can show.
fn named(verdict: &Verdict, own: &[&str]) {
    for finding in &verdict.findings {
        let known = RULES.contains(finding.rule.as_ref()) || own.contains(&finding.rule.as_ref());
        assert!(known, "{finding:?}");
    }
}

/// A verdict stays what it is on its way through JSON.
fn carried(verdict: &Verdict) {
    let json = serde_json::to_string(verdict).expect("a verdict has a JSON form");
    let back: Verdict = serde_json::from_str(&json).expect("what we write we read");
    assert_eq!(*verdict, back, "{json}");
}
