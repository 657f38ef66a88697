//! Moments as people write them.

use ccs_audit::Time;

/// A date, a moment, or so long ago: `30m`, `12h`, `7d`, `2w`.
pub(crate) fn moment(text: &str) -> Result<Time, String> {
    at(text, Time::now())
}

fn at(text: &str, now: Time) -> Result<Time, String> {
    let ago = ago(text).map(|seconds| now.plus_seconds(-seconds));
    ago.or_else(|| Time::parse(text)).ok_or_else(|| {
        "it is a date, a moment like 2026-11-21T15:04:00Z, or like 30m, 12h, 7d, 2w".to_owned()
    })
}

fn ago(text: &str) -> Option<i64> {
    let (number, unit) = text.split_at_checked(text.len().checked_sub(1)?)?;
    let unit = match unit {
        "s" => 1,
        "m" => 60,
        "h" => 3_600,
        "d" => 86_400,
        "w" => 7 * 86_400,
        _ => return None,
    };
    number
        .parse::<u32>()
        .ok()
        .map(|number| i64::from(number) * unit)
}

/// A moment to the second, `2026-11-21 15:04:05`.
pub(crate) fn second(time: Time) -> String {
    time.to_string()[..19].replace('T', " ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_moment_is_a_date_a_time_or_so_long_ago() {
        let now = Time::parse("2026-11-21T15:04:00Z").expect("a moment");
        for (text, moment) in [
            ("2026-11-21", "2026-11-21T00:00:00Z"),
            ("2026-11-21T15:00:00+01:00", "2026-11-21T14:00:00Z"),
            ("0d", "2026-11-21T15:04:00Z"),
            ("90s", "2026-11-21T15:02:30Z"),
            ("30m", "2026-11-21T14:34:00Z"),
            ("12h", "2026-11-21T03:04:00Z"),
            ("7d", "2026-11-14T15:04:00Z"),
            ("2w", "2026-11-07T15:04:00Z"),
        ] {
            assert_eq!(at(text, now), Ok(Time::parse(moment).expect("a moment")));
        }
        assert_eq!(second(now), "2026-11-21 15:04:00");
    }

    #[test]
    fn anything_else_is_refused() {
        for text in ["", "d", "-1d", "1y", "yesterday", "2026-13-01", "4é"] {
            assert!(moment(text).is_err(), "{text}");
        }
    }
}
