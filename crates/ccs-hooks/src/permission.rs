//! Whether a permission rule of the client might match a call.
//!
//! An automatic approval must never be wider than the user's own `ask` and `deny` rules. What the
//! client makes of a rule in every case is not ours to reproduce, so this module does not match
//! rules: it proves of some that they cannot match, and takes all others for matching.

use ccs_gate::Resolve;

use crate::place::{absolute, is_within};
use crate::protocol::json;
use crate::resolve::Links;

const SHELLS: &[&str] = &["bash", "powershell", "monitor"];
const FILES: &[&str] = &[
    "read",
    "grep",
    "glob",
    "ls",
    "notebookread",
    "edit",
    "write",
    "multiedit",
    "notebookedit",
];

/// What an approval would be about.
pub(crate) enum Subject<'a> {
    /// A command run in a folder.
    Command { text: &'a str, cwd: &'a str },
    /// One file, as it is called and as it really is.
    File { path: &'a str, real: &'a str },
    /// Everything below a folder.
    Below { path: &'a str, real: &'a str },
}

/// The rules under `permissions.ask` and `permissions.deny` of a settings file; `None` if the
/// file says something there that is not understood.
pub(crate) fn rules(settings: &[u8]) -> Option<Vec<String>> {
    let text = json::text(settings);
    let value = json::parse(&text).ok()?;
    let mut rules = Vec::new();
    for permissions in value.as_object()?.all("permissions") {
        let permissions = permissions.as_object()?;
        for list in permissions.all("ask").chain(permissions.all("deny")) {
            for rule in list.as_array()? {
                rules.push(rule.as_str()?.to_owned());
            }
        }
    }
    Some(rules)
}

/// Looks at rules from one user's point of view.
pub(crate) struct Matcher<'a> {
    pub(crate) home: &'a str,
    pub(crate) links: &'a Links,
}

impl Matcher<'_> {
    /// Whether `rule` might match. `true` unless the contrary can be shown.
    pub(crate) fn may_match(&self, rule: &str, subject: &Subject<'_>) -> bool {
        let (tool, pattern) = parts(rule);
        let tool = tool.to_ascii_lowercase();
        let is_name = !tool.is_empty()
            && tool
                .bytes()
                .all(|b| b.is_ascii_alphanumeric() || b"_-".contains(&b));
        if !is_name {
            return true;
        }
        let is_shell = SHELLS.contains(&tool.as_str());
        let is_file = FILES.contains(&tool.as_str());
        let Some(pattern) = pattern else {
            // a bare tool name matches all its calls; reading is also what harmless commands do
            return is_file || (is_shell && matches!(subject, Subject::Command { .. }));
        };
        match subject {
            Subject::Command { text, .. } if is_shell => may_name(pattern, text),
            Subject::Command { text, cwd } if is_file => {
                !self.stays_within(text, cwd) || !self.is_elsewhere(pattern, cwd, cwd)
            }
            Subject::File { path, real } if is_file => {
                may_hold(pattern, path) || may_hold(pattern, real)
            }
            Subject::Below { path, real } if is_file => !self.is_elsewhere(pattern, path, real),
            _ => false,
        }
    }

    /// Whether the pattern is of a folder that has nothing to do with this one.
    fn is_elsewhere(&self, pattern: &str, path: &str, real: &str) -> bool {
        let Some(folder) = self.anchor(pattern) else {
            return false;
        };
        let Some(folder_real) = self.links.real_path(&folder) else {
            return false;
        };
        let apart = |a: &str, b: &str| {
            let (a, b) = (a.to_lowercase(), b.to_lowercase());
            !is_within(&a, &b) && !is_within(&b, &a)
        };
        [path, real]
            .iter()
            .all(|here| apart(&folder, here) && apart(&folder_real, here))
    }

    /// The folder or file before the first wildcard of a pattern that starts at the root (`//`)
    /// or at home (`~/`); the others are relative to something.
    fn anchor(&self, pattern: &str) -> Option<String> {
        let path = match (pattern.strip_prefix("//"), pattern.strip_prefix("~/")) {
            (Some(rest), _) => format!("/{rest}"),
            (None, Some(rest)) => format!("{}/{rest}", self.home),
            (None, None) => return None,
        };
        if path.contains(['\\', '{', '!']) {
            return None;
        }
        let literal = path.find(['*', '?', '[']).map_or(path.as_str(), |wild| {
            let folder = path[..wild].rfind('/').unwrap_or(0);
            &path[..folder]
        });
        absolute(literal).filter(|anchor| anchor != "/")
    }

    /// Whether every word of a command, taken for a path, stays below the working folder.
    fn stays_within(&self, command: &str, cwd: &str) -> bool {
        let plain = !command.contains(['/', '~', '$', '`', '\\', '*', '?', '[', '{', '\'', '"'])
            && !command.contains("..");
        plain
            && command.split_whitespace().all(|word| {
                let real = self.links.real_path(&format!("{cwd}/{word}"));
                real.is_some_and(|real| is_within(&real, cwd))
            })
    }
}

