//! The clock as the hooks read it. Dates and their text are `ccs_audit::Time`.

use ccs_audit::Time;

/// Now, in whole seconds since 1970. A clock before 1970 counts as 1970.
#[must_use]
pub fn now() -> u64 {
    u64::try_from(Time::now().seconds()).unwrap_or(0)
}
