//! Permission rules: `Tool` or `Tool(what)`.

use std::path::Path;

use super::settings::distance;
use crate::glob;
use crate::posture::danger::{downloads, interprets};

/// A rule taken apart.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Rule<'a> {
    pub(super) tool: &'a str,
    /// What stands in the brackets.
    pub(super) what: Option<&'a str>,
}

const TOOLS: &[&str] = &[
    "Bash",
    "PowerShell",
    "Read",
    "Edit",
    "Write",
    "MultiEdit",
    "NotebookEdit",
    "NotebookRead",
    "Glob",
    "Grep",
    "LS",
    "WebFetch",
    "WebSearch",
    "Task",
    "Agent",
    "TodoWrite",
    "TodoRead",
    "Skill",
    "SlashCommand",
    "BashOutput",
    "KillShell",
    "KillBash",
    "ExitPlanMode",
    "EnterPlanMode",
    "AskUserQuestion",
    "Monitor",
    "EnterWorktree",
    "ExitWorktree",
    "ToolSearch",
    "LSP",
    "ListMcpResourcesTool",
    "ReadMcpResourceTool",
    "TaskCreate",
    "TaskGet",
    "TaskList",
    "TaskUpdate",
    "TaskOutput",
    "TaskStop",
    "SendMessage",
    "CronCreate",
    "CronDelete",
    "CronList",
    "TeamCreate",
    "TeamDelete",
    "Workflow",
    "PushNotification",
    "RemoteTrigger",
    "ScheduleWakeup",
    "Artifact",
    "Browser",
    "Computer",
    "StructuredOutput",
    "REPL",
    "SendUserFile",
];

impl<'a> Rule<'a> {
    /// `None` if a bracket is not closed.
    pub(super) fn parse(text: &'a str) -> Option<Self> {
        let text = text.trim();
        match text.split_once('(') {
            None => (!text.contains(')')).then_some(Rule {
                tool: text,
                what: None,
            }),
            Some((tool, rest)) => rest.strip_suffix(')').map(|what| Rule {
                tool,
                what: Some(what),
            }),
        }
    }

    /// Whether it is about every use of the tool.
    pub(super) fn is_any(self) -> bool {
        self.what.is_none_or(|what| {
            matches!(
                what.trim(),
                "*" | ":*" | "*:*" | "**" | "" | "* *" | "/**" | "//**" | "**/*"
            )
        })
    }

    /// The words of a command before the wildcard at the end; `None` if there is no wildcard.
    pub(super) fn command(self) -> Option<Vec<&'a str>> {
        let what = self.what?.trim();
        let stem = what.strip_suffix(":*").or_else(|| what.strip_suffix('*'))?;
        Some(stem.split_whitespace().collect())
    }

    /// Whether it allows an interpreter or a program that fetches to do anything.
    pub(super) fn launches(self) -> bool {
        let words = self
            .command()
            .filter(|_| self.tool == "Bash")
            .unwrap_or_default();
        matches!(words[..], [name] if interprets(name) || downloads(name) || matches!(name, "sudo" | "env" | "xargs"))
    }

    /// Why it matches nothing.
    pub(super) fn is_dead(self) -> Option<String> {
        let tool = self.tool;
        if let Some(name) = tool.strip_prefix("mcp__") {
            let server = name.split("__").next().unwrap_or(name);
            if server.contains('*') && name != "*" {
                return Some("`*` is not read in the name of an MCP server".to_owned());
            }
            return self
                .what
                .filter(|what| !matches!(*what, "*"))
                .map(|_| "rules for MCP tools have no brackets".to_owned());
        }
        if TOOLS.contains(&tool) {
            return self.dead_specifier();
        }
        let same = TOOLS.iter().find(|known| known.eq_ignore_ascii_case(tool));
        let near = same.or_else(|| {
            TOOLS
                .iter()
                .find(|known| tool.len() > 3 && distance(known, tool) <= 2)
        });
        match near {
            Some(known) => Some(format!("there is no tool `{tool}`; there is `{known}`")),
            None if tool.contains('*') && !tool.contains(' ')
                || tool.starts_with(char::is_uppercase) && !tool.contains(' ') =>
            {
                None
            }
            None => Some(format!("`{tool}` is not the name of a tool")),
        }
    }

    /// Whether it is for a tool that may be, but is none of those that are known.
    pub(super) fn is_unknown(self) -> bool {
        !self.tool.starts_with("mcp__") && !self.tool.contains('*') && !TOOLS.contains(&self.tool)
    }

    fn dead_specifier(self) -> Option<String> {
        let what = self.what?;
        match self.tool {
            _ if what.matches(')').count() > what.matches('(').count() => {
                Some("a bracket is closed twice".to_owned())
            }
            _ if what.trim().is_empty() => Some("the brackets are empty".to_owned()),
            "Bash" if what.trim_end_matches(":*").contains(":* ") => {
                Some("`:*` is read at the end only".to_owned())
            }
            "WebFetch" if !what.starts_with("domain:") && what != "*" => {
                Some("rules for WebFetch begin with `domain:`".to_owned())
            }
            _ => None,
        }
    }
}

