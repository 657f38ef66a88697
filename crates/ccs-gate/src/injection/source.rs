//! Where a text comes from.

/// Who could have written a text. What a stranger wrote is read with less trust.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
pub enum Source {
    /// The user typed it.
    Prompt,
    /// Instructions for the agent that belong to the user or the project: `CLAUDE.md`, rules,
    /// skills. They may tell the agent what to do.
    Instructions,
    /// A file in the project or elsewhere on the machine.
    #[default]
    File,
    /// What a command printed.
    Output,
    /// A web page.
    Page,
    /// Results of a web search.
    Search,
    /// What a tool of an MCP server returned.
    Remote,
    /// The description a server gives of its tools.
    Description,
    /// An e-mail.
    Mail,
}

impl Source {
    /// The source that a tool's output comes from. `UserPromptSubmit` stands for the user.
    #[must_use]
    pub fn of_tool(tool: &str) -> Self {
        let lower = tool.to_ascii_lowercase();
        let has = |words: &[&str]| words.iter().any(|word| lower.contains(word));
        match tool {
            "UserPromptSubmit" | "UserPromptExpansion" => Self::Prompt,
            "InstructionsLoaded" => Self::Instructions,
            "WebFetch" => Self::Page,
            "WebSearch" => Self::Search,
            "Bash" | "BashOutput" | "Monitor" | "PowerShell" => Self::Output,
            _ if !lower.starts_with("mcp__") => Self::File,
            _ if lower.ends_with("__tools") => Self::Description,
            _ if has(&["mail", "inbox", "outlook"]) => Self::Mail,
            _ if has(&["fetch", "browser", "navigate", "page", "crawl", "scrape"]) => Self::Page,
            _ => Self::Remote,
        }
    }

    /// Added to the score of a window that has one already, in hundredths.
    pub(crate) const fn prior(self) -> i32 {
        match self {
            Self::Prompt => 0,
            Self::Instructions => -15,
            Self::File | Self::Output => 0,
            Self::Page | Self::Search | Self::Remote | Self::Mail => 5,
            Self::Description => 20,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::Source;

    #[test]
    fn tools_say_where_their_text_comes_from() {
        for (tool, source) in [
            ("Read", Source::File),
            ("Grep", Source::File),
            ("Bash", Source::Output),
            ("WebFetch", Source::Page),
            ("WebSearch", Source::Search),
            ("mcp__mail__read", Source::Mail),
            ("mcp__srv__tools", Source::Description),
            ("mcp__jira__get_issue", Source::Remote),
            ("UserPromptSubmit", Source::Prompt),
        ] {
            assert_eq!(Source::of_tool(tool), source, "{tool}");
        }
    }
}
