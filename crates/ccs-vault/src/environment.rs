//! The environment of one child process: the secrets it needs and nothing else gets, and a filter
//! that keeps them out of what it prints.

use std::io::Write;
use std::process::Command;

use crate::provider::{Limits, Runner};
use crate::{Error, Name, Redactor, Result, Secret, Vault};

/// A variable to be set, and the entry its value comes from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Variable {
    /// The variable's name in the child.
    pub variable: String,
    /// The entry.
    pub entry: Name,
}

impl Variable {
    /// The entry under its own name, which must be one a variable can have.
    #[must_use]
    pub fn same(entry: Name) -> Self {
        Self {
            variable: entry.as_str().to_owned(),
            entry,
        }
    }
}

/// Secrets chosen for one child process.
pub struct Environment(Vec<(Variable, Secret)>);

impl Vault {
    /// Gathers the values of the entries chosen; commands of references are run.
    ///
    /// # Errors
    ///
    /// [`Error::NoEntry`], [`Error::Expired`], [`Error::Provider`], and [`Error::Invalid`] for a
    /// variable that no secret belongs in (`PATH`, `LD_PRELOAD`) or a value no variable can hold.
    pub fn environment(
        &self,
        wanted: impl IntoIterator<Item = Variable>,
        runner: &dyn Runner,
        now: u64,
    ) -> Result<Environment> {
        let mut chosen = Vec::new();
        for variable in wanted {
            let meta = self.meta(&variable.entry);
            if meta.is_some_and(|meta| meta.is_expired(now)) {
                let name = variable.entry;
                return Err(Error::Expired { name });
            }
            let value = self.fetch(&variable.entry, runner, Limits::default())?;
            check(&variable, &value)?;
            chosen.push((variable, value));
        }
        Ok(Environment(chosen))
    }
}

impl Environment {
    /// Sets the variables of a child. They are in its environment only: not in its arguments, and
    /// not in this process. The `Debug` text of a `Command` shows its environment: print none.
    pub fn apply(&self, child: &mut Command) {
        for (variable, value) in &self.0 {
            child.env(&variable.variable, os(value.expose()));
        }
    }

    /// A filter for the child's output that writes to `sink` what of it is no secret.
    pub fn redactor<W: Write>(&self, sink: W) -> Redactor<W> {
        let secrets = self
            .0
            .iter()
            .map(|(variable, value)| (&variable.entry, value));
        Redactor::new(sink, secrets)
    }
}

fn check(variable: &Variable, value: &Secret) -> Result<()> {
    let refused = |what, why| Err(Error::Invalid { what, why });
    if !crate::name::is_variable(&variable.variable) {
        return refused(
            "variable",
            "it is letters, digits and `_`, and decides not what code runs",
        );
    }
    if value.expose().contains(&0) {
        return refused("value", "a variable cannot hold a NUL");
    }
    if cfg!(not(unix)) && std::str::from_utf8(value.expose()).is_err() {
        return refused("value", "a variable holds text here");
    }
    Ok(())
}

#[cfg(unix)]
fn os(value: &[u8]) -> &std::ffi::OsStr {
    std::os::unix::ffi::OsStrExt::from_bytes(value)
}

#[cfg(not(unix))]
fn os(value: &[u8]) -> &str {
    std::str::from_utf8(value).unwrap_or_default()
}
