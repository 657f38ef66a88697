use std::fs;
use std::os::unix::fs::PermissionsExt;

use ccs_gate::approval::{Act, Terms, issue, public_key as public_of};

use super::*;

const SECRET: [u8; 32] = [7; 32];
const REALM: [u8; 32] = [9; 32];
const NOW: u64 = 1_000_000;

/// A state folder in which something was signed.
fn place() -> (tempfile::TempDir, Approvals) {
    let folder = tempfile::tempdir().expect("a folder");
    let state = folder.path().join("ccs");
    files::make_private_folder(&state).expect("a folder");
    files::replace(&state.join(PUBLIC), &public_of(&SECRET)).expect("written");
    files::replace(&state.join(integrity::PUBLIC), &REALM).expect("written");
    (folder, Approvals::new(&state))
}

fn wanted(content: &[u8]) -> Wanted<'_> {
    Wanted {
        action: "edit",
        tool: "Write",
        path: Some("/home/dev/.claude/hooks/guard.sh"),
        content,
        session: Some("s1"),
        touches: vec!["/home/dev/.claude/hooks/guard.sh".into()],
    }
}

/// Asks and lets a person agree.
fn approve(approvals: &Approvals, wanted: &Wanted<'_>, seed: u8) -> String {
    let id = approvals.ask(wanted, NOW).expect("written");
    let (request, content) = approvals.request(&id, NOW).expect("there");
    let terms = Terms {
        id: [seed; 16],
        now: NOW,
        seconds: 300,
        generation: approvals.generation().expect("known"),
        realm: &REALM,
    };
    let token = issue(&SECRET, &request.wanted(&content).act(), &terms).expect("issued");
    approvals
        .grant(&request, &token, Some(b"delta"))
        .expect("written");
    id
}

fn is_used(found: &Result<Found, Error>) -> bool {
    matches!(found, Ok(Found::Used { change: Some(change), .. }) if change == b"delta")
}

/// The token that lies there under an id.
fn token(approvals: &Approvals, id: &str) -> Vec<u8> {
    let token = approvals.get("tokens", id, 9_999).expect("read");
    token.expect("there")
}

#[test]
fn an_approval_lets_exactly_that_call_through_and_only_once() {
    let (_keep, approvals) = place();
    let id = approve(&approvals, &wanted(b"exit 1\n"), 1);
    assert!(matches!(
        approvals.take(&wanted(b"exit 0\n"), NOW),
        Ok(Found::Nothing)
    ));
    let token = token(&approvals, &id);

    assert!(is_used(&approvals.take(&wanted(b"exit 1\n"), NOW + 299)));

    assert!(matches!(
        approvals.take(&wanted(b"exit 1\n"), NOW),
        Ok(Found::Nothing)
    ));
    // put back by hand it is still used up
    approvals.put("tokens", &id, &token).expect("written");
    let again = approvals.take(&wanted(b"exit 1\n"), NOW);
    assert!(matches!(again, Ok(Found::Refused(why)) if why.contains("used before")));
}

#[test]
fn p1_of_many_calls_at_the_same_time_one_finds_the_approval() {
    let (_keep, approvals) = place();
    let id = approve(&approvals, &wanted(b"x"), 1);
    let token = token(&approvals, &id);
    let used = std::thread::scope(|scope| {
        let threads: Vec<_> = (0..16)
            .map(|_| {
                scope.spawn(|| {
                    // whoever comes too late may see the token gone or used
                    let _ = approvals.put("tokens", &id, &token);
                    matches!(approvals.take(&wanted(b"x"), NOW), Ok(Found::Used { .. }))
                })
            })
            .collect();
        threads
            .into_iter()
            .map(|t| t.join().expect("ended"))
            .filter(|used| *used)
            .count()
    });
    assert_eq!(used, 1);
}

#[test]
fn p2_an_approval_without_an_action_path_or_content_is_none() {
    let (_keep, approvals) = place();
    let content = wanted(b"x");
    let id = content.id();
    for act in [
        Act {
            path: None,
            ..content.act()
        },
        Act {
            content: None,
            ..content.act()
        },
        Act {
            action: "run",
            ..content.act()
        },
        Act {
            session: Some("s2"),
            ..content.act()
        },
    ] {
        let terms = Terms {
            id: [3; 16],
            now: NOW,
            seconds: 300,
            generation: 0,
            realm: &REALM,
        };
        let token = issue(&SECRET, &act, &terms).expect("issued");
        approvals
            .put("tokens", &id, token.as_bytes())
            .expect("written");
        let found = approvals.take(&content, NOW);
        assert!(matches!(found, Ok(Found::Refused(_))), "{found:?}");
    }
}

