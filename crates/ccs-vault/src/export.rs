//! Secrets as a shell's own assignments, for those who must have them in a shell.
//!
//! A name that is no plain variable is left out, and a value is always quoted whole: nothing in
//! either can become a command.

use zeroize::Zeroizing;

use crate::buffer::Buffer;
use crate::{Category, Error, Name, Result, Secret, Vault};

/// A shell to export for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Shell {
    /// sh, bash, zsh and their kin.
    Sh,
    /// fish.
    Fish,
    /// PowerShell.
    PowerShell,
}

/// Assignments, and the entries that are not among them.
#[non_exhaustive]
pub struct Export {
    /// The text, to be evaluated by the shell.
    pub text: Secret,
    /// Entries left out, and why.
    pub left: Vec<(Name, &'static str)>,
}

impl Vault {
    /// The values of all entries, or of those in one category, as assignments: grouped by category,
    /// ordered by name. Entries that have expired at `now`, in seconds since 1970, UTC, or whose
    /// value comes from a command, are left out.
    ///
    /// # Errors
    ///
    /// [`Error::Corrupt`] if a value does not open.
    pub fn export(&self, shell: Shell, category: Option<&Category>, now: u64) -> Result<Export> {
        let mut wanted: Vec<_> = self
            .list()
            .filter(|meta| category.is_none_or(|category| meta.category == *category))
            .collect();
        wanted.sort_by_key(|meta| (&meta.category, &meta.name));
        let mut export = Builder::new(shell);
        for meta in wanted {
            if meta.is_expired(now) {
                export.left.push((meta.name.clone(), "it has expired"));
                continue;
            }
            match self.get(&meta.name) {
                Ok(value) => export.add(&meta.name, &meta.category, &value),
                Err(Error::OtherKind { name, .. }) => export.left.push((name, "it holds no value")),
                Err(error) => return Err(error),
            }
        }
        Ok(export.finish())
    }
}

struct Builder {
    shell: Shell,
    text: Buffer,
    group: Option<Category>,
    left: Vec<(Name, &'static str)>,
}

impl Builder {
    fn new(shell: Shell) -> Self {
        let mut builder = Self {
            shell,
            text: Buffer::new(),
            group: None,
            left: Vec::new(),
        };
        builder.text.extend(b"# secrets of the ccs vault\n");
        builder
    }

    fn add(&mut self, name: &Name, category: &Category, value: &Secret) {
        if !name.is_variable() {
            return self
                .left
                .push((name.clone(), "its name is no variable to put a secret in"));
        }
        let Some(quoted) = quote(self.shell, value.expose()) else {
            return self
                .left
                .push((name.clone(), "the shell cannot hold its bytes"));
        };
        if self.group.as_ref() != Some(category) {
            self.text
                .extend(format!("\n# --- {category} ---\n").as_bytes());
            self.group = Some(category.clone());
        }
        let (before, between) = match self.shell {
            Shell::Sh => ("export ", "="),
            Shell::Fish => ("set -gx ", " "),
            Shell::PowerShell => ("$env:", " = "),
        };
        self.text
            .extend(format!("{before}{name}{between}").as_bytes());
        self.text.extend(&quoted);
        self.text.extend(b"\n");
    }

    fn finish(mut self) -> Export {
        Export {
            text: Secret::of(self.text.take()),
            left: self.left,
        }
    }
}

/// The value in single quotes; `None` if the shell has no way to hold it.
fn quote(shell: Shell, value: &[u8]) -> Option<Zeroizing<Vec<u8>>> {
    if value.contains(&0) {
        return None;
    }
    let mut quoted = Zeroizing::new(Vec::with_capacity(value.len() * 4 + 2));
    quoted.push(b'\'');
    match shell {
        Shell::Sh => {
            for &byte in value {
                quoted.extend_from_slice(if byte == b'\'' {
                    b"'\\''"
                } else {
                    std::slice::from_ref(&byte)
                });
            }
        }
        Shell::Fish => {
            std::str::from_utf8(value).ok()?;
            for &byte in value {
                if byte == b'\'' || byte == b'\\' {
                    quoted.push(b'\\');
                }
                quoted.push(byte);
            }
        }
        Shell::PowerShell => {
            let mut utf8 = [0; 4];
            for character in std::str::from_utf8(value).ok()?.chars() {
                let bytes = character.encode_utf8(&mut utf8).as_bytes();
                quoted.extend_from_slice(bytes);
                // PowerShell takes the typographic quotes for the plain one
                if "'\u{2018}\u{2019}\u{201a}\u{201b}".contains(character) {
                    quoted.extend_from_slice(bytes);
                }
            }
        }
    }
    quoted.push(b'\'');
    Some(quoted)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn quoted(shell: Shell, value: &str) -> String {
        let quoted = quote(shell, value.as_bytes()).expect("a quoted value");
        String::from_utf8(quoted.to_vec()).expect("text")
    }

    #[test]
    fn each_shell_quotes_a_quote_in_its_own_way() {
        assert_eq!(
            quoted(Shell::Sh, "it's $(x) `y`\n"),
            "'it'\\''s $(x) `y`\n'"
        );
        assert_eq!(quoted(Shell::Fish, "it's \\ $(x)"), "'it\\'s \\\\ $(x)'");
        assert_eq!(quoted(Shell::PowerShell, "it's ’$(x)"), "'it''s ’’$(x)'");
    }

    #[test]
    fn bytes_a_shell_cannot_hold_are_not_written_differently() {
        for shell in [Shell::Sh, Shell::Fish, Shell::PowerShell] {
            assert!(quote(shell, b"a\0b").is_none());
        }
        assert!(quote(Shell::Sh, b"\xff").is_some());
        assert!(quote(Shell::Fish, b"\xff").is_none());
        assert!(quote(Shell::PowerShell, b"\xff").is_none());
    }
}
