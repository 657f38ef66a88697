//! The events a hook can be registered for.

macro_rules! names {
    ($($(#[$doc:meta])* $variant:ident = $kebab:literal,)*) => {
        /// An event of Claude Code, by name.
        ///
        /// The list is that of client 2.1.329. A name this list does not know is a usage error
        /// of the program, because nothing is known about what the client would make of an answer.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        #[non_exhaustive]
        pub enum Name {
            $($(#[$doc])* $variant,)*
        }

        impl Name {
            /// Every event, in the order of a session.
            pub const ALL: &'static [Name] = &[$(Name::$variant,)*];

            /// The name in the client's settings and in `hook_event_name`: `PreToolUse`.
            #[must_use]
            pub fn as_str(self) -> &'static str {
                match self { $(Name::$variant => stringify!($variant),)* }
            }

            /// The name as an argument of the program: `pre-tool-use`.
            #[must_use]
            pub fn kebab(self) -> &'static str {
                match self { $(Name::$variant => $kebab,)* }
            }
        }
    };
}

names! {
    /// A session starts, resumes, or goes on after a clear or a compaction.
    SessionStart = "session-start",
    /// `claude --init` or `--maintenance`.
    Setup = "setup",
    /// A session ends.
    SessionEnd = "session-end",
    /// A memory file or rule was loaded.
    InstructionsLoaded = "instructions-loaded",
    /// A prompt was sent, by a person or by the client itself.
    UserPromptSubmit = "user-prompt-submit",
    /// A slash command or skill typed by the user is about to be expanded.
    UserPromptExpansion = "user-prompt-expansion",
    /// A tool is about to run.
    PreToolUse = "pre-tool-use",
    /// The client is about to ask for permission.
    PermissionRequest = "permission-request",
    /// The client refused a tool call.
    PermissionDenied = "permission-denied",
    /// A tool has run.
    PostToolUse = "post-tool-use",
    /// A tool has failed.
    PostToolUseFailure = "post-tool-use-failure",
    /// All tools of one answer have run.
    PostToolBatch = "post-tool-batch",
    /// The model has finished its turn.
    Stop = "stop",
    /// A turn ended in an error.
    StopFailure = "stop-failure",
    /// A subagent starts.
    SubagentStart = "subagent-start",
    /// A subagent has finished.
    SubagentStop = "subagent-stop",
    /// The conversation is about to be compacted.
    PreCompact = "pre-compact",
    /// The conversation was compacted.
    PostCompact = "post-compact",
    /// The model is about to change.
    PreModelSwitch = "pre-model-switch",
    /// The model has changed.
    PostModelSwitch = "post-model-switch",
    /// The client wants the user's attention.
    Notification = "notification",
    /// A settings file or skill changed during the session.
    ConfigChange = "config-change",
    /// The session's working directory changed.
    CwdChanged = "cwd-changed",
    /// A watched file changed.
    FileChanged = "file-changed",
    /// A folder was added to the session.
    DirectoryAdded = "directory-added",
    /// A piece of the answer is about to be shown.
    MessageDisplay = "message-display",
    /// A task was created.
    TaskCreated = "task-created",
    /// A task was completed.
    TaskCompleted = "task-completed",
    /// A teammate has nothing to do.
    TeammateIdle = "teammate-idle",
    /// An MCP server asks the user something.
    Elicitation = "elicitation",
    /// The user has answered an MCP server.
    ElicitationResult = "elicitation-result",
    /// A worktree is about to be made; a hook's stdout is taken as its path.
    WorktreeCreate = "worktree-create",
    /// A worktree was removed.
    WorktreeRemove = "worktree-remove",
}

/// What an event can do to a session, and so how its failures are met.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Stance {
    /// Something is about to happen that a hook can stop: a failure stops it.
    Gate,
    /// Nothing can be stopped: a failure is told to the user.
    Tell,
    /// Anything on stdout would be taken for something else: a failure goes to stderr only.
    Mute,
}

impl Name {
    /// The event called `kebab` on the command line.
    #[must_use]
    pub fn from_kebab(kebab: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|name| name.kebab() == kebab)
    }

    /// How failures on this event are met.
    #[must_use]
    pub fn stance(self) -> Stance {
        match self {
            Name::PreToolUse
            | Name::PermissionRequest
            | Name::UserPromptSubmit
            | Name::UserPromptExpansion
            | Name::PostToolBatch
            | Name::ConfigChange => Stance::Gate,
            Name::WorktreeCreate => Stance::Mute,
            _ => Stance::Tell,
        }
    }
}

impl std::fmt::Display for Name {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.as_str())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn there_are_33_events_and_each_is_found_by_its_argument() {
        assert_eq!(Name::ALL.len(), 33);
        for name in Name::ALL {
            assert_eq!(Name::from_kebab(name.kebab()), Some(*name));
        }
    }

    #[test]
    fn the_argument_is_the_name_in_kebab_case() {
        for name in Name::ALL {
            let mut kebab = String::new();
            for letter in name.as_str().chars() {
                if letter.is_uppercase() && !kebab.is_empty() {
                    kebab.push('-');
                }
                kebab.extend(letter.to_lowercase());
            }
            assert_eq!(name.kebab(), kebab);
        }
    }

    #[test]
    fn a_name_in_another_spelling_is_unknown() {
        for other in [
            "PreToolUse",
            "pre_tool_use",
            "pretooluse",
            "",
            "pre-tool-use ",
        ] {
            assert_eq!(Name::from_kebab(other), None);
        }
    }
}
