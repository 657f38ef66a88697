//! Dates as people write and read them, in UTC.

use ccs_audit::Time;

const DAY: u64 = 86_400;

/// When an entry stops being good.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Expiry {
    Never,
    /// Seconds since 1970.
    At(u64),
    /// Seconds from now.
    In(u64),
}

impl Expiry {
    /// A date, a number of hours, days or weeks from now, or `never`.
    pub(crate) fn parse(text: &str) -> Result<Self, String> {
        let read = match text {
            "never" => Some(Self::Never),
            _ => after(text)
                .map(Self::In)
                .or_else(|| date(text).map(Self::At)),
        };
        read.ok_or_else(|| {
            "it is a date like 2027-01-31, or like 12h, 90d, 8w, or never".to_owned()
        })
    }

    pub(crate) fn at(self, now: u64) -> Option<u64> {
        match self {
            Self::Never => None,
            Self::At(at) => Some(at),
            Self::In(seconds) => Some(now.saturating_add(seconds)),
        }
    }
}

/// The first second of a day written like `2026-11-21`.
pub(crate) fn day_start(text: &str) -> Option<u64> {
    date(text)
}

/// The day of a moment, `2026-11-21`.
pub(crate) fn day(seconds: u64) -> String {
    let seconds = i64::try_from(seconds).unwrap_or(i64::MAX);
    let text = Time::default().plus_seconds(seconds).to_string();
    text.split('T').next().unwrap_or_default().to_owned()
}

/// A moment to the minute, `2026-11-21 15:04`.
pub(crate) fn minute(seconds: u64) -> String {
    let (hour, minute) = (seconds / 3_600 % 24, seconds / 60 % 60);
    format!("{} {hour:02}:{minute:02}", day(seconds))
}

fn after(text: &str) -> Option<u64> {
    let (number, unit) = text.split_at_checked(text.len().checked_sub(1)?)?;
    let unit = match unit {
        "h" => 3_600,
        "d" => DAY,
        "w" => 7 * DAY,
        _ => return None,
    };
    number
        .parse::<u32>()
        .ok()
        .map(|number| u64::from(number) * unit)
}

/// The first second of a day from 1970 on, written like `2026-11-21`.
fn date(text: &str) -> Option<u64> {
    let alone = text.len() == "2026-11-21".len();
    let midnight = Time::parse(text).filter(|_| alone)?;
    u64::try_from(midnight.seconds()).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_date_is_read_as_it_is_written() {
        for (text, seconds) in [
            ("1970-01-01", 0),
            ("2000-02-29", 951_782_400),
            ("2026-11-21", 1_795_219_200),
            ("2100-03-01", 4_107_542_400),
        ] {
            assert_eq!(Expiry::parse(text), Ok(Expiry::At(seconds)));
            assert_eq!(day(seconds), text);
        }
        assert_eq!(minute(1_795_219_200 + 3_600 * 15 + 61), "2026-11-21 15:01");
    }

    #[test]
    fn a_time_from_now_is_read_in_hours_days_and_weeks() {
        assert_eq!(Expiry::parse("12h"), Ok(Expiry::In(43_200)));
        assert_eq!(Expiry::parse("90d").expect("days").at(10), Some(7_776_010));
        assert_eq!(Expiry::parse("2w"), Ok(Expiry::In(1_209_600)));
        assert_eq!(Expiry::parse("never").expect("never").at(10), None);
    }

    #[test]
    fn what_the_calendar_does_not_have_is_refused() {
        for text in [
            "2027-02-29",
            "2027-13-01",
            "2027-00-10",
            "2027-1-1",
            "1969-12-31",
            "2027-01-01-01",
            "",
            "d",
            "-1d",
            "4é",
            "tomorrow",
        ] {
            assert!(Expiry::parse(text).is_err(), "{text}");
        }
    }
}
