//! Secrets that a tool call carries: in a command, in what it writes, in whatever it is given.
//!
//! A value that the file holds already is not written anew by an edit beside it, and test data is
//! full of keys that open nothing; a value of the vault is stopped there as well.

use std::borrow::Cow;
use std::path::{Path, PathBuf};

use ccs_gate::policy::Carrier;
use ccs_gate::{Finding, Policy};

use crate::files::{self, Links};
use crate::place::Place;
use crate::protocol::event::ToolUse;
use crate::secrets::{MARKS, Secrets, Spot, Taken, What, tree};

/// The longest file whose present text is compared, in bytes.
const MAX_FILE: u64 = 16 << 20;
/// Tools that only name what they look for, or files.
const LOOKING: &[&str] = &[
    "Read",
    "NotebookRead",
    "Glob",
    "Grep",
    "LS",
    "ToolSearch",
    "TaskOutput",
    "BashOutput",
    "TaskStop",
    "KillShell",
];
/// Names of folders that hold made-up data.
const SAMPLES: &[&str] = &[
    "test",
    "tests",
    "__tests__",
    "testing",
    "testdata",
    "test-data",
    "fixtures",
    "__fixtures__",
    "spec",
    "specs",
    "mocks",
    "__mocks__",
    "examples",
    "example",
    "samples",
    "cassettes",
    "snapshots",
    "__snapshots__",
    "corpus",
    "corpora",
];
/// Parts of the names of files that hold made-up data.
const SAMPLE_FILES: &[&str] = &[
    ".test.",
    ".spec.",
    "_test.",
    "test_",
    ".example",
    ".sample",
    ".template",
    ".dist",
    ".fixture",
];

/// What a call writes to which file.
struct Edit<'v> {
    path: &'v str,
    /// The text that is replaced; empty if it is the whole file.
    old: Cow<'v, str>,
    new: Cow<'v, str>,
}

/// What there is to say about secrets in a call.
pub(crate) struct Look<'l> {
    pub(crate) policy: &'l Policy,
    pub(crate) place: &'l Place,
    pub(crate) secrets: &'l Secrets,
}

/// Whether a call can carry a secret that counts.
pub(crate) fn is_looked_at(policy: &Policy, call: &ToolUse<'_>) -> bool {
    let secrets = &policy.secrets;
    secrets.inputs && !LOOKING.contains(&call.tool) && !secrets.leaves_alone(call.tool)
}

impl Look<'_> {
    /// The findings on a call in one reading.
    pub(crate) fn findings(&self, call: &ToolUse<'_>) -> Vec<Finding> {
        if !is_looked_at(self.policy, call) {
            return Vec::new();
        }
        let mut findings = Vec::new();
        let edits = edits(call);
        for edit in &edits {
            self.edit(edit, &mut findings);
        }
        if edits.is_empty() {
            for (key, value) in &call.input.pairs {
                tree::each_text(key, value, &mut |text| {
                    self.given(call, text, &mut findings);
                });
            }
        }
        findings.dedup();
        findings
    }

    /// A text that a tool is given.
    fn given(&self, call: &ToolUse<'_>, text: &str, findings: &mut Vec<Finding>) {
        let carrier = match call.tool {
            "Bash" | "PowerShell" | "Monitor" => Carrier::Command,
            _ => Carrier::Call,
        };
        let spots = self.secrets.find(None, text);
        // what merely looks like a secret in a command is the gate's to ask about
        let counts = |spot: &&Spot<'_>| match carrier {
            Carrier::Command => spot.is_certain(),
            _ => spot.is_likely(),
        };
        for spot in spots.iter().filter(counts) {
            findings.extend(self.finding(carrier, spot));
        }
    }

    fn edit(&self, edit: &Edit<'_>, findings: &mut Vec<Finding>) {
        let path = self.absolute(edit.path);
        let spots = self.secrets.find(Some(&path), &edit.new);
        let marked = MARKS
            .iter()
            .any(|mark| edit.new.contains(mark) || edit.old.contains(mark));
        if spots.is_empty() && !marked {
            return;
        }
        let present = present(&path);
        let is_sample = self.is_sample(&path);
        for spot in &spots {
            let value = &edit.new[spot.range.clone()];
            let is_new = !edit.old.contains(value) && !present.contains(value);
            let counts = spot.is_likely() && (!is_sample || matches!(spot.what, What::Stored(_)));
            if is_new && counts {
                findings.extend(self.finding(Carrier::File, spot));
            }
        }
        if marked {
            findings.extend(self.mark(edit, &present));
        }
    }

    /// A mark in the new text where the file has the secret: the secret would be lost.
    fn mark(&self, edit: &Edit<'_>, present: &str) -> Option<Finding> {
        let mut taken = Taken::default();
        Secrets::for_output(self.policy, self.place).redact(present, &mut taken)?;
        let lost = |mark: &&str| {
            (edit.new.contains(mark) || edit.old.contains(mark)) && !present.contains(mark)
        };
        let mark = taken.marks().find(lost)?;
        let instead = "Leave the lines with the mark out of the edit: replace only text before or \
            after them. A person can change the secret itself.";
        self.policy
            .carried(Carrier::Mark, true, mark.to_owned(), Some(instead.into()))
    }

    fn finding(&self, carrier: Carrier, spot: &Spot<'_>) -> Option<Finding> {
        let evidence = self.secrets.mark(&spot.what);
        match &spot.what {
            What::Stored(name) => {
                let instead = with_run(name);
                self.policy
                    .carried(Carrier::Stored, true, evidence, Some(instead))
            }
            What::Looks(finding) => {
                let evidence = format!("{evidence} ({})", finding.title);
                let instead = match carrier {
                    Carrier::File => IN_FILE,
                    _ => STORE,
                };
                self.policy
                    .carried(carrier, spot.is_certain(), evidence, Some(instead.into()))
            }
        }
    }

    fn absolute(&self, path: &str) -> PathBuf {
        let folder = self.place.cwd.as_deref().unwrap_or("/");
        Path::new(folder).join(path)
    }

    /// Whether a file holds made-up data, by its name below the project.
    fn is_sample(&self, path: &Path) -> bool {
        let project = self.place.project.as_deref().unwrap_or("/");
        let Ok(inside) = path.strip_prefix(project) else {
            return false;
        };
        let mut names = inside
            .iter()
            .filter_map(|name| name.to_str())
            .map(str::to_lowercase);
        let file = names.next_back().unwrap_or_default();
        names.any(|name| SAMPLES.contains(&name.as_str()))
            || SAMPLE_FILES.iter().any(|part| file.contains(part))
    }
}

