//! Where what a tool returned comes from, and who could have written it.

use ccs_gate::injection::Source;
use ccs_gate::policy::Taint;
use ccs_gate::{Deeds, Line, Way};

use super::host_or;
use crate::place::{Place, is_within};
use crate::protocol::event::ToolUse;
use crate::taint::Label;

/// Tools that return what the session itself wrote, or nothing to read.
const OWN: &[&str] = &[
    "Write",
    "Edit",
    "MultiEdit",
    "NotebookEdit",
    "TodoWrite",
    "TaskCreate",
    "TaskUpdate",
    "TaskGet",
    "TaskList",
    "TaskStop",
    "KillShell",
    "ToolSearch",
    "Skill",
    "AskUserQuestion",
    "EnterPlanMode",
    "ExitPlanMode",
    "CronCreate",
    "CronDelete",
    "CronList",
    "SendMessage",
];
/// Folders of a project in which other people's code lies.
const DEPENDENCIES: &[&str] = &[
    "node_modules",
    "site-packages",
    "dist-packages",
    "bower_components",
    "third_party",
    "vendor",
    ".cargo",
    ".venv",
    "venv",
    "Pods",
];
/// Folders that the operating system and its owner keep.
const SYSTEM: &[&str] = &[
    "/bin", "/boot", "/dev", "/etc", "/lib", "/lib64", "/proc", "/run", "/sbin", "/sys", "/usr",
    "/opt", "/nix",
];

/// Where a text comes from.
pub(crate) struct Origin {
    /// For the scanner.
    pub(crate) source: Source,
    /// A host, a server, a file or a command, for people.
    pub(crate) name: String,
    /// What the session is at least once it has read it.
    pub(crate) label: Label,
    /// There is something to read.
    pub(crate) is_read: bool,
}

impl Origin {
    /// Whether it is what a page, a search or a server says.
    pub(crate) fn is_remote(&self) -> bool {
        let remote = matches!(
            self.source,
            Source::Page | Source::Search | Source::Remote | Source::Description | Source::Mail
        );
        remote && self.label > Label::Clean
    }

    /// `None` if it is trusted by the policy.
    pub(crate) fn of(
        call: &ToolUse<'_>,
        server: Option<&str>,
        deeds: &Deeds,
        place: &Place,
        policy: &Taint,
    ) -> Option<Self> {
        if policy.trusts(call.tool) {
            return None;
        }
        let source = Source::of_tool(call.tool);
        let external = |name: String| Self {
            source,
            name,
            label: Label::External,
            is_read: true,
        };
        Some(match call.tool {
            tool if OWN.contains(&tool) => Self {
                label: Label::Clean,
                is_read: false,
                ..external(String::new())
            },
            "WebFetch" => external(host_or(call.text("url").unwrap_or("a web page"))),
            "WebSearch" => external("a web search".into()),
            "ReadMcpResourceTool" | "ListMcpResourcesTool" => external("an MCP server".into()),
            tool if tool.starts_with("mcp__") => external(format!(
                "the MCP server {}",
                server.unwrap_or_else(|| named(tool))
            )),
            "Bash" | "PowerShell" | "Monitor" | "BashOutput" | "TaskOutput" => match fetched(deeds)
            {
                Some(from) => external(from),
                None => Self {
                    label: Label::Clean,
                    ..external(printed(deeds))
                },
            },
            _ => {
                let path = file(call).or_else(|| deeds.reads.first().map(String::as_str));
                let path = path.unwrap_or(call.tool);
                let label = if is_foreign(path, place) {
                    Label::External
                } else {
                    Label::Clean
                };
                Self {
                    label,
                    ..external(path.to_owned())
                }
            }
        })
    }
}

/// The server in the name of its tool.
fn named(tool: &str) -> &str {
    let rest = tool.strip_prefix("mcp__").unwrap_or(tool);
    rest.split("__").next().unwrap_or(rest)
}

fn file<'v>(call: &ToolUse<'v>) -> Option<&'v str> {
    ["file_path", "notebook_path", "path"]
        .iter()
        .find_map(|key| call.text(key))
}

/// The host that a command got something from.
fn fetched(deeds: &Deeds) -> Option<String> {
    let remote = deeds.contacts.iter().find(|contact| {
        contact.way == Way::Get && !contact.is_local && !is_noted(deeds, &contact.target)
    });
    if let Some(contact) = remote {
        return Some(contact.host.replace('\0', "…"));
    }
    deeds.commands.iter().find_map(forge)
}

