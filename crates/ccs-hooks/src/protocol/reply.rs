//! What leaves the program: the only writer to stdout and stderr.
//!
//! The client drops an answer that holds a single `null`, and takes stdout for plain text if
//! anything stands beside the object. So there is one object on one line, absent fields are
//! absent, and a deny is said three times: in JSON, on stderr and by exit code 2.

use std::io::Write;

use serde::Serialize;
use serde_json::value::RawValue;

use super::name::{Name, Stance};

/// The longest text sent to the client, in bytes; it replaces longer ones by a file.
const MAX_TEXT: usize = 8_000;

/// The answer to one event.
#[derive(Clone, Debug)]
pub(crate) struct Reply {
    pub(crate) event: Name,
    pub(crate) answer: Answer,
    /// What the user is told besides.
    pub(crate) notes: Vec<String>,
}

/// What the client shall do.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Answer {
    /// Go on as if there were no hook.
    Pass,
    /// Ask the user first.
    Ask(String),
    /// Do not go on.
    Deny(String),
    /// Use this tool input instead; the client's own permission flow then sees the new one.
    Rewrite(serde_json::Value),
    /// Grant the permission the client was about to ask for.
    Approve,
    /// Tell the model.
    Context(String),
    /// Do not go on with a prompt, and do not show or keep what was typed.
    Withhold(String),
    /// Give the model this instead of what the tool returned, and perhaps a remark.
    Replace {
        /// The tool's whole output in its own shape: the client ignores any other.
        output: JsonText,
        /// What the model is told besides.
        context: Option<String>,
    },
    /// Exit with code 2 and this text on stderr, without an answer on stdout.
    Refuse(String),
    /// Say this on stderr and go on.
    Mutter(String),
}

/// JSON that is sent as it is written.
#[derive(Clone, Debug)]
pub(crate) struct JsonText(Box<RawValue>);

impl JsonText {
    /// `None` if the text is not JSON.
    pub(crate) fn new(text: String) -> Option<Self> {
        RawValue::from_string(text).ok().map(Self)
    }
}

impl PartialEq for JsonText {
    fn eq(&self, other: &Self) -> bool {
        self.0.get() == other.0.get()
    }
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Output<'a> {
    #[serde(skip_serializing_if = "Option::is_none")]
    system_message: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    decision: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    reason: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    hook_specific_output: Option<Specific<'a>>,
}

#[derive(Default, Serialize)]
#[serde(rename_all = "camelCase")]
struct Specific<'a> {
    hook_event_name: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    permission_decision: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    permission_decision_reason: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    updated_input: Option<&'a serde_json::Value>,
    #[serde(skip_serializing_if = "Option::is_none")]
    decision: Option<Behavior>,
    #[serde(skip_serializing_if = "Option::is_none")]
    additional_context: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    updated_tool_output: Option<&'a RawValue>,
    #[serde(skip_serializing_if = "Option::is_none")]
    suppress_original_prompt: Option<bool>,
}

#[derive(Serialize)]
struct Behavior {
    behavior: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    message: Option<String>,
}

impl Reply {
    pub(crate) fn new(event: Name, answer: Answer) -> Self {
        Self {
            event,
            answer,
            notes: Vec::new(),
        }
    }

    /// Writes the answer and returns the exit code, 0 or 2. An answer that cannot be written
    /// ends in 2, with the reason on stderr.
    pub(crate) fn write(&self, stdout: &mut dyn Write, stderr: &mut dyn Write) -> u8 {
        let written = self.stdout().map_or(Ok(()), |line| send(stdout, &line));
        let mut code = 0;
        match &self.answer {
            Answer::Deny(reason) | Answer::Withhold(reason) | Answer::Refuse(reason) => {
                say(stderr, &clean(reason));
                code = 2;
            }
            Answer::Mutter(text) => say(stderr, &clean(text)),
            _ => {}
        }
        if let Err(error) = written {
            say(
                stderr,
                &format!("ccs: the answer cannot be written: {error}"),
            );
            code = 2;
        }
        code
    }

    /// The line for stdout, if there is anything to say there.
    fn stdout(&self) -> Option<String> {
        if self.event.stance() == Stance::Mute || matches!(self.answer, Answer::Refuse(_)) {
            return None;
        }
        let output = self.output();
        let silent = output.system_message.is_none()
            && output.decision.is_none()
            && output.hook_specific_output.is_none();
        if silent {
            return None;
        }
        serde_json::to_string(&output).ok()
    }

