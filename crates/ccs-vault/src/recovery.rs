//! Recovery codes: 160 random bits that people can copy by hand.
//!
//! 32 letters and digits of Crockford's alphabet and four that check them, in six groups of six.
//! Case, spaces and dashes do not matter, and `O`, `I` and `L` are read as the digits they look
//! like. A code that was mistyped is told from one of another vault.

use ring::digest;
use zeroize::Zeroizing;

use crate::encode::{fives, unfives};
use crate::{Error, Result, Secret, random};

const LETTERS: &[u8; 32] = b"0123456789ABCDEFGHJKMNPQRSTVWXYZ";
const CODE: usize = 36;
const GROUP: usize = 6;

/// A new code: its bytes, and as it is written down.
pub(crate) fn new() -> Result<(Zeroizing<[u8; 20]>, Secret)> {
    let bytes = Zeroizing::new(random::array()?);
    let code = Secret::of(write(&bytes));
    Ok((bytes, code))
}

/// The bytes of a code as it was typed.
pub(crate) fn read(typed: &Secret) -> Result<Zeroizing<Vec<u8>>> {
    let kept = typed
        .expose()
        .iter()
        .filter(|byte| !b" -\t\r\n".contains(byte));
    let groups: Option<Vec<u8>> = kept.map(|&byte| value(byte)).collect();
    let groups = Zeroizing::new(groups.ok_or(invalid("it has a letter that no code has"))?);
    if groups.len() != CODE {
        return Err(invalid("it has 36 letters and digits"));
    }
    let (data, sum) = groups.split_at(CODE - 4);
    let bytes = unfives(data).ok_or(invalid("it is mistyped"))?;
    if sum == check(&bytes) {
        Ok(bytes)
    } else {
        Err(invalid("it is mistyped"))
    }
}

fn write(bytes: &[u8; 20]) -> Zeroizing<Vec<u8>> {
    let mut code = Zeroizing::new(Vec::with_capacity(CODE + CODE / GROUP));
    for (index, five) in fives(bytes).chain(check(bytes)).enumerate() {
        if index > 0 && index % GROUP == 0 {
            code.push(b'-');
        }
        code.push(LETTERS[usize::from(five)]);
    }
    code
}

fn value(byte: u8) -> Option<u8> {
    let byte = match byte.to_ascii_uppercase() {
        b'O' => b'0',
        b'I' | b'L' => b'1',
        other => other,
    };
    LETTERS
        .iter()
        .position(|&letter| letter == byte)
        .map(|at| at as u8)
}

/// Twenty bits: one mistyped code in a million passes.
fn check(bytes: &[u8]) -> [u8; 4] {
    let mut context = digest::Context::new(&digest::SHA256);
    context.update(b"ccs-vault/1 recovery code ");
    context.update(bytes);
    let sum = context.finish();
    let mut check = [0; 4];
    for (five, group) in check.iter_mut().zip(fives(sum.as_ref())) {
        *five = group;
    }
    check
}

fn invalid(why: &'static str) -> Error {
    Error::Invalid {
        what: "recovery code",
        why,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn code() -> String {
        String::from_utf8(write(&[0xc5; 20]).to_vec()).expect("letters")
    }

    #[test]
    fn a_code_is_read_however_it_is_typed() {
        let code = code();
        assert_eq!(code.len(), 41);
        for typed in [
            code.clone(),
            code.to_lowercase(),
            code.replace('-', " "),
            code.replace('-', ""),
            code.replace('0', "o").replace('1', "l") + "\n",
        ] {
            assert_eq!(
                read(&Secret::new(typed)).expect("the bytes")[..],
                [0xc5; 20]
            );
        }
    }

    #[test]
    fn a_mistyped_letter_or_two_exchanged_ones_are_noticed() {
        let letters: Vec<u8> = code().bytes().filter(|&byte| byte != b'-').collect();
        for at in 0..letters.len() {
            for &letter in LETTERS {
                let mut typed = letters.clone();
                typed[at] = letter;
                assert_eq!(read(&Secret::new(typed)).is_ok(), letter == letters[at]);
            }
        }
        for at in 1..letters.len() {
            let mut typed = letters.clone();
            typed.swap(at - 1, at);
            assert_eq!(read(&Secret::new(typed.clone())).is_ok(), typed == letters);
        }
    }

    #[test]
    fn a_code_that_is_too_short_or_has_foreign_letters_says_so() {
        for (typed, reason) in [("ABC", "36 letters"), ("é", "a letter"), ("U", "a letter")] {
            let error = read(&Secret::new(typed)).expect_err("an error").to_string();
            assert!(error.contains(reason), "{error}");
        }
    }

    #[test]
    fn two_new_codes_differ() {
        let (_, one) = new().expect("a code");
        let (bytes, two) = new().expect("a code");
        assert!(one != two);
        assert_eq!(read(&two).expect("the bytes")[..], bytes[..]);
    }
}