/// `Tool(pattern)` or `Tool`.
fn parts(rule: &str) -> (&str, Option<&str>) {
    let rule = rule.trim();
    match rule.strip_suffix(')').and_then(|rule| rule.split_once('(')) {
        Some((tool, pattern)) => (tool, Some(pattern)),
        None => (rule, None),
    }
}

/// Whether a command rule might match: not if a whole word of it is nowhere in the command.
fn may_name(pattern: &str, command: &str) -> bool {
    if command.contains(['$', '`', '*', '?', '[', '{', '~']) {
        return true;
    }
    let unquoted = |text: &str| text.replace(['"', '\'', '\\'], "").to_lowercase();
    let command = unquoted(command);
    let pattern = unquoted(pattern);
    let pattern = pattern.strip_suffix(":*").unwrap_or(&pattern);
    let literal = |word: &&str| !word.contains('*');
    pattern
        .split_whitespace()
        .filter(literal)
        .all(|word| command.contains(word))
}

/// Whether a file rule might match a path: not if a literal piece of it is nowhere in the path.
fn may_hold(pattern: &str, path: &str) -> bool {
    if pattern.contains(['[', '{', '\\', '!']) || pattern.contains("..") {
        return true;
    }
    let path = path.to_lowercase();
    let pattern = pattern.trim_start_matches(['~', '/', '.']).to_lowercase();
    pattern
        .split(['/', '*', '?'])
        .filter(|piece| *piece != ".")
        .all(|piece| path.contains(piece))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn may_match(rule: &str, subject: &Subject<'_>) -> bool {
        let links = Links::new(None);
        let matcher = Matcher {
            home: "/home/dev",
            links: &links,
        };
        matcher.may_match(rule, subject)
    }

    fn command(text: &str) -> Subject<'_> {
        Subject::Command {
            text,
            cwd: "/no-such/shop",
        }
    }

    fn file(path: &str) -> Subject<'_> {
        Subject::File { path, real: path }
    }

    const BELOW: Subject<'_> = Subject::Below {
        path: "/no-such/shop",
        real: "/no-such/shop",
    };

    #[test]
    fn a_command_rule_cannot_match_without_its_words() {
        for rule in [
            "Bash(git push:*)",
            "Bash(rm *)",
            "Bash(npm publish)",
            "mcp__x__y",
            "WebFetch(domain:x)",
        ] {
            assert!(!may_match(rule, &command("git status")), "{rule}");
        }
    }

    #[test]
    fn a_command_rule_that_may_match_does() {
        for (rule, text) in [
            ("Bash", "ls"),
            ("bash", "ls"),
            ("*", "ls"),
            ("Ba*", "ls"),
            ("", "ls"),
            ("Bash(*)", "ls"),
            ("Bash(:*)", "ls"),
            ("Bash(git status:*)", "git status"),
            ("Bash(git:*)", "git status"),
            ("Bash(git*)", "git status"),
            ("Bash(git push:*)", "'git'  pu\"sh\""),
            ("Bash(git push:*)", "$x push"),
            ("Bash(rm x)", "cd a && rm x"),
            ("Monitor(git:*)", "git status"),
            ("Bash(git status", "git status"),
        ] {
            assert!(may_match(rule, &command(text)), "{rule} {text}");
        }
    }

    #[test]
    fn a_read_rule_touches_commands_unless_it_is_elsewhere() {
        assert!(!may_match("Read(~/.ssh/**)", &command("cargo tree")));
        assert!(!may_match("Read(//etc/shadow)", &command("wc notes.txt")));
        for rule in [
            "Read",
            "Read(.env)",
            "Read(./secrets/**)",
            "Read(/x)",
            "Read(//no-such/**)",
            "Read(//**)",
        ] {
            assert!(may_match(rule, &command("cargo tree")), "{rule}");
        }
        for text in [
            "cat ~/x",
            "cat /etc/shadow",
            "cat ../x",
            "cat *",
            "cat $X",
            "cat 'x'",
        ] {
            assert!(may_match("Read(~/.ssh/**)", &command(text)), "{text}");
        }
    }

    #[test]
    #[cfg(unix)]
    fn a_command_that_names_a_link_out_of_the_folder_may_be_touched() {
        let folder = tempfile::tempdir().expect("a folder");
        let cwd = std::fs::canonicalize(folder.path()).expect("a path");
        let cwd = cwd.to_str().expect("UTF-8");
        std::os::unix::fs::symlink("/etc/shadow", format!("{cwd}/notes")).expect("a link");
        let subject = |text| Subject::Command { text, cwd };

        assert!(may_match("Read(//etc/shadow)", &subject("cat notes")));
        assert!(!may_match("Read(//etc/shadow)", &subject("cat other")));
    }

    #[test]
    fn a_file_rule_cannot_match_without_its_pieces() {
        let here = file("/srv/shop/src/main.rs");
        for rule in [
            "Read(~/.ssh/**)",
            "Edit(.env)",
            "Read(*.pem)",
            "Write(//etc/**)",
            "Bash(rm:*)",
            "Bash",
        ] {
            assert!(!may_match(rule, &here), "{rule}");
        }
        for rule in [
            "Read",
            "Edit(src/**)",
            "Read(*.rs)",
            "Read(**)",
            "Edit(SRC/*)",
            "Read([a-z]*)",
            "Read(./src)",
        ] {
            assert!(may_match(rule, &here), "{rule}");
        }
    }

    #[test]
    fn a_search_is_touched_by_every_rule_that_may_lie_below_it() {
        assert!(!may_match("Read(~/.ssh/**)", &BELOW));
        for rule in [
            "Read(.env)",
            "Read(**/secret)",
            "Read(//no-such/shop/a)",
            "Grep",
            "Read(~/../../no-such/x)",
        ] {
            assert!(may_match(rule, &BELOW), "{rule}");
        }
    }

    #[test]
    fn rules_that_are_not_understood_are_no_rules_to_go_by() {
        let text = br#"{"permissions":{"deny":["Read(a)"],"ask":["Bash(b)"],"allow":["X"]}}"#;
        assert_eq!(rules(text), Some(vec!["Bash(b)".into(), "Read(a)".into()]));
        assert_eq!(rules(b"{}"), Some(vec![]));
        for text in [
            "",
            "[]",
            r#"{"permissions":[]}"#,
            r#"{"permissions":{"deny":"x"}}"#,
            r#"{"permissions":{"ask":[7]}}"#,
        ] {
            assert_eq!(rules(text.as_bytes()), None, "{text}");
        }
    }
}
