//! `ccs scan secrets --jsonl`: one text on each line in, its findings on one line out, in order.
//!
//! Every line gets an answer. One that cannot be understood gets an `error` and makes the exit code
//! say that something was found: whoever asked must not take it for clean.

use std::borrow::Cow;
use std::io::{self, BufReader, Read, Write};

use ccs_gate::secret::{Finding, Scanner};
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;

use crate::exit::Code;
use crate::jsonl;

/// What is asked. Other members, such as `tool`, are for other questions.
#[derive(Deserialize)]
struct Line<'a> {
    #[serde(borrow, default)]
    id: Option<&'a RawValue>,
    #[serde(borrow)]
    text: Cow<'a, str>,
}

#[derive(Serialize)]
struct Answer<'a> {
    id: Option<&'a RawValue>,
    findings: Vec<One<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    error: Option<String>,
}

/// A finding, as whoever scans many texts wants it.
#[derive(Serialize)]
struct One<'a> {
    rule: &'a str,
    start: usize,
    end: usize,
    severity: ccs_gate::Severity,
    confidence: ccs_gate::secret::Confidence,
}

/// Answers until the input ends.
pub(super) fn run(
    scanner: &Scanner,
    input: BufReader<impl Read>,
    output: &mut impl Write,
) -> anyhow::Result<Code> {
    let mut found = false;
    jsonl::each(input, output, |bytes, output| {
        let mut room = String::new();
        let answer = match jsonl::parsed(bytes, &mut room) {
            Ok(line) => scan(scanner, &line, output),
            Err(error) => write(output, None, &[], Some(error.to_string())).map(|()| true),
        };
        found |= answer?;
        Ok(())
    })?;
    Ok(if found { Code::Findings } else { Code::Ok })
}

fn scan(scanner: &Scanner, line: &Line<'_>, output: &mut impl Write) -> io::Result<bool> {
    let found = scanner.scan(&line.text);
    write(output, line.id, &found, None)?;
    Ok(!found.is_empty())
}

fn write(
    output: &mut impl Write,
    id: Option<&RawValue>,
    found: &[Finding],
    error: Option<String>,
) -> io::Result<()> {
    let findings = found.iter().map(one).collect();
    let answer = Answer {
        id,
        findings,
        error,
    };
    jsonl::write(output, &answer)
}

fn one(finding: &Finding) -> One<'_> {
    One {
        rule: &finding.rule,
        start: finding.start,
        end: finding.end,
        severity: finding.severity,
        confidence: finding.confidence,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn answers(input: &[u8]) -> (Code, Vec<serde_json::Value>) {
        let mut output = Vec::new();
        let code = run(&Scanner::builtin(), BufReader::new(input), &mut output);
        let text = String::from_utf8(output).expect("UTF-8");
        let answers = text
            .lines()
            .map(|line| serde_json::from_str(line).expect(line));
        (code.expect("written"), answers.collect())
    }

    #[test]
    fn findings_are_told_in_bytes_under_the_id_that_was_sent() {
        let token = ["glpat-", "x7Kq2Rm9Tz4Wc8Vb5Np3"].concat();
        let line =
            format!("{{\"id\":{{\"n\":1}},\"text\":\"é \\u00e9 {token}\",\"tool\":\"Read\"}}");
        let (code, answers) = answers(line.as_bytes());
        assert_eq!(code, Code::Findings);
        assert_eq!(answers[0]["id"]["n"], 1);
        let found = &answers[0]["findings"][0];
        assert_eq!((&found["start"], &found["end"]), (&6.into(), &32.into()));
    }

    #[test]
    fn a_clean_text_has_an_empty_list() {
        let (code, answers) =
            answers(b"{\"id\":1,\"text\":\"ls -la\"}\n\n{\"text\":\"\",\"id\":2}");
        assert_eq!((code, answers.len()), (Code::Ok, 2));
        assert_eq!(answers[1], serde_json::json!({"id": 2, "findings": []}));
    }

    #[test]
    fn a_line_that_cannot_be_understood_is_not_clean() {
        for line in [&b"key"[..], b"[]", b"{\"id\":1}", b"{\"id\":1,\"text\":5}"] {
            let (code, answers) = answers(line);
            assert_eq!(code, Code::Findings);
            assert!(answers[0]["error"].is_string(), "{answers:?}");
        }
    }

    #[test]
    fn halves_of_surrogate_pairs_are_no_error() {
        let (code, answers) = answers(b"{\"id\":1,\"text\":\"a \\ud800 b \xff\"}");
        assert_eq!((code, answers[0].get("error")), (Code::Ok, None));
    }
}
