//! `ccs check --jsonl`: one command on each line in, one answer on each line out, in order.
//!
//! Every line gets an answer. One that cannot be understood is denied, because whoever asked
//! would run what was not answered.

mod line;

use std::io::{self, Read, Write};

use ccs_gate::{Call, Decision, Facts, Gate, Severity, Verdict};
use serde::Serialize;
use serde_json::value::RawValue;

use crate::exit::Code;
use crate::jsonl;
use line::Line;

#[derive(Serialize)]
struct Answer<'a> {
    id: Option<&'a RawValue>,
    decision: Decision,
    #[serde(skip_serializing_if = "Option::is_none")]
    rule: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    severity: Option<Severity>,
    #[serde(skip_serializing_if = "Option::is_none")]
    reason: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    error: Option<&'a str>,
}

/// Answers until the input ends.
pub(super) fn run(
    gate: &Gate,
    home: &str,
    input: io::BufReader<impl Read>,
    output: &mut impl Write,
) -> anyhow::Result<Code> {
    let mut strictest = Decision::Allow;
    jsonl::each(input, output, |bytes, output| {
        let mut room = String::new();
        let decision = match jsonl::parsed(bytes, &mut room) {
            Ok(line) => judge(gate, home, &line, output),
            Err(error) => refuse(None, &error.to_string(), output),
        };
        strictest = strictest.max(decision?);
        Ok(())
    })?;
    Ok(super::code(strictest))
}

fn judge(
    gate: &Gate,
    home: &str,
    line: &Line<'_>,
    output: &mut impl Write,
) -> io::Result<Decision> {
    let (text, shell) = match (&line.command, line.shell()) {
        (Some(command), Some(shell)) => (command, shell),
        (None, _) => return refuse(line.id, "`command` must be a string", output),
        (_, None) => return refuse(line.id, "`shell` must be `bash` or `powershell`", output),
    };
    let cwd = line.cwd.as_deref();
    let facts = Facts {
        home: Some(home),
        cwd,
        project: cwd,
        ..Facts::default()
    };
    let verdict = gate.judge(&Call::Command { text, shell }, &facts);
    write(line.id, &verdict, output)?;
    Ok(verdict.decision)
}

fn write(id: Option<&RawValue>, verdict: &Verdict, output: &mut impl Write) -> io::Result<()> {
    let worst = verdict.findings.first();
    let answer = Answer {
        id,
        decision: verdict.decision,
        rule: worst.map(|finding| finding.rule.as_ref()),
        severity: worst.map(|finding| finding.severity),
        reason: worst.map(|_| verdict.reason()),
        error: None,
    };
    jsonl::write(output, &answer)
}

fn refuse(id: Option<&RawValue>, error: &str, output: &mut impl Write) -> io::Result<Decision> {
    let answer = Answer {
        id,
        decision: Decision::Deny,
        rule: None,
        severity: None,
        reason: None,
        error: Some(error),
    };
    jsonl::write(output, &answer)?;
    Ok(Decision::Deny)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn raw(input: &[u8]) -> String {
        let mut output = Vec::new();
        let input = io::BufReader::new(input);
        run(&Gate::builtin(), "/home/dev", input, &mut output).expect("written");
        String::from_utf8(output).expect("UTF-8")
    }

    fn answers(input: &[u8]) -> Vec<serde_json::Value> {
        raw(input)
            .lines()
            .map(|line| serde_json::from_str(line).expect(line))
            .collect()
    }

    #[test]
    fn every_line_is_answered_under_its_own_id() {
        let input = b"{\"id\":1,\"command\":\"ls\"}\n\n{\"command\":\"ls\",\"id\":\"b\",\"cwd\":\"/x\"}\r\n{\"id\":{\"n\":[null,1.50]},\"command\":\"ls\"}";
        assert_eq!(
            raw(input),
            "{\"id\":1,\"decision\":\"allow\"}\n{\"id\":\"b\",\"decision\":\"allow\"}\n{\"id\":{\"n\":[null,1.50]},\"decision\":\"allow\"}\n"
        );
    }

    #[test]
    fn a_harmless_command_is_allowed_without_a_reason() {
        let input = b"{\"id\":7,\"command\":\"ls -la\",\"cwd\":\"/home/dev/shop\",\"more\":[1]}\n";
        assert_eq!(
            answers(input)[0],
            serde_json::json!({"id": 7, "decision": "allow"})
        );
    }

    #[test]
    fn a_line_that_cannot_be_understood_is_denied_with_an_error() {
        let lines: [&[u8]; 8] = [
            b"rm -rf /",
            b"[]",
            b"{\"id\":1}",
            b"{\"id\":1,\"command\":null}",
            b"{\"id\":1,\"command\":[\"ls\"]}",
            b"{\"id\":1,\"command\":\"ls\"",
            b"{\"id\":1,\"command\":\"ls\"} x",
            b"{\"id\":1,\"command\":\"ls\",\"shell\":\"fish\"}",
        ];
        for line in lines {
            let answer = &answers(line)[0];
            assert_eq!(answer["decision"], "deny", "{answer}");
            assert!(answer["error"].is_string(), "{answer}");
        }
    }

    #[test]
    fn a_refused_line_keeps_its_id_and_the_next_line_is_read() {
        let answers = answers(b"{\"id\":\"a\",\"command\":5}\n{\"id\":\"b\",\"command\":\"ls\"}\n");
        assert_eq!(answers[0]["id"], "a");
        assert_eq!(
            (&answers[1]["id"], &answers[1]["decision"]),
            (&"b".into(), &"allow".into())
        );
    }

    #[test]
    fn lone_surrogates_bad_bytes_and_repeated_keys_are_still_judged() {
        let lines: [&[u8]; 5] = [
            b"{\"id\":\"\\ud800\",\"command\":\"ls \\udc00 \\ud83d\\ude00\"}",
            b"{\"id\":1,\"command\":\"ls \xff\"}",
            b"{\"id\":1,\"command\":\"echo\",\"command\":\"ls\"}",
            b"\xef\xbb\xbf{\"id\":1,\"command\":\"ls\"}",
            b"{\"id\":1,\"command\":\"ls \\\\ud800\",\"cwd\":7}",
        ];
        for line in lines {
            let answer = &answers(line)[0];
            assert_eq!(answer.get("error"), None, "{answer}");
        }
    }

    #[test]
    fn of_several_commands_in_one_line_the_last_counts_as_in_javascript() {
        let line = b"{\"id\":1,\"command\":5,\"command\":\"ls\"}";
        assert_eq!(answers(line)[0]["decision"], "allow");
    }
}
