//! A user's own patterns, each with what is put in the place of a match.

use regex_automata::meta::Regex;
use serde::{Deserialize, Serialize};

use super::check;

/// A pattern of a user's.
///
/// ```
/// use ccs_gate::secret::{Filter, Scanner};
///
/// let filter = Filter::new("ticket", r"ACME-\d{6}", "[TICKET]")?;
/// let (clean, _) = Scanner::builtin().filter(filter).redact("see ACME-204816");
/// assert_eq!(clean, "see [TICKET]");
/// # Ok::<(), ccs_gate::secret::FilterError>(())
/// ```
#[derive(Clone, Debug, Deserialize)]
#[serde(try_from = "FilterText")]
pub struct Filter {
    name: String,
    replacement: String,
    validate: bool,
    regex: Regex,
}

/// A filter as it stands in a file. Keys that are not known are passed over.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct FilterText {
    /// What it is called in reports.
    pub name: String,
    /// The regular expression.
    pub regex: String,
    /// What stands in the place of a match.
    pub replacement: String,
    /// Whether only card numbers with the right check digit count.
    #[serde(default)]
    pub validate: bool,
}

/// Why a filter cannot be used.
#[derive(Debug, thiserror::Error)]
#[error("the pattern of filter `{name}` is not usable")]
pub struct FilterError {
    name: String,
    source: Box<regex_automata::meta::BuildError>,
}

impl Filter {
    /// A filter that replaces what the regular expression matches. Matching is linear in the
    /// length of the text.
    ///
    /// # Errors
    ///
    /// If the pattern is not a regular expression, has a look-around or a back-reference, or
    /// needs more than a megabyte.
    pub fn new(name: &str, regex: &str, replacement: &str) -> Result<Self, FilterError> {
        let config = Regex::config().nfa_size_limit(Some(1 << 20));
        let built = Regex::builder().configure(config).build(regex);
        let regex = built.map_err(|source| FilterError {
            name: name.to_owned(),
            source: Box::new(source),
        })?;
        Ok(Self {
            name: name.to_owned(),
            replacement: replacement.to_owned(),
            validate: false,
            regex,
        })
    }

    /// Lets only those matches count that have the right check digit (ISO/IEC 7812): for cards.
    #[must_use]
    pub fn validate(mut self) -> Self {
        self.validate = true;
        self
    }

    pub(super) fn name(&self) -> &str {
        &self.name
    }

    pub(super) fn replacement(&self) -> &str {
        &self.replacement
    }

    /// Calls `found` with every place.
    pub(super) fn each(&self, text: &str, mut found: impl FnMut(usize, usize)) {
        for one in self.regex.find_iter(text) {
            if !one.is_empty() && (!self.validate || check::luhn(&text.as_bytes()[one.range()])) {
                found(one.start(), one.end());
            }
        }
    }
}

impl TryFrom<FilterText> for Filter {
    type Error = FilterError;

    fn try_from(written: FilterText) -> Result<Self, FilterError> {
        let filter = Self::new(&written.name, &written.regex, &written.replacement)?;
        Ok(Self {
            validate: written.validate,
            ..filter
        })
    }
}