    fn output(&self) -> Output<'_> {
        let message = self.notes.join("\n");
        let mut output = Output {
            system_message: (!message.is_empty()).then(|| clean(&message)),
            decision: None,
            reason: None,
            hook_specific_output: None,
        };
        if let Some(reason) = self.blocks() {
            output.decision = Some("block");
            output.reason = Some(clean(reason));
        }
        output.hook_specific_output = self.specific();
        output
    }

    /// Why the event is blocked, if it is and says so at the top of the object.
    fn blocks(&self) -> Option<&str> {
        match &self.answer {
            Answer::Deny(reason) if !self.has_specific_deny() => Some(reason),
            Answer::Withhold(reason) => Some(reason),
            _ => None,
        }
    }

    fn has_specific_deny(&self) -> bool {
        matches!(self.event, Name::PreToolUse | Name::PermissionRequest)
    }

    fn specific(&self) -> Option<Specific<'_>> {
        let specific = Specific {
            hook_event_name: self.event.as_str(),
            ..Specific::default()
        };
        Some(match (&self.answer, self.event) {
            (Answer::Deny(reason), Name::PermissionRequest) => Specific {
                decision: Some(Behavior {
                    behavior: "deny",
                    message: Some(clean(reason)),
                }),
                ..specific
            },
            (Answer::Approve, Name::PermissionRequest) => Specific {
                decision: Some(Behavior {
                    behavior: "allow",
                    message: None,
                }),
                ..specific
            },
            (Answer::Deny(reason), _) if self.has_specific_deny() => {
                decided(specific, "deny", reason)
            }
            (Answer::Ask(reason), _) => decided(specific, "ask", reason),
            (Answer::Rewrite(input), _) => Specific {
                updated_input: Some(input),
                ..specific
            },
            (Answer::Context(text), _) => Specific {
                additional_context: Some(clean(text)),
                ..specific
            },
            (Answer::Withhold(_), Name::UserPromptSubmit | Name::UserPromptExpansion)
            | (Answer::Deny(_), Name::UserPromptSubmit) => Specific {
                suppress_original_prompt: Some(true),
                ..specific
            },
            (Answer::Replace { output, context }, Name::PostToolUse) => Specific {
                updated_tool_output: Some(&output.0),
                additional_context: context.as_deref().map(clean),
                ..specific
            },
            _ => return None,
        })
    }
}

fn decided<'a>(specific: Specific<'a>, decision: &'static str, reason: &str) -> Specific<'a> {
    Specific {
        permission_decision: Some(decision),
        permission_decision_reason: Some(clean(reason)),
        ..specific
    }
}

/// One write, then a flush, so that a full disk or a closed pipe is noticed.
fn send(stdout: &mut dyn Write, line: &str) -> std::io::Result<()> {
    stdout.write_all(format!("{line}\n").as_bytes())?;
    stdout.flush()
}

/// Nothing can be done about a stderr that does not take the text; the exit code stands.
pub(crate) fn say(stderr: &mut dyn Write, text: &str) {
    let _ = stderr.write_all(format!("{text}\n").as_bytes());
    let _ = stderr.flush();
}

/// The text without what could steer a terminal or hide part of it, at most [`MAX_TEXT`] bytes.
/// Reasons quote what an attacker wrote.
pub(crate) fn clean(text: &str) -> String {
    let mut clean = String::with_capacity(text.len().min(MAX_TEXT));
    for letter in text.chars() {
        if clean.len() + letter.len_utf8() > MAX_TEXT {
            clean.push('…');
            break;
        }
        clean.push(if is_hidden(letter) {
            char::REPLACEMENT_CHARACTER
        } else {
            letter
        });
    }
    clean
}

fn is_hidden(letter: char) -> bool {
    (letter.is_control() && letter != '\n' && letter != '\t')
        || matches!(letter,
            '\u{AD}' | '\u{61C}' | '\u{180E}' | '\u{200B}'..='\u{200F}' | '\u{2028}'..='\u{202E}'
            | '\u{2060}'..='\u{206F}' | '\u{FEFF}' | '\u{FFF9}'..='\u{FFFB}'
            | '\u{E0000}'..='\u{E0FFF}')
}

#[cfg(test)]
mod tests {
    use super::*;

    struct Full;

    impl Write for Full {
        fn write(&mut self, _: &[u8]) -> std::io::Result<usize> {
            Err(std::io::Error::other("full"))
        }
        fn flush(&mut self) -> std::io::Result<()> {
            Ok(())
        }
    }

    fn written(reply: &Reply) -> (String, String, u8) {
        let (mut out, mut err) = (Vec::new(), Vec::new());
        let code = reply.write(&mut out, &mut err);
        let text = |bytes| String::from_utf8(bytes).expect("UTF-8");
        (text(out), text(err), code)
    }

    fn text(json: &str) -> JsonText {
        JsonText::new(json.to_owned()).expect("JSON")
    }