/// Whether an address is only noted, or pushed to: nothing of what is there comes back.
fn is_noted(deeds: &Deeds, target: &str) -> bool {
    deeds.commands.iter().any(|line| {
        let verb = line.words.get(1).map(String::as_str);
        line.program() == "git"
            && matches!(verb, Some("remote" | "push"))
            && line.words.iter().any(|word| word == target)
    })
}

/// Commands that print what strangers wrote into an issue, a review or a package.
fn forge(line: &Line) -> Option<String> {
    let mut words = line
        .words
        .iter()
        .skip(1)
        .filter(|word| !word.starts_with('-'));
    let mut word = || words.next().map(String::as_str).unwrap_or_default();
    let (first, second) = (word(), word());
    let program = line.program();
    let reads = match program.as_str() {
        "gh" | "glab" => {
            matches!(
                first,
                "issue"
                    | "pr"
                    | "mr"
                    | "api"
                    | "search"
                    | "run"
                    | "release"
                    | "gist"
                    | "repo"
                    | "browse"
                    | "snippet"
                    | "ci"
            ) && !matches!(
                second,
                "create" | "clone" | "checkout" | "comment" | "review" | "merge" | "edit" | "close"
            )
        }
        "npm" | "pnpm" | "yarn" => matches!(first, "view" | "info" | "show" | "search"),
        "jira" | "linear" | "hub" => true,
        _ => false,
    };
    reads.then(|| format!("`{program} {first}`"))
}

fn printed(deeds: &Deeds) -> String {
    let first = deeds.commands.first().map(Line::program);
    match first {
        Some(program) if !program.is_empty() => format!("the command `{program}`"),
        _ => "a command".to_owned(),
    }
}

/// Whether a file was probably not written by the user or for the project.
fn is_foreign(path: &str, place: &Place) -> bool {
    if !path.starts_with('/') {
        return false;
    }
    let project = place.project.as_deref().or(place.cwd.as_deref());
    if let Some(inner) = project.filter(|root| is_within(path, root)) {
        let below = &path[inner.len().min(path.len())..];
        return below.split('/').any(|part| DEPENDENCIES.contains(&part));
    }
    let own = place.home.as_ref().map(|home| format!("{home}/.claude"));
    let mut own = own.iter().map(String::as_str).chain(SYSTEM.iter().copied());
    let is_stored_output = path.contains("/.claude/projects/");
    is_stored_output || !own.any(|folder| is_within(path, folder))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_is_foreign_where_other_people_put_theirs() {
        let place = Place {
            home: Some("/home/dev".into()),
            project: Some("/home/dev/shop".into()),
            ..Place::default()
        };
        for (path, foreign) in [
            ("/home/dev/shop/README.md", false),
            ("/home/dev/shop/node_modules/x/README.md", true),
            ("/home/dev/Downloads/spec.md", true),
            ("/tmp/page.html", true),
            ("/home/dev/.claude/CLAUDE.md", false),
            (
                "/home/dev/.claude/projects/-shop/1/tool-results/x.txt",
                true,
            ),
            ("/usr/include/stdio.h", false),
            ("Agent", false),
        ] {
            assert_eq!(is_foreign(path, &place), foreign, "{path}");
        }
    }

    #[test]
    fn a_command_that_prints_what_strangers_wrote_is_known() {
        use ccs_gate::{Call, Facts, Gate};
        for (command, expected) in [
            ("curl -s https://a.site/x | jq .", Some("a.site")),
            ("gh issue view 12", Some("`gh issue`")),
            ("git clone https://b.site/x.git", Some("b.site")),
            ("npm view left-pad", Some("`npm view`")),
            ("curl -s localhost:3000", None),
            ("gh pr create --fill", None),
            ("gh pr review 12 --approve", None),
            ("npm test", None),
            ("git log", None),
            ("git remote add m https://b.site/x.git", None),
            ("gh gist create a.txt", None),
            ("curl -d a=1 https://a.site/x", Some("a.site")),
        ] {
            let deeds = Gate::builtin().deeds(&Call::command(command), &Facts::default());
            assert_eq!(fetched(&deeds).as_deref(), expected, "{command}");
        }
    }
}
