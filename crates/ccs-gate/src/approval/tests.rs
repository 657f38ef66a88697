//! What an approval is good for, and what not.

use std::collections::HashSet;
use std::convert::Infallible;
use std::sync::Mutex;

use super::{Act, LONGEST, Moment, NotSpent, Refused, TTL, Terms, Used, check, issue, public_key};

const KEY: [u8; 32] = [7; 32];
const NOW: u64 = 1_800_000_000;

#[derive(Default)]
struct Memory(HashSet<[u8; 16]>);

impl Used for Memory {
    type Error = Infallible;

    fn take(&mut self, id: &[u8; 16], _until: u64) -> Result<bool, Infallible> {
        Ok(self.0.insert(*id))
    }
}

fn act() -> Act<'static> {
    Act {
        action: "edit",
        path: Some("/home/dev/.claude/settings.json"),
        content: Some([1; 32]),
        session: None,
    }
}

fn terms() -> Terms<'static> {
    Terms {
        id: [9; 16],
        now: NOW,
        seconds: TTL,
        generation: 4,
        realm: b"this machine",
    }
}

fn at(now: u64) -> Moment<'static> {
    Moment {
        now,
        generation: 4,
        realm: b"this machine",
    }
}

fn token() -> String {
    issue(&KEY, &act(), &terms()).expect("in order")
}

fn refusal(token: &str, act: &Act<'_>, at: &Moment<'_>) -> Option<Refused> {
    check(token, &public_key(&KEY), act, at).err()
}

#[test]
fn an_approval_works_once_within_its_time() {
    let mut used = Memory::default();
    let first = check(&token(), &public_key(&KEY), &act(), &at(NOW)).expect("fits");
    assert_eq!(first.expires(), NOW + TTL);
    assert!(first.spend(&mut used).is_ok());
}

#[test]
fn a_used_approval_does_not_work_again_within_its_time() {
    let mut used = Memory::default();
    for expected in [true, false, false] {
        let fits = check(&token(), &public_key(&KEY), &act(), &at(NOW + 10)).expect("fits");
        let spent = fits.spend(&mut used);
        assert_eq!(spent.is_ok(), expected);
    }
}

#[test]
fn of_many_users_at_the_same_time_one_succeeds() {
    let used = Mutex::new(Memory::default());
    let token = token();
    let successes: usize = std::thread::scope(|scope| {
        let tries: Vec<_> = (0..16)
            .map(|_| {
                scope.spawn(|| {
                    let fits = check(&token, &public_key(&KEY), &act(), &at(NOW)).expect("fits");
                    let mut used = used.lock().expect("no panic");
                    usize::from(fits.spend(&mut *used).is_ok())
                })
            })
            .collect();
        tries.into_iter().map(|t| t.join().expect("no panic")).sum()
    });
    assert_eq!(successes, 1);
}

#[test]
fn a_store_that_does_not_answer_uses_nothing_up() {
    struct Broken;
    impl Used for Broken {
        type Error = &'static str;
        fn take(&mut self, _: &[u8; 16], _: u64) -> Result<bool, &'static str> {
            Err("disk full")
        }
    }
    let fits = check(&token(), &public_key(&KEY), &act(), &at(NOW)).expect("fits");
    assert_eq!(fits.spend(&mut Broken), Err(NotSpent::Store("disk full")));
}

#[test]
fn an_approval_is_for_one_action() {
    let other = Act {
        action: "remove",
        ..act()
    };
    assert_eq!(refusal(&token(), &other, &at(NOW)), Some(Refused::Action));
    let none = Act {
        action: "",
        ..act()
    };
    assert_eq!(refusal(&token(), &none, &at(NOW)), Some(Refused::Action));
    assert_eq!(issue(&KEY, &none, &terms()), Err(Refused::Claims));
}

#[test]
fn an_approval_is_for_one_file() {
    for path in [
        None,
        Some("/home/dev/.claude/settings.json/"),
        Some("/etc/passwd"),
    ] {
        let other = Act { path, ..act() };
        assert_eq!(refusal(&token(), &other, &at(NOW)), Some(Refused::Path));
    }
}

#[test]
fn an_approval_is_for_one_content() {
    for content in [None, Some([2; 32])] {
        let other = Act { content, ..act() };
        assert_eq!(refusal(&token(), &other, &at(NOW)), Some(Refused::Content));
    }
    let open = Act {
        content: None,
        ..act()
    };
    let token = issue(&KEY, &open, &terms()).expect("in order");
    assert_eq!(refusal(&token, &act(), &at(NOW)), Some(Refused::Content));
}