#[test]
fn p3_what_is_taken_back_is_taken_back_for_every_process() {
    let (_keep, approvals) = place();
    let id = approve(&approvals, &wanted(b"x"), 1);
    let token = token(&approvals, &id);
    let other = Approvals::new(&approvals.state);

    assert_eq!(other.revoke().expect("written"), 1);

    assert!(matches!(
        approvals.take(&wanted(b"x"), NOW),
        Ok(Found::Nothing)
    ));
    approvals.put("tokens", &id, &token).expect("written");
    let found = approvals.take(&wanted(b"x"), NOW);
    assert!(matches!(found, Ok(Found::Refused(why)) if why.contains("taken back")));
    approve(&approvals, &wanted(b"x"), 2);
    assert!(is_used(&approvals.take(&wanted(b"x"), NOW)));
}

#[test]
fn an_approval_ends_and_cannot_be_made_by_others() {
    let (_keep, approvals) = place();
    approve(&approvals, &wanted(b"x"), 1);
    let late = approvals.take(&wanted(b"x"), NOW + 301);
    assert!(matches!(late, Ok(Found::Refused(why)) if why.contains("ended")));

    let terms = Terms {
        id: [1; 16],
        now: NOW,
        seconds: 300,
        generation: 0,
        realm: &REALM,
    };
    let forged = issue(&[8; 32], &wanted(b"x").act(), &terms).expect("issued");
    let elsewhere = Terms {
        realm: &[1; 32],
        ..terms
    };
    let elsewhere = issue(&SECRET, &wanted(b"x").act(), &elsewhere).expect("issued");
    for token in [forged.as_str(), elsewhere.as_str(), "", "v4.public.AAAA"] {
        let id = wanted(b"x").id();
        approvals
            .put("tokens", &id, token.as_bytes())
            .expect("written");
        let found = approvals.take(&wanted(b"x"), NOW);
        assert!(matches!(found, Ok(Found::Refused(_))), "{found:?}");
    }
}

#[test]
fn a_request_whose_content_was_exchanged_is_not_shown_to_anybody() {
    let (_keep, approvals) = place();
    let id = approvals.ask(&wanted(b"harmless"), NOW).expect("written");
    approvals
        .put("requests", &format!("{id}.new"), b"harmful")
        .expect("written");
    assert!(matches!(
        approvals.request(&id, NOW),
        Err(Error::Damaged(_))
    ));
    for id in ["", "../../../x", "0123456789", "zzzzzzzzzz"] {
        assert!(
            matches!(approvals.request(id, NOW), Err(Error::NoRequest(_))),
            "{id}"
        );
    }
}

#[test]
fn requests_are_private_few_and_forgotten_after_an_hour() {
    let (_keep, approvals) = place();
    for number in 0..100 {
        let content = format!("{number}");
        approvals
            .ask(&wanted(content.as_bytes()), NOW + number)
            .expect("written");
    }
    let requests = approvals.requests(NOW + 100);
    assert_eq!(requests.len(), MAX_REQUESTS);
    assert_eq!(requests[0].time, NOW + 99);
    let path = approvals
        .folder("requests")
        .join(format!("{}.new", requests[0].id));
    let mode = fs::metadata(path).expect("there").permissions().mode();
    assert_eq!(mode & 0o777, 0o600);
    assert_eq!(approvals.requests(NOW + 4_000), []);
    let long = vec![b'x'; MAX_CONTENT + 1];
    assert!(matches!(
        approvals.ask(&wanted(&long), NOW),
        Err(Error::TooLong)
    ));
}

#[test]
fn everything_that_happens_to_an_approval_is_logged() {
    let (_keep, approvals) = place();
    approve(&approvals, &wanted(b"x"), 1);
    let _ = approvals.take(&wanted(b"x"), NOW);
    approve(&approvals, &wanted(b"y"), 1);
    let _ = approvals.take(&wanted(b"y"), NOW);
    approvals.revoke().expect("written");
    let operations: Vec<String> = approvals
        .history()
        .iter()
        .map(|line| {
            let line: serde_json::Value = serde_json::from_str(line).expect("JSON");
            line["operation"].as_str().expect("text").to_owned()
        })
        .collect();
    assert_eq!(
        operations,
        ["approved", "used", "approved", "refused", "revoked"]
    );
}