    fn every_answer() -> Vec<Answer> {
        vec![
            Answer::Pass,
            Answer::Ask("why".into()),
            Answer::Deny("why".into()),
            Answer::Rewrite(serde_json::json!({"command": "ls"})),
            Answer::Approve,
            Answer::Context("text".into()),
            Answer::Withhold("why".into()),
            Answer::Replace {
                output: text(r#""text""#),
                context: None,
            },
            Answer::Refuse("why".into()),
            Answer::Mutter("why".into()),
        ]
    }

    #[test]
    fn a_deny_is_said_in_json_on_stderr_and_by_the_exit_code() {
        for (event, json) in [
            (
                Name::PreToolUse,
                r#"{"hookSpecificOutput":{"hookEventName":"PreToolUse","permissionDecision":"deny","permissionDecisionReason":"why"}}"#,
            ),
            (
                Name::PermissionRequest,
                r#"{"hookSpecificOutput":{"hookEventName":"PermissionRequest","decision":{"behavior":"deny","message":"why"}}}"#,
            ),
            (Name::ConfigChange, r#"{"decision":"block","reason":"why"}"#),
            (
                Name::UserPromptExpansion,
                r#"{"decision":"block","reason":"why"}"#,
            ),
        ] {
            let (out, err, code) = written(&Reply::new(event, Answer::Deny("why".into())));
            assert_eq!(
                (out.as_str(), err.as_str()),
                (format!("{json}\n").as_str(), "why\n")
            );
            assert_eq!(code, 2);
        }
    }

    #[test]
    fn a_withheld_prompt_is_blocked_and_its_text_suppressed() {
        let reply = Reply::new(Name::UserPromptSubmit, Answer::Withhold("why".into()));
        let json = r#"{"decision":"block","reason":"why","hookSpecificOutput":{"hookEventName":"UserPromptSubmit","suppressOriginalPrompt":true}}"#;

        assert_eq!(written(&reply), (format!("{json}\n"), "why\n".into(), 2));
    }

    #[test]
    fn an_output_is_replaced_whole_with_a_remark_beside_it() {
        let answer = Answer::Replace {
            output: text(r#"{"stdout":"x"}"#),
            context: Some("one secret was taken out".into()),
        };
        let json = r#"{"hookSpecificOutput":{"hookEventName":"PostToolUse","additionalContext":"one secret was taken out","updatedToolOutput":{"stdout":"x"}}}"#;
        let (out, err, code) = written(&Reply::new(Name::PostToolUse, answer));

        assert_eq!((out, err, code), (format!("{json}\n"), String::new(), 0));
    }

    #[test]
    fn to_pass_is_to_say_nothing() {
        for event in Name::ALL {
            let silence = (String::new(), String::new(), 0);
            assert_eq!(written(&Reply::new(*event, Answer::Pass)), silence);
        }
    }

    #[test]
    fn no_answer_to_any_event_holds_a_null_or_a_second_line() {
        for event in Name::ALL {
            for answer in every_answer() {
                let mut reply = Reply::new(*event, answer);
                for notes in [vec![], vec!["note".to_owned()]] {
                    reply.notes = notes;
                    let (out, _, code) = written(&reply);
                    assert!(!out.contains("null"), "{out}");
                    assert!(
                        out.is_empty() || out.find('\n') == Some(out.len() - 1),
                        "{out}"
                    );
                    assert!(code == 0 || code == 2);
                }
            }
        }
    }

    #[test]
    fn a_pretooluse_answer_never_allows() {
        for answer in every_answer() {
            let (out, ..) = written(&Reply::new(Name::PreToolUse, answer));
            assert!(!out.contains("allow"), "{out}");
        }
    }

    #[test]
    fn nothing_is_printed_where_stdout_is_taken_for_a_path() {
        let mut reply = Reply::new(Name::WorktreeCreate, Answer::Mutter("why".into()));
        reply.notes.push("note".into());

        assert_eq!(written(&reply), (String::new(), "why\n".into(), 0));
    }

    #[test]
    fn an_answer_that_cannot_be_written_ends_in_two_with_a_reason() {
        for answer in [Answer::Ask("why".into()), Answer::Deny("why".into())] {
            let mut err = Vec::new();
            let code = Reply::new(Name::PreToolUse, answer).write(&mut Full, &mut err);
            assert_eq!(code, 2);
            assert!(String::from_utf8_lossy(&err).contains("cannot be written"));
        }
        let code =
            Reply::new(Name::PreToolUse, Answer::Deny("x".into())).write(&mut Full, &mut Full);
        assert_eq!(code, 2);
    }

    #[test]
    fn quoted_text_cannot_steer_a_terminal_and_is_bounded() {
        assert_eq!(
            clean("a\u{1b}[2Jb\u{202e}c\nd"),
            "a\u{FFFD}[2Jb\u{FFFD}c\nd"
        );
        assert!(clean(&"é".repeat(MAX_TEXT)).len() <= MAX_TEXT + '…'.len_utf8());
    }
}
