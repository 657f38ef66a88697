//! Secrets in texts: those of the vault, known by their fingerprints, and all others that the
//! gate's scanner finds. The vault stays locked: nothing here can read a value from it.

pub(crate) mod tree;

use std::collections::BTreeMap;
use std::fmt;
use std::ops::Range;
use std::path::Path;

use ccs_gate::Policy;
use ccs_gate::secret::{Confidence, Finding, Scanner};
use ccs_vault::{Fingerprints, Name};

use crate::place::Place;

/// The vault's folder within the state folder.
pub(crate) const VAULT: &str = "vault";

/// Finds secrets and replaces them by marks.
#[derive(Default)]
pub(crate) struct Secrets {
    scanner: Scanner,
    stored: Option<Fingerprints>,
    /// Why not all is found that should be, in words for the user.
    pub(crate) faults: Vec<String>,
}

/// A place in a text that holds a secret.
pub(crate) struct Spot<'s> {
    /// In bytes; falls between characters.
    pub(crate) range: Range<usize>,
    pub(crate) what: What<'s>,
}

/// Which secret it is.
pub(crate) enum What<'s> {
    /// The value of this entry of the vault.
    Stored(&'s Name),
    /// What a rule of the scanner describes.
    Looks(Finding),
}

/// What was taken out of a text, by what stands in its place.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Taken(BTreeMap<String, usize>);

impl Secrets {
    /// For what a tool is given: without personal data and the owner's own patterns.
    pub(crate) fn for_input(policy: &Policy, place: &Place) -> Self {
        Self::new(policy.secrets.scanner(), place.state.as_deref())
    }

    /// For what the model is to read.
    pub(crate) fn for_output(policy: &Policy, place: &Place) -> Self {
        match policy.secrets.redactor() {
            Ok(scanner) => Self::new(scanner, place.state.as_deref()),
            Err(error) => {
                let mut secrets = Self::for_input(policy, place);
                secrets.faults.push(format!("{error}: none is used"));
                secrets
            }
        }
    }

    /// For what ccs itself says and keeps: whatever is found, no exceptions.
    pub(crate) fn without_exceptions(state: Option<&Path>) -> Self {
        Self::new(Scanner::builtin(), state)
    }

    fn new(scanner: Scanner, state: Option<&Path>) -> Self {
        let folder = state.map(|state| state.join(VAULT));
        let (stored, faults) = match folder.as_deref().map(Fingerprints::read) {
            Some(Err(error)) => (None, vec![unknown(&error)]),
            Some(Ok(stored)) => (stored, Vec::new()),
            None => (None, Vec::new()),
        };
        Self {
            scanner,
            stored,
            faults,
        }
    }

    /// The secrets in a text, in order and without overlaps. Its path is asked only for
    /// exceptions.
    pub(crate) fn find(&self, path: Option<&Path>, text: &str) -> Vec<Spot<'_>> {
        let path = path.and_then(Path::to_str);
        let looks = match path {
            Some(path) => self.scanner.scan_file(path, text),
            None => self.scanner.scan(text),
        };
        let looks = looks
            .into_iter()
            .filter(|one| !self.is_mark(text, one.start..one.end))
            .map(|one| Spot {
                range: one.start..one.end,
                what: What::Looks(one),
            });
        let stored = self.stored.iter().flat_map(|stored| stored.find(text));
        let stored = stored.map(|hit| Spot {
            range: hit.start..hit.end,
            what: What::Stored(hit.name),
        });
        joined(stored.chain(looks).collect())
    }

    /// Whether the place is what already stands for a secret. What is a secret by itself is none.
    fn is_mark(&self, text: &str, range: Range<usize>) -> bool {
        inside_mark(text, range).is_some_and(|name| self.scanner.quick(name).is_none())
    }

    /// The text with a mark in the place of each secret; `None` if it holds none. A mark is
    /// followed by the line breaks of what it replaces, so that the lines after it keep their
    /// numbers.
    pub(crate) fn redact(&self, text: &str, taken: &mut Taken) -> Option<String> {
        let spots = self.find(None, text);
        (!spots.is_empty()).then(|| self.replaced(text, &spots, taken))
    }

    /// Notes the secrets in a text that are more likely than not.
    pub(crate) fn likely(&self, text: &str, taken: &mut Taken) {
        for spot in self.find(None, text).iter().filter(|spot| spot.is_likely()) {
            taken.add(self.mark(&spot.what));
        }
    }

    fn replaced(&self, text: &str, spots: &[Spot<'_>], taken: &mut Taken) -> String {
        let (mut clean, mut from) = (String::with_capacity(text.len()), 0);
        for spot in spots {
            let mark = self.mark(&spot.what);
            clean.push_str(&text[from..spot.range.start]);
            clean.push_str(&mark);
            let lines = text[spot.range.clone()].matches('\n').count();
            clean.extend(std::iter::repeat_n('\n', lines));
            from = spot.range.end;
            taken.add(mark);
        }
        clean.push_str(&text[from..]);
        clean
    }

    /// What stands in the place of a secret.
    pub(crate) fn mark(&self, what: &What<'_>) -> String {
        match what {
            What::Stored(name) => format!("[ccs:{name}]"),
            What::Looks(finding) => self.scanner.mark(finding).into_owned(),
        }
    }
}

