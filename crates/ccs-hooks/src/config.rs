//! The policy an event is judged by: the owner's, tightened by the project's.
//!
//! Without a state folder, or with one that holds no policy, the shipped defaults apply. A policy
//! that is there but cannot be trusted is a failure, never a default: else deleting or damaging
//! it would be a way to loosen it.

use std::borrow::Cow;
use std::path::Path;

use ccs_gate::policy::bundle;
use ccs_gate::{Decision, Finding, Mode, Policy, Severity};

use crate::failure::PolicyError;
use crate::files::{self, Links};
use crate::install::Record;
use crate::place::Place;

/// The owner's policy, signed.
const BUNDLE: &str = "policy.bundle";
/// The key the bundle must be signed with: 32 bytes, or 64 hex digits.
const KEY: &str = "policy.pub";
/// What a project may add, below its root.
const PROJECT: &str = ".claude/ccs-policy.json";
/// The longest bundle or project policy, in bytes.
const MAX_POLICY: u64 = 1 << 20;
/// The longest text of a key.
const MAX_KEY: u64 = 128;

/// The policy and what there is to say about it.
pub(crate) struct Config {
    pub(crate) policy: Policy,
    /// Findings that every judgement under this policy carries.
    pub(crate) findings: Vec<Finding>,
}

/// The policy for an event at `place`.
pub(crate) fn load(place: &Place) -> Result<Config, PolicyError> {
    let policy = match &place.state {
        Some(state) => owner(state)?,
        None => Policy::default(),
    };
    let mut config = Config {
        policy,
        findings: Vec::new(),
    };
    for project in &place.projects {
        config.tighten(&Path::new(project).join(PROJECT));
    }
    Ok(config)
}

fn owner(state: &Path) -> Result<Policy, PolicyError> {
    let named = |path: &Path| {
        let path = path.to_owned();
        move |error| PolicyError::File { path, error }
    };
    if !files::is_private_folder(state).map_err(named(state))? {
        return Ok(Policy::default());
    }
    let (bundle, key) = (state.join(BUNDLE), state.join(KEY));
    let bytes = files::read_private(&bundle, MAX_POLICY).map_err(named(&bundle))?;
    let public = files::read_private(&key, MAX_KEY).map_err(named(&key))?;
    match (bytes, public) {
        // the installer writes both: only a folder nobody installed into may do without
        (None, None) if state.join(Record::FILE).exists() => Err(PolicyError::Missing(bundle)),
        (None, None) => Ok(Policy::default()),
        (None, Some(_)) => Err(PolicyError::Missing(bundle)),
        (Some(_), None) => Err(PolicyError::Missing(key)),
        (Some(bytes), Some(public)) => {
            let public = public_key(&public).ok_or(PolicyError::Key(key))?;
            open(&bytes, &public).map_err(|error| PolicyError::Bundle {
                path: bundle,
                error,
            })
        }
    }
}

/// The one place that knows how the gate opens a bundle.
fn open(bytes: &[u8], public_key: &[u8; 32]) -> Result<Policy, String> {
    bundle::open(bytes, public_key).map_err(|error| error.to_string())
}

/// A public key from 32 bytes or 64 hex digits.
pub(crate) fn public_key(bytes: &[u8]) -> Option<[u8; 32]> {
    if let Ok(key) = bytes.try_into() {
        return Some(key);
    }
    let text = std::str::from_utf8(bytes).ok()?.trim();
    if text.len() != 64 || !text.is_ascii() {
        return None;
    }
    let mut key = [0; 32];
    for (byte, at) in key.iter_mut().zip((0..64).step_by(2)) {
        *byte = u8::from_str_radix(&text[at..at + 2], 16).ok()?;
    }
    Some(key)
}

impl Config {
    fn tighten(&mut self, path: &Path) {
        match project(path) {
            Ok(None) => {}
            Ok(Some(project)) => {
                self.policy = std::mem::take(&mut self.policy).tightened_by(&project);
            }
            Err(error) => {
                let evidence = format!("{}: {error}", path.display());
                self.findings.push(broken(evidence));
            }
        }
    }
}

/// A finding of this crate's own under a policy: `paranoid` denies what would be asked.
pub(crate) fn adjusted(policy: &Policy, mut finding: Finding) -> Finding {
    if policy.mode == Mode::Paranoid && finding.decision == Decision::Ask {
        finding.decision = Decision::Deny;
    }
    finding
}

fn project(path: &Path) -> Result<Option<Policy>, String> {
    let bytes = files::read(path, MAX_POLICY, Links::Refuse).map_err(|e| e.to_string())?;
    bytes.as_deref().map(policy).transpose()
}

fn policy(json: &[u8]) -> Result<Policy, String> {
    // an empty list would do for a policy of defaults
    if !json.trim_ascii_start().starts_with(b"{") {
        return Err("not a JSON object".into());
    }
    serde_json::from_slice(json).map_err(|e| e.to_string())
}

fn broken(evidence: String) -> Finding {
    Finding {
        rule: Cow::Borrowed("policy.project-broken"),
        severity: Severity::Medium,
        decision: Decision::Ask,
        title: Cow::Borrowed("The project's policy cannot be read"),
        why: Cow::Borrowed("What the project wanted to be stricter about is not known."),
        instead: None,
        evidence,
    }
}

