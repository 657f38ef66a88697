//! Tells what a machine drew by chance from what a person named.
//!
//! A table, counted over source code and prose, says how unusual one character is after another.
//! The mean over a text, in bits, is 4 to 5.5 for words and identifiers of any casing and above
//! 6 for 99 % of random letters and digits of the same length.

use super::rule::PAIRS;

/// The mean surprise of the characters of a text in bits.
pub(super) fn surprise(text: &[u8]) -> f32 {
    let mut before = OTHER;
    let mut sum = 0_u32;
    for &byte in text {
        let here = symbol(byte);
        sum += u32::from(PAIRS[before][here]) + extra(here);
        before = here;
    }
    sum as f32 / 4.0 / text.len().max(1) as f32
}

const DIGIT: usize = 52;
const OTHER: usize = 53;

/// Which digit, or which sign, in quarter bits.
fn extra(symbol: usize) -> u32 {
    match symbol {
        DIGIT => 13,
        OTHER => 8,
        _ => 0,
    }
}

fn symbol(byte: u8) -> usize {
    match byte {
        b'a'..=b'z' => usize::from(byte - b'a'),
        b'A'..=b'Z' => usize::from(byte - b'A') + 26,
        b'0'..=b'9' => DIGIT,
        _ => OTHER,
    }
}

#[cfg(test)]
mod tests {
    use super::surprise;

    #[test]
    fn names_are_expected_and_random_text_is_not() {
        for name in [
            "sumOfExposures",
            "max_connections_per_host",
            "APIOrganizationExist",
            "sha512-compress-block",
            "DefaultListableBeanFactory",
        ] {
            assert!(surprise(name.as_bytes()) < 6.0, "{name}");
        }
        for random in [
            "kioe1rfps2gjb6i",
            "suP7mUvOcmQjic",
            "uetyahpwpk6bhjcymtr63zpm",
            "fBD6FovrNWokor3H7phJy5et",
            "K5FIIRB4JP06ZV8NFJP5B4EGTFP2B7",
        ] {
            assert!(surprise(random.as_bytes()) > 6.0, "{random}");
        }
    }
}
