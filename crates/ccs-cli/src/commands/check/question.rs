//! A tool call as it is given on the command line.

use std::io::{self, Read};

use ccs_gate::{Call, Shell};
use serde::Serialize;
use serde_json::json;

use crate::args;
use crate::exit::{Code, Stop};

/// One call to judge, in words of its own.
#[derive(Debug, Serialize)]
pub(crate) struct Question {
    #[serde(skip_serializing_if = "is_bash")]
    tool: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    command: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    path: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    url: Option<String>,
    #[serde(skip)]
    text: Option<String>,
    #[serde(skip)]
    shell: Shell,
}

fn is_bash(tool: &String) -> bool {
    tool == "Bash"
}

/// What sort of call a tool makes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kind {
    Command,
    Read,
    Write,
    Search,
    Fetch,
    Other,
}

impl Kind {
    fn of(tool: &str) -> Self {
        match tool {
            "Bash" | "PowerShell" | "Monitor" => Kind::Command,
            "Read" | "NotebookRead" => Kind::Read,
            "Write" | "Edit" | "MultiEdit" | "NotebookEdit" => Kind::Write,
            "Glob" | "Grep" | "LS" => Kind::Search,
            "WebFetch" => Kind::Fetch,
            _ => Kind::Other,
        }
    }

    /// What such a call is about, and what else it may be given.
    fn takes(self) -> (&'static [&'static str], &'static [&'static str]) {
        match self {
            Kind::Command => (&["CMD"], &[]),
            Kind::Read => (&["--path"], &[]),
            Kind::Write => (&["--path"], &["--text"]),
            Kind::Search => (&[], &["--path", "--text"]),
            Kind::Fetch => (&["--url"], &[]),
            Kind::Other => (&[], &["CMD", "--path", "--text", "--url"]),
        }
    }
}

impl Question {
    /// Reads what is to be read from the input.
    ///
    /// # Errors
    ///
    /// If the tool needs something that is not given, or takes nothing of the sort.
    pub(crate) fn read(args: &args::Question) -> anyhow::Result<Self> {
        let powershell = args.tool.as_deref() == Some("PowerShell");
        let path = args.path.as_deref().map(|path| path.to_string_lossy());
        let question = Question {
            tool: args.tool.clone().unwrap_or_else(|| "Bash".to_owned()),
            command: args.command.as_deref().map(text).transpose()?,
            path: path.map(Into::into),
            url: args.url.clone(),
            text: args.text.as_deref().map(text).transpose()?,
            shell: match args.shell {
                args::Shell::Bash if !powershell => Shell::Bash,
                _ => Shell::PowerShell,
            },
        };
        question.check()?;
        Ok(question)
    }

    fn check(&self) -> Result<(), Stop> {
        let (needed, possible) = Kind::of(&self.tool).takes();
        let given = self.given();
        let refused = |what| Stop::new(Code::Usage, what).next("ccs check --help");
        if let Some(name) = needed.iter().find(|name| !given.contains(name)) {
            return Err(refused(match *name {
                "CMD" => "there is no command to judge".to_owned(),
                name => format!("{} needs {name}", self.tool),
            }));
        }
        let takes = |name: &&str| needed.contains(name) || possible.contains(name);
        match given.iter().find(|name| !takes(name)) {
            Some(name) => Err(refused(format!("{} takes no {name}", self.tool))),
            None => Ok(()),
        }
    }