impl Spot<'_> {
    /// Whether there is hardly a doubt.
    pub(crate) fn is_certain(&self) -> bool {
        self.is_at_least(Confidence::High)
    }

    /// Whether it is more likely a secret than not.
    pub(crate) fn is_likely(&self) -> bool {
        self.is_at_least(Confidence::Medium)
    }

    fn is_at_least(&self, confidence: Confidence) -> bool {
        match &self.what {
            What::Stored(_) => true,
            What::Looks(finding) => finding.confidence >= confidence,
        }
    }
}

impl Taken {
    fn add(&mut self, mark: String) {
        *self.0.entry(mark).or_default() += 1;
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Each mark once.
    pub(crate) fn marks(&self) -> impl Iterator<Item = &str> {
        self.0.keys().map(String::as_str)
    }
}

impl fmt::Display for Taken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (at, (mark, times)) in self.0.iter().enumerate() {
            let comma = if at == 0 { "" } else { ", " };
            match times {
                1 => write!(f, "{comma}{mark}")?,
                _ => write!(f, "{comma}{mark} ({times} times)")?,
            }
        }
        Ok(())
    }
}

fn unknown(error: &ccs_vault::Error) -> String {
    format!("the secrets of the vault are not recognised: {error}")
}

/// How a mark begins.
pub(crate) const MARKS: [&str; 2] = ["[ccs:", "[secret:"];

/// What a mark at or right before the place says, if there is one: in
/// `password=[secret:aws.key]` the value is none.
fn inside_mark(text: &str, range: Range<usize>) -> Option<&str> {
    MARKS.iter().find_map(|mark| {
        let from = text[..range.end].rfind(mark)?;
        let name = &text[from + mark.len()..];
        let name = &name[..name.find(']')?];
        let end = from + mark.len() + name.len() + "]".len();
        (from <= range.start + mark.len() && range.end <= end).then_some(name)
    })
}

