//! Moments as PASETO writes them: `2026-01-02T03:04:05+00:00`.

const DAY: u64 = 86_400;
/// The last second that has four digits for its year.
const LAST: u64 = 253_402_300_799;

/// `None` after the year 9999.
pub(super) fn write(seconds: u64) -> Option<String> {
    if seconds > LAST {
        return None;
    }
    let (year, month, day) = civil(seconds / DAY);
    let (hour, minute) = (seconds / 3600 % 24, seconds / 60 % 60);
    let second = seconds % 60;
    Some(format!(
        "{year:04}-{month:02}-{day:02}T{hour:02}:{minute:02}:{second:02}+00:00"
    ))
}

/// Reads exactly what [`write`] writes; `Z` or another offset is not ours.
pub(super) fn read(text: &str) -> Option<u64> {
    if !text.is_ascii() || text.len() != 25 {
        return None;
    }
    let number = |range: std::ops::Range<usize>| text[range].parse::<u64>().ok();
    let days = days(number(0..4)?, number(5..7)?, number(8..10)?)?;
    let of_day = number(11..13)? * 3600 + number(14..16)? * 60 + number(17..19)?;
    let seconds = days * DAY + of_day;
    (write(seconds)? == text).then_some(seconds)
}

/// Year, month and day of a number of days since 1970, in the Gregorian calendar.
fn civil(days: u64) -> (u64, u64, u64) {
    // Counted from 1 March of the year 0, so that the leap day is the last of its year.
    let days = days + 719_468;
    let (era, of_era) = (days / 146_097, days % 146_097);
    let year = (of_era - of_era / 1_460 + of_era / 36_524 - of_era / 146_096) / 365;
    let of_year = of_era - (365 * year + year / 4 - year / 100);
    let from_march = (5 * of_year + 2) / 153;
    let day = of_year - (153 * from_march + 2) / 5 + 1;
    let month = if from_march < 10 {
        from_march + 3
    } else {
        from_march - 9
    };
    (era * 400 + year + u64::from(month <= 2), month, day)
}

/// Days since 1970; nonsense such as month 13 gives some other day, which `read` notices.
fn days(year: u64, month: u64, day: u64) -> Option<u64> {
    let from_march = (month + 9) % 12;
    let year = year.checked_sub(u64::from(month <= 2))?;
    let (era, of_era) = (year / 400, year % 400);
    let of_year = (153 * from_march + 2) / 5 + day.checked_sub(1)?;
    let of_era = of_era * 365 + of_era / 4 - of_era / 100 + of_year;
    (era * 146_097 + of_era).checked_sub(719_468)
}

#[cfg(test)]
mod tests {
    use super::{LAST, read, write};

    #[test]
    fn known_moments_are_written_as_everybody_writes_them() {
        let known = [
            (0, "1970-01-01T00:00:00+00:00"),
            (951_782_400, "2000-02-29T00:00:00+00:00"),
            (1_640_995_200, "2022-01-01T00:00:00+00:00"),
            (4_107_542_399, "2100-02-28T23:59:59+00:00"),
            (4_107_542_400, "2100-03-01T00:00:00+00:00"),
            (LAST, "9999-12-31T23:59:59+00:00"),
        ];
        for (seconds, text) in known {
            assert_eq!(write(seconds).as_deref(), Some(text));
            assert_eq!(read(text), Some(seconds));
        }
    }

    #[test]
    fn every_day_of_four_centuries_comes_back() {
        for day in 0..146_097 {
            let text = write(day * 86_400 + 1).expect("before 10000");
            assert_eq!(read(&text), Some(day * 86_400 + 1), "{text}");
        }
    }

    #[test]
    fn what_is_no_moment_is_refused() {
        let wrong = [
            "",
            "2026-13-01T00:00:00+00:00",
            "2026-02-29T00:00:00+00:00",
            "2026-00-10T00:00:00+00:00",
            "2026-01-00T00:00:00+00:00",
            "2026-01-01T24:00:00+00:00",
            "2026-01-01T00:60:00+00:00",
            "2026-01-01T00:00:00+01:00",
            "2026-01-01T00:00:00Z",
            "2026-01-01 00:00:00+00:00",
            "+026-01-01T00:00:00+00:00",
            "1969-12-31T23:59:59+00:00",
            "0000-01-01T00:00:00+00:00",
        ];
        for text in wrong {
            assert_eq!(read(text), None, "{text}");
        }
        assert_eq!(write(LAST + 1), None);
    }
}
