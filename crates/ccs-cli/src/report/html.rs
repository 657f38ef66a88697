//! Text on a page. What entries quote was written by whoever wants to be believed: it is text,
//! wherever it stands.

use ccs_audit::Time;

use crate::output::audit::is_hidden;

/// The text for the content of an element or a quoted attribute. Letters that hide, reverse or
/// control others show as `�`; line breaks and tabs stay.
pub(crate) fn escaped(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len() + text.len() / 8);
    for letter in text.chars() {
        match letter {
            '&' => escaped.push_str("&amp;"),
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            '"' => escaped.push_str("&quot;"),
            '\'' => escaped.push_str("&#39;"),
            '\n' | '\t' => escaped.push(letter),
            letter if is_hidden(letter) => escaped.push('\u{FFFD}'),
            letter => escaped.push(letter),
        }
    }
    escaped
}

/// The same, at most so many characters of it.
pub(crate) fn clipped(text: &str, limit: usize) -> String {
    match text.char_indices().nth(limit) {
        None => escaped(text),
        Some((end, _)) => format!("{}…", escaped(&text[..end])),
    }
}

/// A moment, with its exact value for programs.
pub(crate) fn time(time: Time) -> String {
    let (exact, shown) = (time.to_string(), crate::audit::when::second(time));
    format!("<time datetime=\"{exact}\">{shown}</time>")
}

/// A number with its thousands apart.
pub(crate) fn number(number: u64) -> String {
    let digits = number.to_string();
    let mut apart = String::new();
    for (place, digit) in digits.chars().enumerate() {
        if place > 0 && (digits.len() - place).is_multiple_of(3) {
            apart.push('\u{202F}');
        }
        apart.push(digit);
    }
    apart
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_leaves_its_element_or_attribute() {
        let hostile = "</p><script>alert('1')</script>\" onload=\"x & \u{202e}y\u{0}";
        let shown = escaped(hostile);
        assert!(
            !shown.contains(['<', '>', '"', '\'', '\u{202e}', '\0']),
            "{shown}"
        );
        assert!(shown.contains("&amp; \u{FFFD}y\u{FFFD}"), "{shown}");
    }

    #[test]
    fn a_long_text_is_cut_between_letters() {
        assert_eq!(clipped("äöü", 2), "äö…");
        assert_eq!(clipped("<>", 1), "&lt;…");
        assert_eq!(clipped("abc", 3), "abc");
    }

    #[test]
    fn numbers_have_their_thousands_apart() {
        assert_eq!(number(7), "7");
        assert_eq!(number(1_234_567), "1\u{202F}234\u{202F}567");
    }
}
