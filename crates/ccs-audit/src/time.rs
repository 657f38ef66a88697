//! Moments, in microseconds since 1970-01-01 UTC, and their text.

use std::fmt;
use std::time::{SystemTime, UNIX_EPOCH};

use serde::{Deserialize, Serialize};

/// Microseconds since 1970-01-01T00:00:00Z, negative before.
///
/// Shown as RFC 3339 in UTC: `2026-11-21T11:53:11.042000Z`.
#[derive(
    Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize,
)]
#[serde(transparent)]
pub struct Time(pub i64);

const SECOND: i64 = 1_000_000;

impl Time {
    /// What the system's clock says.
    #[must_use]
    pub fn now() -> Self {
        Self::of(SystemTime::now())
    }

    pub(crate) fn of(time: SystemTime) -> Self {
        let micros = match time.duration_since(UNIX_EPOCH) {
            Ok(since) => i64::try_from(since.as_micros()).unwrap_or(i64::MAX),
            Err(before) => -i64::try_from(before.duration().as_micros()).unwrap_or(i64::MAX),
        };
        Self(micros)
    }

    /// Whole seconds since 1970, rounded down.
    #[must_use]
    pub const fn seconds(self) -> i64 {
        self.0.div_euclid(SECOND)
    }

    /// This moment and `seconds` more.
    #[must_use]
    pub const fn plus_seconds(self, seconds: i64) -> Self {
        Self(self.0.saturating_add(seconds.saturating_mul(SECOND)))
    }

    /// Reads RFC 3339, with `Z` or an offset, or a date alone (its midnight in UTC).
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let (date, clock) = match text.split_once(['T', 't', ' ']) {
            Some((date, clock)) => (date, Some(clock)),
            None => (text, None),
        };
        let [year, month, day] = numbers(date, '-', [4, 2, 2])?;
        let days = days_from_civil(year, month, day)?;
        let of_day = clock.map_or(Some(0), micros_of_day)?;
        days.checked_mul(86_400 * SECOND)?
            .checked_add(of_day)
            .map(Self)
    }

    fn parts(self) -> (i64, i64, i64, i64) {
        let (year, month, day) = civil_from_days(self.seconds().div_euclid(86_400));
        (year, month, day, self.seconds().rem_euclid(86_400))
    }
}

impl fmt::Display for Time {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (year, month, day, second) = self.parts();
        let (hour, minute) = (second / 3_600, second / 60 % 60);
        let (second, micros) = (second % 60, self.0.rem_euclid(SECOND));
        write!(
            f,
            "{year:04}-{month:02}-{day:02}T{hour:02}:{minute:02}:{second:02}.{micros:06}Z"
        )
    }
}

fn numbers<const N: usize>(text: &str, separator: char, widths: [usize; N]) -> Option<[i64; N]> {
    let mut parts = text.split(separator);
    let mut numbers = [0; N];
    for (number, width) in numbers.iter_mut().zip(widths) {
        let part = parts.next()?;
        if part.len() != width || !part.bytes().all(|b| b.is_ascii_digit()) {
            return None;
        }
        *number = part.parse().ok()?;
    }
    parts.next().is_none().then_some(numbers)
}

fn micros_of_day(text: &str) -> Option<i64> {
    let zone = text.find(['Z', 'z', '+', '-'])?;
    let (clock, zone) = text.split_at_checked(zone)?;
    let (clock, fraction) = clock.split_once('.').unwrap_or((clock, "0"));
    let [hour, minute, second] = numbers(clock, ':', [2, 2, 2])?;
    if hour > 23 || minute > 59 || second > 60 {
        return None;
    }
    let seconds = hour * 3_600 + minute * 60 + second - offset_seconds(zone)?;
    Some(seconds * SECOND + micros_of_fraction(fraction)?)
}

fn micros_of_fraction(digits: &str) -> Option<i64> {
    if digits.is_empty() || digits.len() > 18 || !digits.bytes().all(|b| b.is_ascii_digit()) {
        return None;
    }
    format!("{digits:0<6.6}").parse().ok()
}

