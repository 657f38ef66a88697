use super::*;
use proptest::prelude::*;

fn secrets(values: &[(&str, &str)]) -> Vec<(Name, Secret)> {
    let named =
        |(name, value): &(&str, &str)| (Name::new(name).expect("a name"), Secret::new(*value));
    values.iter().map(named).collect()
}

/// What comes out when `text` is written in pieces cut at `cuts`.
fn redacted(values: &[(&str, &str)], text: &[u8], cuts: &[usize]) -> Vec<u8> {
    let secrets = secrets(values);
    let mut redactor = Redactor::new(
        Vec::new(),
        secrets.iter().map(|(name, value)| (name, value)),
    );
    let mut from = 0;
    for &cut in cuts.iter().chain([&text.len()]) {
        redactor.write_all(&text[from..cut]).expect("written");
        from = cut;
    }
    redactor.finish().expect("finished")
}

fn line(values: &[(&str, &str)], text: &str) -> String {
    String::from_utf8(redacted(values, text.as_bytes(), &[])).expect("text")
}

const KEY: (&str, &str) = ("KEY", "kR8v/X2mQ 9z");

#[test]
fn a_value_is_replaced_in_every_form() {
    for (form, rest) in [
        ("kR8v/X2mQ 9z", ""),
        ("a1I4di9YMm1RIDl6", ""),
        ("6b5238762f58326d5120397a", ""),
        ("kR8v%2FX2mQ%209z", ""),
        ("kR8v\\/X2mQ 9z", ""),
    ] {
        let text = format!("<{form}{rest}> and {form}.");
        assert_eq!(line(&[KEY], &text), "<[ccs:KEY]> and [ccs:KEY].", "{form}");
    }
}

#[test]
fn a_value_inside_something_longer_that_was_encoded_is_replaced() {
    // user:kR8v/X2mQ 9z, of which the letter shared with the colon stays
    assert_eq!(
        line(&[KEY], "Basic dXNlcjprUjh2L1gybVEgOXo="),
        "Basic dXNlcjp[ccs:KEY]="
    );
}

#[test]
fn the_longest_of_several_values_at_one_place_is_replaced() {
    let values = [("A", "abcd1234"), ("B", "abcd1234efgh"), ("C", "4efg")];
    assert_eq!(
        line(&values, "abcd1234efgh abcd1234ef 4efg"),
        "[ccs:B] [ccs:A]ef [ccs:C]"
    );
}

#[test]
fn only_what_may_be_a_value_is_held_back() {
    let secrets = secrets(&[("KEY", "s3cret-value")]);
    let mut out = Vec::new();
    let mut redactor = Redactor::new(&mut out, secrets.iter().map(|(name, value)| (name, value)));
    redactor.write_all(b"Password: ").expect("written");
    redactor.write_all(b"x s3cret").expect("written");
    redactor.flush().expect("flushed");
    assert_eq!(
        redactor.sink.as_ref().map(|sink| &sink[..]),
        Some(&b"Password: x "[..])
    );
    redactor.write_all(b"s").expect("written");
    assert_eq!(
        redactor.sink.as_ref().map(|sink| &sink[..]),
        Some(&b"Password: x s3cret"[..])
    );
    drop(redactor);
    assert_eq!(out, b"Password: x s3crets");
}

#[test]
fn a_value_too_short_to_look_for_is_named() {
    let secrets = secrets(&[("PIN", "123"), ("KEY", "1234")]);
    let redactor = Redactor::new(
        Vec::new(),
        secrets.iter().map(|(name, value)| (name, value)),
    );
    assert_eq!(redactor.skipped(), [secrets[0].0.clone()]);
}

#[test]
fn what_is_no_value_comes_out_as_it_went_in() {
    let every_byte: Vec<u8> = (0..=255).cycle().take(70_000).collect();
    assert_eq!(
        redacted(&[KEY], &every_byte, &[1, 300, 301, 65_536]),
        every_byte
    );
    assert_eq!(redacted(&[], &every_byte, &[7]), every_byte);
}

#[test]
fn the_lines_of_a_key_are_replaced_when_they_come_one_at_a_time() {
    let body = "MIIEowIBAAKCAQEAy8Dbv8prpJ1dYy2Zp0xU4xkq3mGZgS2t9o5fE7hQwRr1sLxV";
    let key = format!("-----BEGIN KEY-----\n{body}\n-----END KEY-----\n");
    let out = line(&[("PEM", &key)], &format!("  {body}\n"));
    assert_eq!(out, "  [ccs:PEM]\n");
}