#[test]
fn an_approval_for_a_session_is_for_that_session() {
    let mine = Act {
        session: Some("a"),
        ..act()
    };
    let token = issue(&KEY, &mine, &terms()).expect("in order");
    assert_eq!(refusal(&token, &mine, &at(NOW)), None);
    for session in [None, Some("b")] {
        let other = Act { session, ..act() };
        assert_eq!(refusal(&token, &other, &at(NOW)), Some(Refused::Session));
    }
}

#[test]
fn an_approval_ends_on_the_second() {
    assert_eq!(refusal(&token(), &act(), &at(NOW + TTL - 1)), None);
    let late = refusal(&token(), &act(), &at(NOW + TTL));
    assert_eq!(late, Some(Refused::Expired { seconds: 0 }));
    let later = refusal(&token(), &act(), &at(NOW + TTL + 7));
    assert_eq!(later, Some(Refused::Expired { seconds: 7 }));
}

#[test]
fn an_approval_from_the_future_is_refused() {
    assert_eq!(refusal(&token(), &act(), &at(NOW - 60)), None);
    let early = refusal(&token(), &act(), &at(NOW - 61));
    assert_eq!(early, Some(Refused::Early));
}

#[test]
fn an_approval_cannot_be_given_for_longer_than_an_hour() {
    let long = Terms {
        seconds: LONGEST + 1,
        ..terms()
    };
    assert_eq!(issue(&KEY, &act(), &long), Err(Refused::Long));
    let nothing = Terms {
        seconds: 0,
        ..terms()
    };
    let refused = issue(&KEY, &act(), &nothing);
    assert_eq!(refused, Err(Refused::Expired { seconds: 0 }));
}

#[test]
fn taking_approvals_back_is_seen_by_every_process_that_knows_the_new_generation() {
    let after = Moment {
        generation: 5,
        ..at(NOW)
    };
    assert_eq!(refusal(&token(), &act(), &after), Some(Refused::Revoked));
    let behind = Moment {
        generation: 3,
        ..at(NOW)
    };
    assert_eq!(refusal(&token(), &act(), &behind), Some(Refused::Unknown));
}

#[test]
fn an_approval_of_another_key_or_installation_does_not_count() {
    let theirs = issue(&[8; 32], &act(), &terms()).expect("in order");
    assert_eq!(refusal(&theirs, &act(), &at(NOW)), Some(Refused::Signature));
    let elsewhere = Moment {
        realm: b"that machine",
        ..at(NOW)
    };
    let refused = refusal(&token(), &act(), &elsewhere);
    assert_eq!(refused, Some(Refused::Signature));
}

#[test]
fn a_token_has_one_spelling() {
    let token = token();
    let refused = |other: &str| refusal(other, &act(), &at(NOW)).is_some();
    let last = token.len() - 1;
    for letter in "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_=. \n+/".chars()
    {
        let other = format!("{}{letter}", &token[..last]);
        assert!(other == token || refused(&other), "{other}");
    }
    for at_byte in (0..last).step_by(13) {
        let mut bytes = token.clone().into_bytes();
        bytes[at_byte] = if bytes[at_byte] == b'A' { b'B' } else { b'A' };
        let other = String::from_utf8(bytes).expect("ASCII");
        assert!(refused(&other), "{other}");
        assert!(refused(&token[..at_byte]));
    }
    for (before, after) in [("", "="), ("", "\n"), (" ", ""), ("", "A"), ("", ".")] {
        assert!(refused(&format!("{before}{token}{after}")));
    }
}

#[test]
fn a_signed_text_that_is_no_approval_is_refused() {
    for payload in [
        &b"{}"[..],
        b"null",
        b"{\"jti\":\"zz\"}",
        b"\xff",
        br#"{"jti":"09090909090909090909090909090909","iat":"2027-01-15T08:00:00+00:00","exp":"2027-01-15T08:05:00+00:00","act":"edit","generation":4,"admin":true}"#,
    ] {
        let token = super::paseto::sign(&KEY, payload, b"", b"this machine");
        assert_eq!(refusal(&token, &act(), &at(NOW)), Some(Refused::Claims));
    }
}