/// Whether a name is one letter away from a tool's.
pub(super) fn is_slip(name: &str) -> bool {
    !TOOLS.contains(&name) && name.len() > 2 && TOOLS.iter().any(|known| distance(known, name) == 1)
}

/// Whether a path pattern of a rule covers a file. `file` is relative to the project or, with
/// `~/` in front, to the home folder.
pub(super) fn covers(pattern: &str, file: &str) -> bool {
    let pattern = pattern.trim().trim_start_matches("./");
    if matches!(pattern, "" | "*" | "**" | "**/*" | "//**") {
        return true;
    }
    let name = Path::new(file)
        .file_name()
        .unwrap_or_default()
        .to_string_lossy();
    let below = format!("{}/**", pattern.trim_end_matches('/'));
    let local = pattern.trim_start_matches('/');
    glob::matches(pattern, file)
        || glob::matches(local, file)
        || glob::matches(&below, file)
        || !pattern.contains('/') && glob::matches(pattern, &name)
        || pattern
            .strip_suffix("/**")
            .is_some_and(|folder| file == folder)
}

#[cfg(test)]
mod tests {
    use super::{Rule, covers};

    fn dead(text: &str) -> bool {
        Rule::parse(text).is_none_or(|rule| rule.is_dead().is_some())
    }

    #[test]
    fn rules_that_match_nothing_are_told_from_those_that_do() {
        for text in [
            "bash(rm *)",
            "Read(/etc/shadow",
            "mcp__*__delete",
            "Raed(x)",
            "WebFetch(https://x.example)",
            "Bash()",
            "bash",
            "Bash(git:* push)",
        ] {
            assert!(dead(text), "{text}");
        }
        for text in [
            "Bash(rm *)",
            "Bash",
            "Read(./.env)",
            "mcp__srv__delete",
            "mcp__srv__*",
            "mcp__srv",
            "WebFetch(domain:x.example)",
            "Bash(git push:*)",
            "NewTool",
            "Bash(git * main)",
        ] {
            assert!(!dead(text), "{text}");
        }
    }

    #[test]
    fn patterns_cover_what_git_ignore_would() {
        for (pattern, file) in [
            ("./.env", ".env"),
            (".env", "a/.env"),
            ("**/.env", "a/b/.env"),
            ("./.env.*", ".env.local"),
            ("~/.ssh/**", "~/.ssh"),
            ("secrets/**", "secrets/a"),
            ("~/.ssh", "~/.ssh/id_rsa"),
        ] {
            assert!(covers(pattern, file), "{pattern} {file}");
        }
        for (pattern, file) in [
            ("./.env", ".env.local"),
            ("~/.ssh/**", ".env"),
            ("*.pem", "a.key"),
        ] {
            assert!(!covers(pattern, file), "{pattern} {file}");
        }
    }
}
