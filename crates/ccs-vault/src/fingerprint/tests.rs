use super::*;
use zeroize::Zeroizing;

fn prints(values: &[(&str, &str)]) -> Fingerprints {
    let key = Zeroizing::new([5; 32]);
    let mut records = Vec::new();
    for (at, (name, value)) in values.iter().enumerate() {
        let name = Name::new(name).expect("a name");
        records.extend(record::records(
            &key,
            [at as u8; 16],
            &name,
            value.as_bytes(),
        ));
    }
    Fingerprints::new(&key, &Records::new(records))
}

const KEY: (&str, &str) = ("KEY", "kR8v/X2mQ 9z");

fn found(text: &str) -> Vec<(String, Form)> {
    let prints = prints(&[KEY]);
    let found = prints.find(text);
    found
        .iter()
        .map(|hit| (text[hit.start..hit.end].to_owned(), hit.form))
        .collect()
}

#[track_caller]
fn assert_found(text: &str, stretch: &str, form: Form) {
    assert_eq!(found(text), [(stretch.to_owned(), form)], "{text}");
}

#[test]
fn a_value_is_found_anywhere() {
    for text in ["kR8v/X2mQ 9z", "xkR8v/X2mQ 9zx", "é kR8v/X2mQ 9z\n"] {
        assert_found(text, "kR8v/X2mQ 9z", Form::Plain);
    }
    assert_found(
        "\"kR8v\\/X2mQ\\u00209z\"",
        "kR8v\\/X2mQ\\u00209z",
        Form::Escaped,
    );
    assert_found("?q=kR8v%2fX2mQ%209z&r", "kR8v%2fX2mQ%209z", Form::Percent);
    assert_found("?q=kR8v/%582mQ%209z", "kR8v/%582mQ%209z", Form::Percent);
}

#[test]
fn a_value_is_found_at_every_offset_of_a_longer_text() {
    for before in 0..150 {
        for after in [0, 1, 70] {
            let text = format!("{}kR8v/X2mQ 9z{}", "x".repeat(before), "y".repeat(after));
            assert_found(&text, "kR8v/X2mQ 9z", Form::Plain);
        }
    }
}

#[test]
fn a_value_in_hex_is_found_at_either_half_and_with_separators() {
    assert_found(
        "6b5238762F58326d5120397a",
        "6b5238762F58326d5120397a",
        Form::Hex,
    );
    assert_found(
        "a6b5238762f58326d5120397a0",
        "6b5238762f58326d5120397a",
        Form::Hex,
    );
    let spaced = "6b 52 38 76 2f 58 32 6d 51 20 39 7a";
    assert_found(&format!("00 01 {spaced} ff"), spaced, Form::Hex);
    let colons = spaced.replace(' ', ":");
    assert_found(&format!("({colons})"), &colons, Form::Hex);
}

#[test]
fn a_value_in_base64_is_found_at_every_offset_in_either_alphabet_and_over_lines() {
    for (text, stretch) in [
        ("a1I4di9YMm1RIDl6", "a1I4di9YMm1RIDl6"),
        ("Basic dXNlcjprUjh2L1gybVEgOXo=", "prUjh2L1gybVEgOXo"),
        ("/path/a1I4di9YMm1RIDl6", "a1I4di9YMm1RIDl6"),
        ("x=a1I4di9YMm1RIDl6==", "a1I4di9YMm1RIDl6"),
    ] {
        assert_found(text, stretch, Form::Base64);
    }
    let wrapped = "MDEyMzQ1Njc4OTAxMjM0NTY3ODkwMTIzNDU2NzhrUjh2\n  L1gybVEgOXowMTIz";
    assert_found(wrapped, "hrUjh2\n  L1gybVEgOXo", Form::Base64);
    // both alphabets' special digits: a value whose encoding has them
    let special = ("S", "~~~???>>>\u{3ff}zQ7wkR8v");
    let prints = prints(&[special]);
    for text in ["fn5+Pz8/Pj4+z796UTd3a1I4dg", "fn5-Pz8_Pj4-z796UTd3a1I4dg"] {
        assert_eq!(prints.find(text).len(), 1, "{text}");
    }
}

#[test]
fn what_is_nearly_a_value_is_not_found() {
    for text in [
        "",
        "kR8v/X2mQ 9",
        "R8v/X2mQ 9z",
        "kR8v/X2mQ  9z",
        "KR8V/X2MQ 9Z",
        "kR8v/X2mQ 9Z",
    ] {
        assert_eq!(found(text), [], "{text}");
    }
}

