//! What the gate is asked about: one tool call and the facts around it.

use std::fmt;

/// Which command language a command is written in.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Shell {
    /// bash, and sh and zsh where they agree with it.
    #[default]
    Bash,
    /// PowerShell on any platform.
    PowerShell,
}

/// One tool call, in the gate's own words. Everything is borrowed from the caller.
#[derive(Clone, Copy, Debug)]
#[non_exhaustive]
pub enum Call<'a> {
    /// A command line for a shell.
    Command {
        /// The text as the shell will get it.
        text: &'a str,
        /// Which shell that is.
        shell: Shell,
    },
    /// Reading one file.
    Read {
        /// The file, absolute or relative to [`Facts::cwd`].
        path: &'a str,
    },
    /// Creating, replacing or changing one file.
    Write {
        /// The file, absolute or relative to [`Facts::cwd`].
        path: &'a str,
        /// The new text, or the replacement within it.
        text: &'a str,
    },
    /// Searching names or contents below a folder.
    Search {
        /// Where; the working directory if absent.
        path: Option<&'a str>,
        /// The file pattern that selects what is read, if the tool has one.
        files: Option<&'a str>,
    },
    /// Reading a web page.
    Fetch {
        /// Its address.
        url: &'a str,
    },
    /// Any other tool, such as one of an MCP server.
    Other {
        /// The tool's name.
        name: &'a str,
        /// Its string arguments, as (key, value).
        args: &'a [(&'a str, &'a str)],
    },
}

impl<'a> Call<'a> {
    /// A bash command.
    #[must_use]
    pub fn command(text: &'a str) -> Self {
        Call::Command {
            text,
            shell: Shell::Bash,
        }
    }

    /// A bash command with the one word that is any of `options` (with `|` between them) replaced
    /// by `safer`; `None` if there is no such word or more than one.
    pub(crate) fn with_option(&self, options: &str, safer: &str) -> Option<String> {
        let Call::Command {
            text,
            shell: Shell::Bash,
        } = *self
        else {
            return None;
        };
        let words = text.split_ascii_whitespace();
        let mut fitting = words.filter(|word| options.split('|').any(|option| option == *word));
        let word = fitting.next().filter(|_| fitting.next().is_none())?;
        let at = word.as_ptr().addr() - text.as_ptr().addr();
        let (before, rest) = (&text[..at], &text[at + word.len()..]);
        Some(format!("{before}{safer}{rest}"))
    }
}

/// Looks at the file system for the gate, which never does so itself.
pub trait Resolve {
    /// The path with every symbolic link followed, or `None` if that cannot be told.
    /// `path` is absolute and without `.` or `..`. A path whose end does not exist yet
    /// resolves as far as it exists.
    fn real_path(&self, path: &str) -> Option<String>;
}

/// What the gate should know about the machine. Everything is optional; what is missing is
/// judged as the worse case.
#[derive(Clone, Copy, Default)]
pub struct Facts<'a> {
    /// The user's home folder, absolute.
    pub home: Option<&'a str>,
    /// The working directory of the call, absolute.
    pub cwd: Option<&'a str>,
    /// The project's root, absolute. The working directory if absent.
    pub project: Option<&'a str>,
    /// The folder where ccs keeps its state, absolute.
    pub state: Option<&'a str>,
    /// Follows symbolic links.
    pub resolve: Option<&'a dyn Resolve>,
}

impl fmt::Debug for Facts<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Facts")
            .field("home", &self.home)
            .field("cwd", &self.cwd)
            .field("project", &self.project)
            .field("state", &self.state)
            .field("resolve", &self.resolve.is_some())
            .finish()
    }
}

#[cfg(test)]
mod tests {
    use super::Call;

    #[test]
    fn the_one_option_of_a_command_is_replaced() {
        for (command, expected) in [
            ("git push  -f origin", Some("git push  --safe origin")),
            ("git push --force", Some("git push --safe")),
            ("git push --force -f", None),
            ("git push -uf", None),
            ("echo 'try --force now'; git push --force", None),
        ] {
            let replaced = Call::command(command).with_option("-f|--force", "--safe");
            assert_eq!(replaced.as_deref(), expected, "{command}");
        }
    }
}