/// In order; what overlaps becomes one place, under the name of the vault's entry if there is one.
fn joined(mut spots: Vec<Spot<'_>>) -> Vec<Spot<'_>> {
    spots.sort_by_key(|spot| (spot.range.start, usize::MAX - spot.range.end));
    let mut joined: Vec<Spot<'_>> = Vec::with_capacity(spots.len());
    for spot in spots {
        match joined.last_mut() {
            Some(last) if spot.range.start < last.range.end => {
                last.range.end = last.range.end.max(spot.range.end);
                if matches!(last.what, What::Looks(_)) && matches!(spot.what, What::Stored(_)) {
                    last.what = spot.what;
                }
            }
            _ => joined.push(spot),
        }
    }
    joined
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;
    use ccs_vault::{Name, NewEntry, NewSlot, Secret, Vault};

    /// A value that only a vault can tell from noise.
    pub(crate) const STORED: &str = "UxhvY8QmdajZ8XnhgYWUEqV6";
    /// A token that its form gives away.
    pub(crate) const TOKEN: &str = concat!("ghp", "_yXBHMoc5L40zBANMAAcNPMMcv7FQw42kWkIk");

    /// A place whose vault holds [`STORED`] as `DEPLOY_KEY`.
    pub(crate) fn place() -> (tempfile::TempDir, Place) {
        let folder = tempfile::tempdir().expect("a folder");
        let state = folder.path().join(".claude/ccs");
        crate::files::make_private_folder(&state).expect("a folder");
        let mut vault = Vault::create(&state.join(VAULT), NewSlot::File, 1).expect("a vault");
        let name = Name::new("DEPLOY_KEY").expect("a name");
        let entry = NewEntry::value(name, Secret::new(STORED)).expect("an entry");
        vault.put(entry, 1).expect("stored");
        let place = Place {
            state: Some(state),
            ..Place::default()
        };
        (folder, place)
    }

    pub(crate) fn secrets() -> (tempfile::TempDir, Secrets) {
        let (folder, place) = place();
        (folder, Secrets::for_output(&Policy::default(), &place))
    }

    fn redacted(text: &str) -> Option<String> {
        secrets().1.redact(text, &mut Taken::default())
    }

    #[test]
    fn a_stored_value_is_known_by_its_name_and_any_other_by_its_rule() {
        assert_eq!(
            redacted(&format!("a {STORED} b {TOKEN} c")).as_deref(),
            Some("a [ccs:DEPLOY_KEY] b [secret:github.personal-token] c")
        );
        assert_eq!(redacted("nothing here"), None);
    }

    #[test]
    fn a_stored_value_is_found_in_base64_hex_and_percent_encoding() {
        let hex: String = STORED.bytes().map(|byte| format!("{byte:02x}")).collect();
        let percent: String = STORED.bytes().map(|byte| format!("%{byte:02X}")).collect();
        for coded in [hex.as_str(), &percent, "VXhodlk4UW1kYWpaOFhuaGdZV1VFcVY2"] {
            let clean = redacted(&format!("x={coded};")).expect("found");
            assert!(
                clean.contains("[ccs:DEPLOY_KEY]") && !clean.contains(coded),
                "{clean}"
            );
        }
    }

    #[test]
    fn what_overlaps_is_one_place_under_the_name_of_the_entry() {
        let text = format!("https://ci:{STORED}@git.corp.net/x");
        let clean = redacted(&text).expect("found");
        assert_eq!(clean, "https://ci:[ccs:DEPLOY_KEY]@git.corp.net/x");
    }

    #[test]
    fn a_redacted_text_holds_nothing_more_to_redact() {
        for text in [
            format!("password={TOKEN}\nexport GITHUB_TOKEN={STORED}\n"),
            format!("Authorization: Bearer {TOKEN}"),
            format!("postgres://app:{STORED}@db.corp.net/x"),
            "aws_secret_access_key = Zk3vR8pLm2QxT7wYb9NcJ4hGdF6sAe1uVoXiKq5B\n".into(),
        ] {
            let clean = redacted(&text).expect("found");
            assert_eq!(redacted(&clean), None, "{clean}");
        }
    }

    #[test]
    fn a_secret_that_is_dressed_up_as_a_mark_is_taken_out() {
        for text in [format!("[secret:{TOKEN}]"), format!("x=[ccs:{STORED}]")] {
            let clean = redacted(&text).expect("found");
            assert!(!clean.contains(TOKEN) && !clean.contains(STORED), "{clean}");
        }
    }

    #[test]
    fn lines_after_a_key_of_several_keep_their_numbers() {
        let body = "MIIEowIBAAKCAQEA7v9XqkzR2mT5wYb8LcJ4hGdF6sAe1uVoXiKq5BZk3vR8pLm2";
        let text = format!(
            "a\n-----BEGIN RSA PRIVATE KEY-----\n{body}\n{body}\n-----END RSA PRIVATE KEY-----\nb\n"
        );
        let clean = redacted(&text).expect("found");
        let line = clean.lines().position(|line| line == "b");
        assert_eq!(line, Some(5), "{clean}");
        assert!(!clean.contains("MIIE"));
    }

    #[test]
    fn a_vault_that_cannot_be_read_is_told_and_the_rest_is_still_found() {
        let (_keep, place) = place();
        let state = place.state.as_ref().expect("a folder");
        std::fs::remove_file(state.join(VAULT).join("fingerprints.key")).expect("removed");

        let secrets = Secrets::for_output(&Policy::default(), &place);

        assert!(secrets.faults[0].contains("are not recognised"));
        assert!(secrets.redact(TOKEN, &mut Taken::default()).is_some());
    }

    #[test]
    fn what_was_taken_is_counted_by_its_mark() {
        let (_keep, secrets) = secrets();
        let mut taken = Taken::default();
        secrets.redact(&format!("{TOKEN} {STORED} {TOKEN}"), &mut taken);
        assert_eq!(
            taken.to_string(),
            "[ccs:DEPLOY_KEY], [secret:github.personal-token] (2 times)"
        );
    }
}