#[test]
fn several_values_are_found_in_order_and_overlaps_are_covered_once() {
    let prints = prints(&[
        ("A", "kR8vX2mQ9zWp"),
        ("B", "Q9zWpTn4Lc7s"),
        ("C", "Tn4Lc7sG0hJe"),
    ]);
    let text = "kR8vX2mQ9zWpTn4Lc7s kR8vX2mQ9zWp";
    let found: Vec<_> = prints
        .find(text)
        .iter()
        .map(|hit| (hit.name.as_str(), hit.start, hit.end))
        .collect();
    assert_eq!(found, [("A", 0, 12), ("B", 12, 19), ("A", 20, 32)]);
    assert_eq!(
        prints.redact(text).as_deref(),
        Some("[ccs:A][ccs:B] [ccs:A]")
    );
    assert_eq!(prints.redact("nothing"), None);
}

#[test]
fn offsets_fall_between_characters() {
    let prints = prints(&[("A", "kR8vX2mQ9z\u{e9}")]);
    let text = "日kR8vX2mQ9z\u{e9}本";
    assert_eq!(prints.redact(text).as_deref(), Some("日[ccs:A]本"));
}

#[test]
fn short_and_predictable_values_have_no_fingerprint() {
    let prints = prints(&[("A", "kR8vX2m"), ("B", "production"), ("C", "12345678")]);
    assert!(prints.is_empty());
    assert_eq!(prints.find("kR8vX2m production 12345678"), []);
}

#[test]
fn the_holder_of_a_value_is_found_by_all_of_it() {
    let prints = prints(&[KEY]);
    let name = |value: &str| prints.name_of(&Secret::new(value)).map(Name::as_str);
    assert_eq!(name("kR8v/X2mQ 9z"), Some("KEY"));
    assert_eq!(name("kR8v/X2mQ 9z "), None);
    assert_eq!(name("short"), None);
}

#[test]
fn the_lines_of_a_key_are_found_indented_and_alone() {
    let body = "MIIEowIBAAKCAQEAy8Dbv8prpJ1dYy2Zp0xU4xkq3mGZgS2t9o5fE7hQwRr1sLxV";
    let key = format!("-----BEGIN KEY-----\n{body}\n-----END KEY-----\n");
    let prints = prints(&[("PEM", &key)]);
    assert_eq!(prints.redact(&key).as_deref(), Some("[ccs:PEM]"));
    let yaml = format!("key: |\n  -----BEGIN KEY-----\r\n  {body}\r\n");
    assert!(
        prints
            .redact(&yaml)
            .is_some_and(|text| text.contains("\n  [ccs:PEM]\r\n"))
    );
}

#[test]
fn every_byte_string_can_be_searched() {
    let prints = prints(&[KEY, ("B", "Q9zWpTn4Lc7s")]);
    let every: Vec<u8> = (0..=255).cycle().take(3000).collect();
    assert_eq!(prints.find_in(&every), []);
    for text in [
        "%",
        "%%%%%%%%%%%%",
        "\\",
        "\\u",
        "\\ud800\\udc00\\x",
        "%4",
        "61 6",
        "61:",
    ] {
        assert_eq!(prints.find(&text.repeat(9)), [], "{text}");
    }
}

mod properties {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        /// Any value that has a fingerprint is found in any text, in each form.
        #[test]
        fn a_value_with_a_fingerprint_is_found_whatever_surrounds_it(
            value in prop::collection::vec(any::<u8>(), 8..80),
            before in prop::collection::vec(any::<u8>(), 0..40),
            after in prop::collection::vec(any::<u8>(), 0..40),
        ) {
            let key = Zeroizing::new([6; 32]);
            let name = Name::new("N").expect("a name");
            let records = record::records(&key, [1; 16], &name, &value);
            prop_assume!(!records.is_empty());
            let prints = Fingerprints::new(&key, &Records::new(records));

            let text = [&before[..], &value, &after].concat();
            let found = prints.find_in(&text);
            let whole = before.len()..before.len() + value.len();
            prop_assert!(found.iter().any(|hit| hit.start <= whole.start && whole.end <= hit.end));

            let hex = crate::encode::hex(&text);
            prop_assert!(prints.find(&hex).iter().any(|hit| hit.form == Form::Hex));
            let percent: String = text.iter().map(|byte| format!("%{byte:02X}")).collect();
            prop_assert!(prints.find(&percent).iter().any(|hit| hit.form == Form::Percent));
        }

        /// Searching ends and stays in bounds for every text.
        #[test]
        fn every_text_can_be_searched(text in "[a-zA-Z0-9%\\\\ :+/=_u\\n\\-é]{0,300}") {
            let prints = prints(&[KEY]);
            for hit in prints.find(&text) {
                prop_assert!(text.get(hit.start..hit.end).is_some());
            }
        }
    }
}
