//! How severe a weakness is, by the words or the vectors of its feed.

use clap::ValueEnum;
use serde::Serialize;

/// The steps of CVSS.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, ValueEnum, Serialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Severity {
    Low,
    Medium,
    High,
    Critical,
}

impl Severity {
    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::Low => "low",
            Self::Medium => "medium",
            Self::High => "high",
            Self::Critical => "critical",
        }
    }

    /// `HIGH`, `moderate` …
    pub(crate) fn named(word: &str) -> Option<Self> {
        Some(match word.to_ascii_lowercase().as_str() {
            "none" | "low" => Self::Low,
            "medium" | "moderate" => Self::Medium,
            "high" | "important" => Self::High,
            "critical" => Self::Critical,
            _ => return None,
        })
    }

    pub(crate) fn of_score(score: f64) -> Self {
        match score {
            9.0.. => Self::Critical,
            7.0.. => Self::High,
            4.0.. => Self::Medium,
            _ => Self::Low,
        }
    }

    /// The base score of a CVSS 3 vector: section 7.1 of the specification of 3.1.
    pub(crate) fn of_vector(vector: &str) -> Option<Self> {
        let rest = vector.strip_prefix("CVSS:3.")?;
        let metric = |name: &str| {
            let of = rest.split('/').filter_map(|part| part.split_once(':'));
            of.filter(|(key, _)| *key == name)
                .map(|(_, value)| value)
                .next()
        };
        let changed = metric("S")? == "C";
        let impact = |name| {
            Some(match metric(name)? {
                "H" => 0.56,
                "L" => 0.22,
                _ => 0.0,
            })
        };
        let lost = 1.0 - (1.0 - impact("C")?) * (1.0 - impact("I")?) * (1.0 - impact("A")?);
        let impact: f64 = if changed {
            7.52 * (lost - 0.029) - 3.25 * (lost - 0.02_f64).powi(15)
        } else {
            6.42 * lost
        };
        let privileges = match (metric("PR")?, changed) {
            ("N", _) => 0.85,
            ("L", false) => 0.62,
            ("L", true) => 0.68,
            (_, false) => 0.27,
            (_, true) => 0.5,
        };
        let vector = match metric("AV")? {
            "N" => 0.85,
            "A" => 0.62,
            "L" => 0.55,
            _ => 0.2,
        };
        let complexity = if metric("AC")? == "L" { 0.77 } else { 0.44 };
        let user = if metric("UI")? == "N" { 0.85 } else { 0.62 };
        let ease = 8.22 * vector * complexity * privileges * user;
        let sum = if changed { 1.08 } else { 1.0 } * (impact + ease);
        let score = if impact <= 0.0 { 0.0 } else { sum.min(10.0) };
        // Rounded up to a tenth.
        Some(Self::of_score((score * 10.0 - 1e-6).ceil() / 10.0))
    }
}

#[cfg(test)]
mod tests {
    use super::Severity::{self, Critical, High, Low, Medium};

    #[test]
    fn a_vector_has_the_severity_of_its_base_score() {
        for (vector, severity) in [
            ("CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H", Critical), // 9.8
            ("CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:N/I:N/A:H", High),     // 7.5
            ("CVSS:3.1/AV:N/AC:L/PR:N/UI:R/S:C/C:L/I:L/A:N", Medium),   // 6.1
            ("CVSS:3.0/AV:L/AC:H/PR:L/UI:N/S:U/C:L/I:N/A:N", Low),      // 2.5
            ("CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:C/C:H/I:H/A:H", Critical), // 10.0
        ] {
            assert_eq!(Severity::of_vector(vector), Some(severity), "{vector}");
        }
        for none in [
            "",
            "CVSS:4.0/AV:N",
            "CVSS:3.1/AV:N",
            "AV:N/AC:L/Au:N/C:P/I:P/A:P",
        ] {
            assert_eq!(Severity::of_vector(none), None, "{none}");
        }
    }
}
