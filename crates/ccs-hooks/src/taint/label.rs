//! How much of what a session has read may be an attack.

use std::fmt;

use ccs_gate::Decision;
use serde::{Deserialize, Serialize};

/// Ordered: it only rises.
#[derive(
    Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize,
)]
#[serde(rename_all = "lowercase")]
pub enum Label {
    /// Nothing but what the user and the project wrote.
    #[default]
    Clean,
    /// Something that a stranger may have written.
    External,
    /// Some of it may speak to the model.
    Suspicious,
    /// Some of it does.
    Hostile,
}

impl Label {
    /// The word in reports: `clean`, `external`, `suspicious`, `hostile`.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Clean => "clean",
            Self::External => "external",
            Self::Suspicious => "suspicious",
            Self::Hostile => "hostile",
        }
    }

    /// What is done about a step that is asked about: a session under attack has nobody to ask,
    /// because the question would be worded by the attack.
    pub(crate) const fn asks(self) -> Decision {
        match self {
            Self::Clean => Decision::Allow,
            Self::External | Self::Suspicious => Decision::Ask,
            Self::Hostile => Decision::Deny,
        }
    }

    /// The same for a step that is free until something suspicious was read.
    pub(crate) const fn asks_late(self) -> Decision {
        match self {
            Self::Clean | Self::External => Decision::Allow,
            Self::Suspicious => Decision::Ask,
            Self::Hostile => Decision::Deny,
        }
    }
}

impl fmt::Display for Label {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}
