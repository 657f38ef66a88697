//! What stands where a secret would stand: placeholders, samples, masks.

/// Words that nobody's secret is made of by chance: five letters and more.
const WORDS: &[&str] = &[
    "example",
    "sample",
    "placeholder",
    "redacted",
    "changeme",
    "change_me",
    "change-me",
    "replace",
    "dummy",
    "insert",
    "yourtoken",
    "yourkey",
    "yourapi",
    "youraccess",
    "yoursecret",
    "yourpass",
    "mytoken",
    "mysecret",
    "somesecret",
    "secretkey",
    "accesskey",
    "tokenhere",
    "keyhere",
    "goeshere",
    "censored",
    "removed",
    "hidden",
    "fakekey",
    "faketoken",
    "testtest",
    "foobar",
    "loremipsum",
    "notreal",
    "invalid",
    "undefined",
    "asdfgh",
    "qwerty",
    "sanitized",
    "masked",
    "supersecret",
    "super-secret",
    "super_secret",
    "topsecret",
    "password",
    "passphrase",
    "generate",
    "openssl",
    "secrethere",
    "default",
    "template",
];

/// Words that count only where they stand between signs, and only if they have four letters
/// together: so many do not come up by chance.
const ALONE: &[&str] = &[
    "your", "my", "the", "fake", "test", "todo", "some", "key", "here", "xxx", "yyy", "token",
    "secret", "none", "null", "mock", "demo", "real", "enter", "put", "this", "foo", "bar", "set",
    "user", "value", "string", "admin", "abc", "api", "a", "an", "of", "for", "with", "from",
];

/// How much of a text is looked at: what was typed shows early.
const ENOUGH: usize = 256;

/// Whether a token's body was typed and not drawn.
pub(super) fn is_sham(body: &[u8]) -> bool {
    let body = &body[..body.len().min(ENOUGH)];
    body.is_empty() || few(body) || stretched(body) || counted(body) || worded(body)
}

/// Whether the text has one of the words in it; letters of both cases are the same.
pub(super) fn has_word(text: &[u8], words: &[&str]) -> bool {
    words.iter().any(|word| has(text, word.as_bytes()))
}

fn has(text: &[u8], word: &[u8]) -> bool {
    text.windows(word.len())
        .any(|here| here.eq_ignore_ascii_case(word))
}

/// How many different characters there are, letters of both cases being the same.
fn distinct(text: &[u8]) -> u32 {
    let set = text
        .iter()
        .fold(0_u128, |set, b| set | 1 << (b.to_ascii_lowercase() & 0x7f));
    set.count_ones()
}

/// Too few characters for the length: `aaaaaaaabbbbbbbb`.
fn few(body: &[u8]) -> bool {
    let least = match body.len() {
        _ if body.iter().all(u8::is_ascii_digit) => 3,
        0..=5 => 2,
        6..=9 => 3,
        10..=15 => 4,
        _ => 6,
    };
    distinct(body) < least
}

/// One character makes up much of it: `A1xxxxxxxxxx`.
fn stretched(body: &[u8]) -> bool {
    let (mut longest, mut len) = (1, 1);
    for pair in body.windows(2) {
        len = if pair[0] == pair[1] { len + 1 } else { 1 };
        longest = longest.max(len);
    }
    longest >= 5 && longest * 10 >= body.len() * 4
}

/// Mostly counted up or down, or a short piece again and again: `0123456789abcdef`, `12121212`.
fn counted(body: &[u8]) -> bool {
    let text: Vec<u8> = body
        .iter()
        .filter(|b| b.is_ascii_alphanumeric())
        .map(u8::to_ascii_lowercase)
        .collect();
    let step = |gap: usize, by: i16| {
        let mut covered = 0;
        let mut len = 0;
        for at in gap..=text.len() {
            if at < text.len() && i16::from(text[at]) - i16::from(text[at - gap]) == by {
                len += 1;
            } else {
                covered += if len >= 2 { len + gap } else { 0 };
                len = 0;
            }
        }
        covered
    };
    let most = [
        step(1, 1),
        step(1, -1),
        step(2, 1),
        step(2, 0),
        step(3, 0),
        step(4, 0),
    ];
    let up = step(1, 1) + step(1, 0);
    text.len() >= 6
        && most
            .into_iter()
            .chain([up])
            .any(|n| n * 20 >= text.len() * 13)
}

/// The letters that signs and digits stand for when a word is dressed up: `p@$$w0rd`.
pub(super) fn plain(text: &[u8]) -> Vec<u8> {
    let letter = |byte: &u8| match byte {
        b'@' | b'4' => b'a',
        b'$' | b'5' => b's',
        b'0' => b'o',
        b'3' => b'e',
        b'1' | b'!' => b'i',
        b'7' => b't',
        other => *other,
    };
    text.iter().map(letter).collect()
}

/// A word that says what should stand here.
fn worded(body: &[u8]) -> bool {
    has_word(body, WORDS) || {
        let pieces = body.split(|b| !b.is_ascii_alphanumeric());
        let alone = pieces.filter(|piece| piece.len() < body.len() && is_alone(piece));
        alone.map(<[u8]>::len).sum::<usize>() >= 4
    }
}

fn is_alone(piece: &[u8]) -> bool {
    ALONE
        .iter()
        .any(|word| piece.eq_ignore_ascii_case(word.as_bytes()))
}

#[cfg(test)]
mod tests {
    use super::is_sham;

    #[test]
    fn what_was_typed_is_a_sham() {
        for body in [
            "xxxxxxxxxxxxxxxxxxxx",
            "XXXXXXXXXXXXXXXX",
            "********************",
            "0123456789abcdef0123456789abcdef",
            "abcdefghijklmnopqrstuvwxyz",
            "ABC123ABC123ABC123",
            "12312312312312312312",
            "YOUR-API-KEY",
            "your_token_here_12345",
            "IOSFODNN7EXAMPLE",
        ] {
            assert!(is_sham(body.as_bytes()), "{body}");
        }
    }

    #[test]
    fn what_was_drawn_is_not() {
        for body in [
            "16C7e42F292c6912E7710c838347Ae178B4a",
            "e42f292c6912e7710c838347ae178b4a",
            "-my4HrwinIOEPgzFpnrpZ4e9WCE0QGJh",
            "aaaa4f6912e7710c838347ae178b4a01",
        ] {
            assert!(!is_sham(body.as_bytes()), "{body}");
        }
    }
}