const STORE: &str = "Have the user store it with `ccs vault set NAME`, and let the program that \
    needs it run as `ccs run --env NAME -- COMMAND`, which reads it from its environment.";
const IN_FILE: &str = "Have the user store it with `ccs vault set NAME`; in the file, read it from \
    the environment, and start the program with `ccs run --env NAME -- COMMAND`.";

/// How the value of an entry is used without being written.
fn with_run(name: &ccs_vault::Name) -> String {
    let (option, variable) = match name.is_variable() {
        true => (name.to_string(), name.to_string()),
        false => (format!("SECRET={name}"), "SECRET".to_owned()),
    };
    format!(
        "ccs run --env {option} -- sh -c '…', with \"${variable}\" in the place of the value: it is \
         then in the environment of that one command and nowhere else."
    )
}

/// The text a file has now; empty if it cannot be read.
fn present(path: &Path) -> String {
    let bytes = files::read(path, MAX_FILE, Links::Follow).ok().flatten();
    String::from_utf8_lossy(&bytes.unwrap_or_default()).into_owned()
}

/// What a call of an editing tool changes.
fn edits<'v>(call: &ToolUse<'v>) -> Vec<Edit<'v>> {
    let edit = |path: &str, old: &str, new: &str| {
        Some(Edit {
            path: call.text(path)?,
            old: call.text(old).unwrap_or_default().into(),
            new: call.text(new).unwrap_or_default().into(),
        })
    };
    match call.tool {
        "Write" => edit("file_path", "", "content").into_iter().collect(),
        "Edit" => edit("file_path", "old_string", "new_string")
            .into_iter()
            .collect(),
        "NotebookEdit" => edit("notebook_path", "", "new_source")
            .into_iter()
            .collect(),
        "MultiEdit" => several(call),
        _ => Vec::new(),
    }
}

fn several<'v>(call: &ToolUse<'v>) -> Vec<Edit<'v>> {
    let list = call
        .get("edits")
        .and_then(|edits| edits.as_array())
        .unwrap_or_default();
    let Some(path) = call.text("file_path") else {
        return Vec::new();
    };
    let edit = |object: &'v crate::protocol::json::Object<'v>| Edit {
        path,
        old: object.text("old_string").unwrap_or_default().into(),
        new: object.text("new_string").unwrap_or_default().into(),
    };
    list.iter()
        .filter_map(|one| one.as_object())
        .map(edit)
        .collect()
}

#[cfg(test)]
mod tests;
