//! The program with the gate behind it: calls that every gate must stop, in `tests/judged/`.

mod common;
mod transcript;

#[test]
fn every_call_that_must_be_stopped_is() {
    match transcript::walk("judged") {
        Ok(run) => assert!(run > 25, "only {run} cases were found"),
        Err(wrong) => panic!("{}", wrong.join("\n")),
    }
}