const LONG: (&str, &str) = (
    "LONG",
    "kR8vX2mQ9zWpTn4Lc7sG0hJeYb3D.kR8vX2mQ9zWpTn4Lc7sG0hJeYb3D.kR8vX2mQ9zWpTn4L",
);

/// As `base64` and `base64 -w 64 | sed 's/^/  /'` print it.
#[test]
fn an_encoding_over_several_lines_is_replaced() {
    let one = "a1I4dlgybVE5eldwVG40TGM3c0cwaEplWWIzRC5rUjh2WDJtUTl6V3BUbjRMYzdzRzBoSmVZYjNE\n\
               LmtSOHZYMm1ROXpXcFRuNEw=\n";
    assert_eq!(line(&[LONG], one), "[ccs:LONG]=\n");
    let two = "  a1I4dlgybVE5eldwVG40TGM3c0cwaEplWWIzRC5rUjh2WDJtUTl6V3BUbjRMYzdz\r\n  \
               RzBoSmVZYjNELmtSOHZYMm1ROXpXcFRuNEw=\n";
    assert_eq!(line(&[LONG], two), "  [ccs:LONG]=\n");
}

#[test]
fn a_line_that_only_ends_as_an_encoding_begins_is_not_held_back() {
    let secrets = secrets(&[LONG]);
    let mut redactor = Redactor::new(
        Vec::new(),
        secrets.iter().map(|(name, value)| (name, value)),
    );
    redactor.write_all(b"a1I4dlgybVE5eldw\n").expect("written");
    assert_eq!(redactor.sink.as_deref(), Some(&b"a1I4dlgybVE5eldw\n"[..]));
}

/// `text` in base64, in lines of that many digits.
fn wrapped(text: &[u8], width: usize, line_break: &str) -> String {
    let digits = forms::wrapping(text)[1].to_vec();
    let lines = digits.chunks(width).map(String::from_utf8_lossy);
    lines.collect::<Vec<_>>().join(line_break)
}

proptest! {
    /// Whatever stands around a value, and however its encoding is broken over lines and cut into
    /// pieces, nothing of it comes out.
    #[test]
    fn a_value_in_broken_lines_is_replaced_wherever_they_break(
        value in prop::collection::vec(any::<u8>(), 8..120),
        before in prop::collection::vec(any::<u8>(), 0..80),
        after in prop::collection::vec(any::<u8>(), 60..80),
        width in 40_usize..80,
        line_break in prop::sample::select(vec!["\n", "\r\n", "\n    "]),
        cuts in prop::collection::vec(0_usize..400, 0..20),
    ) {
        let secrets = [(Name::new("KEY").expect("a name"), Secret::new(value.clone()))];
        let text = wrapped(&[&before[..], &value, &after].concat(), width, line_break);
        let mut cuts: Vec<usize> = cuts.into_iter().filter(|&cut| cut <= text.len()).collect();
        cuts.sort_unstable();
        let run = |cuts: &[usize]| {
            let mut redactor = Redactor::new(Vec::new(), secrets.iter().map(|(name, value)| (name, value)));
            let mut from = 0;
            for &cut in cuts.iter().chain([&text.len()]) {
                redactor.write_all(&text.as_bytes()[from..cut]).expect("written");
                from = cut;
            }
            String::from_utf8(redactor.finish().expect("finished")).expect("text")
        };
        let out = run(&cuts);
        prop_assert!(out.contains("[ccs:KEY]"), "{out}");
        prop_assert_eq!(run(&[]), out);
    }

    /// Where the pieces of a stream are cut makes no difference.
    #[test]
    fn a_stream_is_redacted_as_the_whole_text_is(
        picks in prop::collection::vec((0_usize..8, 0_usize..40), 0..30),
        cuts in prop::collection::vec(0_usize..600, 0..20),
    ) {
        let values = [("A", "aaabaaab"), ("B", "aabaaabaaaaa"), ("C", "abab"), ("D", "x'y\"z\n12")];
        let pieces = [
            "aaabaaab", "aabaaabaaaaa", "aab", "abab", "YWFhYmFhYWI", "x'y\"z\n12", "x'\\''y", "6161",
        ];
        let text: String = picks.iter().map(|&(piece, cut)| {
            let piece = pieces[piece];
            &piece[..cut.min(piece.len())]
        }).collect();
        let mut cuts: Vec<usize> = cuts.into_iter().filter(|&cut| cut <= text.len()).collect();
        cuts.sort_unstable();
        let whole = redacted(&values, text.as_bytes(), &[]);
        prop_assert_eq!(redacted(&values, text.as_bytes(), &cuts), whole);
    }
}
