//! Conversations that hold a secret which could not be taken out of what a tool returned.
//!
//! The turn was stopped before the model read it, but the next prompt would send the whole
//! conversation. So prompts are stopped too, until the user says that the place is gone from it.

use std::path::{Path, PathBuf};

use crate::files;
use crate::protocol::event::Session;

/// The folder of these notes within the state folder, a file for each session.
const FOLDER: &str = "left";
/// What a user writes into a prompt who has gone back to before that place.
const GONE: &str = "ccs:gone";

/// Notes that the conversation holds a secret. A subagent has a conversation of its own, which ends
/// with the turn.
pub(crate) fn note(state: Option<&Path>, session: &Session<'_>) -> std::io::Result<()> {
    let Some(file) = file(state, session).filter(|_| session.agent_id.is_none()) else {
        return Ok(());
    };
    if let Some(folder) = file.parent() {
        files::make_private_folder(folder)?;
    }
    files::replace(&file, b"")
}

/// Forgets it, because the secret is gone from the conversation.
pub(crate) fn forget(state: Option<&Path>, session: &Session<'_>) {
    if let Some(file) = file(state, session) {
        let _ = std::fs::remove_file(file);
    }
}

/// Why a prompt is not to be sent, if it is not.
pub(crate) fn reason(state: Option<&Path>, session: &Session<'_>, prompt: &str) -> Option<String> {
    let noted = file(state, session).is_some_and(|file| file.exists());
    if noted && prompt.contains(GONE) {
        forget(state, session);
        return None;
    }
    noted.then(|| {
        format!(
            "ccs: [secret.left] this conversation holds a secret that a tool printed, and sending a \
             prompt sends the whole conversation. Start anew with /clear; or go back to before that \
             call with /rewind, and send the prompt again with {GONE} in it."
        )
    })
}

fn file(state: Option<&Path>, session: &Session<'_>) -> Option<PathBuf> {
    Some(state?.join(FOLDER).join(session.file_name()?))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn session(id: &str) -> Session<'_> {
        Session {
            id: Some(id),
            ..Session::default()
        }
    }

    #[test]
    fn a_prompt_is_stopped_until_the_user_says_that_the_secret_is_gone() {
        let folder = tempfile::tempdir().expect("a folder");
        let state = Some(folder.path());
        let (ours, other) = (session("a-1"), session("b-2"));
        note(state, &ours).expect("noted");

        assert!(reason(state, &ours, "go on").is_some_and(|why| why.contains(GONE)));
        assert_eq!(reason(state, &other, "go on"), None);
        assert_eq!(reason(state, &ours, "go on, ccs:gone"), None);
        assert_eq!(reason(state, &ours, "go on"), None);
    }

    #[test]
    fn a_subagents_conversation_is_not_the_users() {
        let folder = tempfile::tempdir().expect("a folder");
        let agent = Session {
            agent_id: Some("x"),
            ..session("a-1")
        };
        note(Some(folder.path()), &agent).expect("nothing to do");
        assert_eq!(reason(Some(folder.path()), &session("a-1"), "x"), None);
    }

    #[test]
    fn an_id_that_is_none_names_no_file() {
        assert_eq!(file(Some(Path::new("/s")), &session("../x")), None);
        assert_eq!(file(Some(Path::new("/s")), &session("")), None);
    }
}
