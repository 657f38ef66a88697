//! Every seed and every input that once broke a promise, without a fuzzer.

use std::fs;
use std::path::Path;

/// Gives each file below `fuzz/seeds/TARGET` and `fuzz/regressions/TARGET` to the target's body,
/// which panics if it breaks a promise; names the files that do.
fn replay(target: &str, body: fn(&[u8])) {
    let fuzz = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
    let (mut replayed, mut broken) = (0, Vec::new());
    for kind in ["seeds", "regressions"] {
        let folder = fuzz.join(kind).join(target);
        if kind == "regressions" && !folder.exists() {
            continue; // nothing was found yet, and git keeps no empty folder
        }
        for file in fs::read_dir(&folder).expect("the folder is there") {
            let path = file.expect("a file").path();
            let bytes = fs::read(&path).expect("the file can be read");
            if std::panic::catch_unwind(|| body(&bytes)).is_err() {
                broken.push(path);
            }
            replayed += 1;
        }
    }
    assert!(broken.is_empty(), "{broken:#?}");
    assert!(replayed > 10, "only {replayed} files for {target}");
}

#[test]
fn any_bytes_are_one_audit_entry_or_none() {
    replay("audit_entry", ccs_fuzz_bodies::audit_entry);
}

#[test]
fn any_text_is_one_note_proof_request_or_key_or_none() {
    replay("audit_note", ccs_fuzz_bodies::audit_note);
}

#[test]
fn any_text_as_a_command_keeps_its_promises() {
    replay("gate_shell", ccs_fuzz_bodies::gate_shell);
}

#[test]
fn any_call_under_any_policy_keeps_its_promises() {
    replay("gate_command", ccs_fuzz_bodies::gate_command);
}

#[test]
fn any_bytes_on_standard_input_are_answered_as_documented() {
    replay("hooks_event", ccs_fuzz_bodies::hooks_event);
}

#[test]
fn any_bytes_are_one_manifest_or_none() {
    replay("integrity_manifest", ccs_fuzz_bodies::integrity_manifest);
}

#[test]
fn any_text_through_the_secret_scanner_keeps_its_promises() {
    replay("gate_secret", ccs_fuzz_bodies::gate_secret);
}

#[test]
fn any_bytes_are_one_vault_file_or_none() {
    replay("vault_format", ccs_fuzz_bodies::vault_format);
}

#[test]
fn any_text_through_the_scanner_for_instructions_keeps_its_promises() {
    replay("gate_injection", ccs_fuzz_bodies::gate_injection);
}

#[test]
fn an_attack_is_seen_in_every_disguise_and_where_it_is() {
    replay("gate_views", ccs_fuzz_bodies::gate_views);
}

#[test]
fn any_text_through_the_reader_of_indicators_keeps_its_promises() {
    replay("gate_ioc", ccs_fuzz_bodies::gate_ioc);
}