    fn given(&self) -> Vec<&'static str> {
        let parts = [
            ("CMD", &self.command),
            ("--path", &self.path),
            ("--text", &self.text),
            ("--url", &self.url),
        ];
        let given = parts.iter().filter(|(_, part)| part.is_some());
        given.map(|(name, _)| *name).collect()
    }

    /// Puts the question.
    pub(crate) fn put<T>(&self, answer: impl FnOnce(&Call<'_>) -> T) -> T {
        let [command, path, text, url] =
            [&self.command, &self.path, &self.text, &self.url].map(|part| part.as_deref());
        match Kind::of(&self.tool) {
            Kind::Command => answer(&Call::Command {
                text: command.unwrap_or_default(),
                shell: self.shell,
            }),
            Kind::Read => answer(&Call::Read {
                path: path.unwrap_or_default(),
            }),
            Kind::Write => answer(&Call::Write {
                path: path.unwrap_or_default(),
                text: text.unwrap_or_default(),
            }),
            Kind::Search => answer(&Call::Search { path, files: text }),
            Kind::Fetch => answer(&Call::Fetch {
                url: url.unwrap_or_default(),
            }),
            Kind::Other => answer(&Call::Other {
                name: &self.tool,
                args: &self.arguments(),
            }),
        }
    }

    /// The tool, and the input that the client would give it.
    pub(crate) fn as_call(&self) -> (&str, serde_json::Value) {
        let [command, path, text, url] =
            [&self.command, &self.path, &self.text, &self.url].map(|part| part.as_deref());
        let input = match Kind::of(&self.tool) {
            Kind::Command => json!({"command": command}),
            Kind::Read if self.tool == "NotebookRead" => json!({"notebook_path": path}),
            Kind::Read => json!({"file_path": path}),
            // whatever writes is judged by the text that will be there
            Kind::Write => json!({"file_path": path, "content": text.unwrap_or_default()}),
            Kind::Search => json!({"path": path, "pattern": text.unwrap_or_default()}),
            Kind::Fetch => json!({"url": url}),
            Kind::Other => self.arguments().into_iter().collect(),
        };
        let tool = match Kind::of(&self.tool) {
            Kind::Write => "Write",
            _ => &self.tool,
        };
        (tool, input)
    }

    /// What a tool that is not known is given, under the usual names.
    fn arguments(&self) -> Vec<(&str, &str)> {
        let parts = [
            ("command", &self.command),
            ("path", &self.path),
            ("text", &self.text),
            ("url", &self.url),
        ];
        let given = parts.iter();
        given
            .filter_map(|(name, part)| Some((*name, part.as_deref()?)))
            .collect()
    }
}

/// The text itself, or all of the input for `-`.
fn text(given: &str) -> anyhow::Result<String> {
    if given != "-" {
        return Ok(given.to_owned());
    }
    let mut bytes = Vec::new();
    io::stdin().lock().read_to_end(&mut bytes)?;
    Ok(String::from_utf8_lossy(&bytes).into_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn question(tool: &str, path: Option<&str>, text: Option<&str>) -> anyhow::Result<String> {
        let question = Question::read(&args::Question {
            command: None,
            tool: Some(tool.to_owned()),
            path: path.map(Into::into),
            text: text.map(Into::into),
            url: None,
            cwd: None,
            shell: args::Shell::Bash,
        })?;
        Ok(question.put(|call| format!("{call:?}")))
    }

    #[test]
    fn each_tool_is_judged_as_what_it_does() {
        for (tool, expected) in [
            ("Read", "Read { path: \"a\" }"),
            ("Edit", "Write { path: \"a\", text: \"\" }"),
            ("Grep", "Search { path: Some(\"a\"), files: None }"),
            (
                "mcp__x__delete",
                "Other { name: \"mcp__x__delete\", args: [(\"path\", \"a\")] }",
            ),
        ] {
            assert_eq!(question(tool, Some("a"), None).expect(tool), expected);
        }
    }

    #[test]
    fn a_call_that_the_tool_cannot_get_is_refused() {
        let refused = |tool, path, text| question(tool, path, text).expect_err(tool).to_string();
        assert_eq!(refused("Write", None, Some("x")), "Write needs --path");
        assert_eq!(refused("Bash", None, None), "there is no command to judge");
        assert_eq!(
            refused("Read", Some("a"), Some("x")),
            "Read takes no --text"
        );
    }
}
