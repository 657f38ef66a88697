//! Sizes of files as people write them.

/// A number of bytes: `500`, `64k`, `20M`, `1G`; a `k` is 1024.
pub(crate) fn parse(text: &str) -> Result<u64, String> {
    let text = text.trim();
    let digits = text.bytes().take_while(u8::is_ascii_digit).count();
    let (number, unit) = text.split_at(digits);
    let shift = match unit.trim().to_ascii_lowercase().as_str() {
        "" | "b" => 0,
        "k" | "kb" | "kib" => 10,
        "m" | "mb" | "mib" => 20,
        "g" | "gb" | "gib" => 30,
        _ => return Err(NOT_ONE.to_owned()),
    };
    let number: u64 = number.parse().map_err(|_| NOT_ONE.to_owned())?;
    number
        .checked_mul(1 << shift)
        .ok_or_else(|| NOT_ONE.to_owned())
}

const NOT_ONE: &str = "it is a number of bytes, like 500k, 20M or 1G";

/// The same for people to read.
pub(crate) fn show(bytes: u64) -> String {
    match bytes {
        0..1_000 => format!("{bytes} bytes"),
        1_000..1_000_000 => format!("{:.1} kB", bytes as f64 / 1e3),
        1_000_000..1_000_000_000 => format!("{:.1} MB", bytes as f64 / 1e6),
        _ => format!("{:.1} GB", bytes as f64 / 1e9),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sizes_are_read_with_and_without_a_unit() {
        let sizes = [
            ("0", 0),
            ("500", 500),
            ("64k", 65_536),
            ("20M", 20 << 20),
            ("1 GiB", 1 << 30),
        ];
        for (text, bytes) in sizes {
            assert_eq!(parse(text), Ok(bytes), "{text}");
        }
    }

    #[test]
    fn what_is_no_size_is_refused() {
        for text in [
            "",
            "M",
            "-1",
            "1.5M",
            "10x",
            "99999999999999999999",
            "18014398509481984k",
        ] {
            assert!(parse(text).is_err(), "{text}");
        }
    }
}