#[cfg(all(test, unix))]
mod tests {
    use super::*;
    use std::fs;
    use std::os::unix::fs::{PermissionsExt, symlink};

    /// A place with a private, empty state folder and an empty project.
    fn place() -> (tempfile::TempDir, Place) {
        let folder = tempfile::tempdir().expect("a folder");
        let state = folder.path().join("state");
        files::make_private_folder(&state).expect("a folder");
        let project = folder.path().join("project");
        fs::create_dir_all(project.join(".claude")).expect("a folder");
        let project = project.into_os_string().into_string().expect("UTF-8");
        let place = Place {
            state: Some(state),
            projects: vec![project],
            ..Place::default()
        };
        (folder, place)
    }

    fn write(place: &Place, name: &str, contents: &[u8]) {
        let state = place.state.as_ref().expect("a state folder");
        files::replace(&state.join(name), contents).expect("written");
    }

    fn refused(place: &Place) -> String {
        load(place).err().map(|e| e.to_string()).unwrap_or_default()
    }

    fn project_file(place: &Place) -> std::path::PathBuf {
        Path::new(&place.projects[0]).join(PROJECT)
    }

    fn findings(place: &Place) -> Vec<Finding> {
        load(place).expect("a policy").findings
    }

    #[test]
    fn without_a_policy_the_defaults_apply() {
        let (_keep, mut place) = place();
        assert_eq!(load(&place).expect("a policy").policy, Policy::default());

        place.state = Some("/no/such/folder".into());
        assert_eq!(load(&place).expect("a policy").policy, Policy::default());
    }

    #[test]
    fn half_a_policy_is_a_failure_and_not_a_default() {
        let (_keep, place) = place();
        write(&place, KEY, &[7; 32]);
        assert!(refused(&place).contains("policy.bundle` is missing"));

        let state = place.state.as_ref().expect("a state folder");
        fs::remove_file(state.join(KEY)).expect("removed");
        write(&place, BUNDLE, b"x");
        assert!(refused(&place).contains("policy.pub` is missing"));
    }

    #[test]
    fn a_bundle_that_does_not_open_is_a_failure() {
        let (_keep, place) = place();
        write(&place, BUNDLE, b"not a bundle");
        write(&place, KEY, b"not a key");
        assert!(refused(&place).contains("is not an Ed25519 public key"));

        write(&place, KEY, &[7; 32]);
        assert!(refused(&place).contains("policy.bundle` does not open"));
    }

    #[test]
    fn a_policy_others_could_have_written_is_a_failure() {
        let (_keep, place) = place();
        let state = place.state.clone().expect("a state folder");
        fs::set_permissions(&state, fs::Permissions::from_mode(0o777)).expect("chmod");
        assert!(refused(&place).contains("writable by another user"));

        fs::set_permissions(&state, fs::Permissions::from_mode(0o700)).expect("chmod");
        symlink("/dev/zero", state.join(KEY)).expect("a link");
        assert!(refused(&place).contains("not a regular file"));
    }

    #[test]
    fn a_key_is_32_bytes_or_64_hex_digits() {
        assert_eq!(public_key(&[7; 32]), Some([7; 32]));
        assert_eq!(public_key("0a".repeat(32).as_bytes()), Some([10; 32]));
        assert_eq!(
            public_key(format!("{}\n", "FF".repeat(32)).as_bytes()),
            Some([255; 32])
        );
        for bad in ["", "0a", &"zz".repeat(32), &"é".repeat(32)] {
            assert_eq!(public_key(bad.as_bytes()), None);
        }
    }

    #[test]
    fn a_project_policy_that_is_not_understood_asks() {
        let (_keep, place) = place();
        for broken in [
            "{",
            "[]",
            r#"{"mode":"lax"}"#,
            r#"{"modus":"strict"}"#,
            "\u{FEFF}{}",
        ] {
            fs::write(project_file(&place), broken).expect("written");
            let found = findings(&place);
            assert_eq!(found.len(), 1, "{broken}");
            assert_eq!(found[0].decision, Decision::Ask);
        }
        fs::write(project_file(&place), r#"{"mode":"strict"}"#).expect("written");
        assert_eq!(findings(&place), []);
    }

    #[test]
    fn a_project_policy_that_is_no_file_of_its_own_asks() {
        let (_keep, place) = place();
        symlink("/dev/null", project_file(&place)).expect("a link");
        assert_eq!(findings(&place).len(), 1);

        fs::remove_file(project_file(&place)).expect("removed");
        fs::write(project_file(&place), vec![b' '; 2 << 20]).expect("written");
        assert_eq!(findings(&place).len(), 1);
    }

    #[test]
    fn under_paranoid_our_own_questions_are_denied() {
        let decision = |mode| {
            let policy = Policy {
                mode,
                ..Policy::default()
            };
            adjusted(&policy, broken(String::new())).decision
        };
        assert_eq!(decision(Mode::Strict), Decision::Ask);
        assert_eq!(decision(Mode::Paranoid), Decision::Deny);
    }
}
