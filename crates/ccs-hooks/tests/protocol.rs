//! The program as the client runs it: what goes in and what comes out, in `tests/protocol/`.

mod common;
mod transcript;

#[test]
fn every_transcript_holds() {
    match transcript::walk("protocol") {
        Ok(run) => assert!(run > 100, "only {run} cases were found"),
        Err(wrong) => panic!("{}", wrong.join("\n")),
    }
}
