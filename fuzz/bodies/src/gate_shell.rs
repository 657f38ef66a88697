//! Any text as a command: what the reader and the walk promise.

use std::sync::LazyLock;

use ccs_gate::{Call, Gate};

use crate::plain::Plain;
use crate::verdict::{judged, no_milder, same};

static GATE: LazyLock<Gate> = LazyLock::new(Gate::builtin);

/// What a text does it does whatever stands around it, and however its words are spelled.
///
/// # Panics
///
/// If a promise is broken.
pub fn gate_shell(bytes: &[u8]) {
    let text = crate::text(bytes);
    judged(&GATE, &Call::command(&text));
    anything(&text);
    if let Some(plain) = Plain::read(&text) {
        surrounded(&text);
        spelled(&text, &plain);
    }
}

/// Holds for every text, be it a command or not.
fn anything(text: &str) {
    for before in ["\n", " ", "\t", "# remark\n", "ccs_unused=1\n"] {
        no_milder(&GATE, text, &format!("{before}{text}"));
    }
}

/// A complete command, in places where it runs as well.
fn surrounded(text: &str) {
    for changed in [
        format!("{text}\ntrue"),
        format!("{text}\n{text}"),
        format!("true\n{text}"),
        format!("false || {{ {text}\n}}"),
        format!("{{ {text}\n}}"),
        format!("({text})"),
        format!("({text}\n) | cat"),
        format!("! {{ {text}\n}}"),
        format!("{{ {text}\n}} &"),
        format!("{{ {text}\n}} > /dev/null"),
        format!("if true; then {text}\nfi"),
        format!("while {text}\ndo break; done"),
        format!("for ccs_unused in 1; do {text}\ndone"),
        format!("case a in a) {text};; esac"),
        format!("ccs_unused() {{ {text}\n}}; ccs_unused"),
        format!("echo $({text})"),
        format!("echo `{text}`"),
        format!("echo \"$({text}\n)\""),
        format!("cat <({text})"),
        format!("eval '{text}'"),
        format!("sh -c '{text}'"),
        format!("timeout 5 bash -c '{text}'"),
        format!("sudo bash -c '{text}'"),
        format!("bash <<'END'\n{text}\nEND"),
        format!("bash <<< '{text}'"),
        format!("trap '{text}' EXIT"),
    ] {
        no_milder(&GATE, text, &changed);
    }
}

/// The same words, written so that a shell reads the same.
fn spelled(text: &str, plain: &Plain<'_>) {
    let as_is = |word: &str| word.to_owned();
    same(&GATE, text, &plain.spelled("  ", as_is));
    same(&GATE, text, &plain.spelled("\t", as_is));
    no_milder(&GATE, text, &plain.spelled(" \\\n", as_is));
    // before the first letter of every word, after it, and after the word
    for [before, within, after] in [
        ["'", "", "'"],
        ["\"", "", "\""],
        ["$'", "", "'"],
        ["\\", "", ""],
        ["", "''", ""],
        ["", "\"\"", ""],
        ["", "${ccs_unused}", ""],
        ["", "\\\n", ""],
    ] {
        let changed = plain.spelled(" ", |word| {
            let (first, rest) = word.split_at(1);
            [before, first, within, rest, after].concat()
        });
        no_milder(&GATE, text, &format!("ccs_unused=\n{changed}"));
    }
}
