//! What the owner of a machine chooses about its audit trail.

use std::path::Path;
use std::time::Duration;

use ccs_audit::Durability;
use serde::{Deserialize, Serialize};

use super::{CHOICES, Error};

/// How long a hook waits for other writers before its entry goes to the spool. The client gives a
/// hook ten seconds.
const BUSY: Duration = Duration::from_secs(3);

/// `audit-options.json` in the state folder. What is not said there is as by default.
///
/// # Examples
///
/// ```
/// use ccs_hooks::trail::{Choices, WhenLost};
///
/// let choices: Choices = serde_json::from_str(r#"{"durability":"full"}"#)?;
/// assert_eq!(choices.when_lost, WhenLost::Deny);
/// # Ok::<(), serde_json::Error>(())
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Choices {
    /// When an entry counts as written.
    pub durability: Reach,
    /// What becomes of a call that can change something and cannot be remembered.
    pub when_lost: WhenLost,
    /// Write to a network file system. Only one machine may do so at a time.
    pub allow_network: bool,
}

/// How far an entry must have come.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Reach {
    /// To the operating system: a killed process loses nothing, a power cut may.
    #[default]
    Normal,
    /// To the disk.
    Full,
}

/// What becomes of a call that can change something and cannot be remembered anywhere.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum WhenLost {
    /// It is stopped.
    #[default]
    Deny,
    /// The user is told.
    Warn,
}

impl Choices {
    /// Reads the file in the state folder.
    ///
    /// # Errors
    ///
    /// [`Error::File`] or [`Error::Damaged`] if it is there and cannot be understood.
    pub fn read(state: &Path) -> Result<Self, Error> {
        let path = state.join(CHOICES);
        let Some(text) = super::text(&path)? else {
            return Ok(Self::default());
        };
        // an empty list would do for choices of defaults
        let object = text.trim_start().starts_with('{');
        let choices = serde_json::from_str(&text).ok().filter(|_| object);
        choices.ok_or(Error::Damaged(path))
    }

    pub(crate) fn durability(&self) -> Durability {
        match self.durability {
            Reach::Normal => Durability::Normal,
            Reach::Full => Durability::Full,
        }
    }

    #[expect(clippy::unused_self, reason = "a choice some day")]
    pub(crate) fn busy(&self) -> Duration {
        BUSY
    }
}