fn offset_seconds(zone: &str) -> Option<i64> {
    if matches!(zone, "Z" | "z") {
        return Some(0);
    }
    let (sign, offset) = zone.split_at_checked(1)?;
    let [hours, minutes] = numbers(offset, ':', [2, 2])?;
    let seconds = (hours < 24 && minutes < 60).then_some(hours * 3_600 + minutes * 60)?;
    Some(if sign == "-" { -seconds } else { seconds })
}

/// The Gregorian date of a day counted from 1970-01-01. Years are counted from March, so that the
/// leap day is the last of the year.
fn civil_from_days(days: i64) -> (i64, i64, i64) {
    let days = days + 719_468; // from 0000-03-01
    let (era, day_of_era) = (days.div_euclid(146_097), days.rem_euclid(146_097));
    let year_of_era =
        (day_of_era - day_of_era / 1_460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
    let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let month = (5 * day_of_year + 2) / 153;
    let day = day_of_year - (153 * month + 2) / 5 + 1;
    let (month, next_year) = if month < 10 {
        (month + 3, 0)
    } else {
        (month - 9, 1)
    };
    (era * 400 + year_of_era + next_year, month, day)
}

/// The reverse; `None` for a date that no calendar has.
fn days_from_civil(year: i64, month: i64, day: i64) -> Option<i64> {
    let (shifted, month_from_march) = (year - i64::from(month <= 2), (month + 9) % 12);
    let (era, year_of_era) = (shifted.div_euclid(400), shifted.rem_euclid(400));
    let day_of_year = (153 * month_from_march + 2) / 5 + day - 1;
    let day_of_era = year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year;
    let days = era * 146_097 + day_of_era - 719_468;
    (civil_from_days(days) == (year, month, day)).then_some(days)
}

/// Microseconds since the machine started, sleep included; 0 where that is not known.
pub(crate) fn uptime() -> u64 {
    #[cfg(any(target_os = "linux", target_os = "android"))]
    {
        let since = rustix::time::clock_gettime(rustix::time::ClockId::Boottime);
        let micros = since
            .tv_sec
            .saturating_mul(SECOND)
            .saturating_add(since.tv_nsec / 1_000);
        u64::try_from(micros).unwrap_or(0)
    }
    #[cfg(not(any(target_os = "linux", target_os = "android")))]
    {
        0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_moment_is_written_as_date_and_time_and_read_back() {
        for (micros, text) in [
            (0, "1970-01-01T00:00:00.000000Z"),
            (-1, "1969-12-31T23:59:59.999999Z"),
            (951_868_799_999_001, "2000-02-29T23:59:59.999001Z"),
            (1_709_164_800_000_000, "2024-02-29T00:00:00.000000Z"),
            (4_107_542_400_000_000, "2100-03-01T00:00:00.000000Z"),
        ] {
            assert_eq!(Time(micros).to_string(), text);
            assert_eq!(Time::parse(text), Some(Time(micros)));
        }
    }

    #[test]
    fn offsets_fractions_and_bare_dates_are_understood() {
        let noon = Time::parse("2026-11-21T12:00:00Z").expect("a moment");
        assert_eq!(Time::parse("2026-11-21T14:30:00.000+02:30"), Some(noon));
        assert_eq!(
            Time::parse("2026-11-21 11:59:59.9999999Z"),
            Some(Time(noon.0 - 1))
        );
        assert_eq!(Time::parse("2026-11-21"), Some(noon.plus_seconds(-43_200)));
    }

    #[test]
    fn what_no_calendar_has_is_refused() {
        for bad in [
            "",
            "2026",
            "2026-02-30",
            "2026-13-01",
            "2026-1-1",
            "2026-01-01T",
            "2026-01-01T25:00:00Z",
            "2026-01-01T00:00:00",
            "2026-01-01T00:00:00.Z",
            "2026-01-01T00:00:00+1",
            "é026-01-01",
        ] {
            assert_eq!(Time::parse(bad), None, "{bad}");
        }
    }
}
