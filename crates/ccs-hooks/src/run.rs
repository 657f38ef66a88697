//! One event from stdin to exit code.

use std::ffi::OsString;
use std::io::{Read, Write};
use std::path::PathBuf;
use std::time::Instant;

use crate::failure::Failure;
use crate::filter::Mode;
use crate::log::Entry;
use crate::place::{Place, Surroundings};
use crate::protocol::event::{self, Body, Event, Session};
use crate::protocol::json::{self, Object};
use crate::protocol::name::Name;
use crate::protocol::reply::{self, Answer, Reply};
use crate::record::{self, Happening};
use crate::secrets::{Secrets, Taken};
use crate::{
    clean, clipboard, config_change, filter, left, permission_request, post_tool_use, pre_tool_use,
    prompt, prompt_expansion, quality, session_start, shell_filter, taint, untrusted,
};

const USAGE: &str = "usage: ccs-hook EVENT [--state DIR]

Answers one event of Claude Code: the event as JSON on stdin, the answer on stdout.
EVENT is the event's name in kebab-case, such as pre-tool-use.

Or, for a mod of the client: ccs-hook filter prompt|record [--state DIR]
Writes the text on stdin to stdout without its secrets.

Or, between a shell and its output: ccs-hook filter shell [--state DIR] [--end TEXT]
Copies stdin to stdout with marks in the place of secrets. TEXT is what the shell writes last.

  --state DIR   where ccs keeps its policy and log; absolute.
                Default: .claude/ccs in your home folder
  --version     print the version
  --help        print this text

Exit code 0: see stdout. Exit code 2: stopped, the reason is on stderr.
";

/// An event and where it happens.
pub(crate) struct Scene<'e> {
    pub(crate) event: &'e Event<'e>,
    pub(crate) place: Place,
    pub(crate) around: &'e Surroundings,
}

impl Scene<'_> {
    pub(crate) fn name(&self) -> Name {
        self.event.name
    }
}

/// An answer and what the log shall say about it.
pub(crate) struct Outcome {
    pub(crate) reply: Reply,
    pub(crate) entry: Entry,
}

enum Task {
    Hook { event: Name, state: Option<PathBuf> },
    Filter { mode: Mode, state: Option<PathBuf> },
    FilterShell { state: Option<PathBuf>, end: String },
    Paste { window: String },
    Print(String),
}

/// Runs the program: `arguments` without its own name, the event on `stdin`, the answer to
/// `stdout` and `stderr`. Returns the exit code, which is 0 or 2 and nothing else, because the
/// client lets a call through on every other.
pub fn run(
    arguments: impl IntoIterator<Item = OsString>,
    around: &Surroundings,
    stdin: &mut dyn Read,
    stdout: &mut dyn Write,
    stderr: &mut dyn Write,
) -> u8 {
    let started = Instant::now();
    match task(arguments) {
        Ok(Task::Hook { event, state }) => {
            hook(event, state, around, stdin, started).write(stdout, stderr)
        }
        Ok(Task::Filter { mode, state }) => {
            let place = Place::new(state, around, &Session::default());
            filter::run(mode, &place, stdin, stdout, stderr)
        }
        Ok(Task::Paste { window }) => {
            let place = Place::new(None, around, &Session::default());
            clipboard::paste_back(&window, &place, around);
            0
        }
        Ok(Task::Print(text)) => print(&text, stdout, stderr),
        Ok(Task::FilterShell { state, end }) => shell_filter::run(state, &end, around),
        Err((Some(event), failure)) => failure.reply(event).write(stdout, stderr),
        Err((None, failure)) => {
            reply::say(stderr, &reply::clean(&format!("ccs: {failure}")));
            2
        }
    }
}

/// The event of a command line, for use when nothing but the command line is left.
pub(crate) fn event_of(argument: Option<&OsString>) -> Option<Name> {
    argument
        .and_then(|text| text.to_str())
        .and_then(Name::from_kebab)
}

type Misuse = (Option<Name>, Failure);

fn task(arguments: impl IntoIterator<Item = OsString>) -> Result<Task, Misuse> {
    let arguments: Vec<OsString> = arguments.into_iter().collect();
    match arguments.first().and_then(|first| first.to_str()) {
        Some("--help" | "-h") => return Ok(Task::Print(USAGE.into())),
        Some("--version" | "-V") => {
            let version = env!("CARGO_PKG_VERSION");
            return Ok(Task::Print(format!("ccs-hook {version}\n")));
        }
        Some("filter") => return filter_task(&arguments[1..]),
        _ => {}
    }
    if let [first, window] = &arguments[..]
        && first == "paste-back"
    {
        let window = window.to_string_lossy().into_owned();
        return Ok(Task::Paste { window });
    }
    let event = event_of(arguments.first());
    let misuse = |text: String| (event, Failure::Usage(text));
    let Some(name) = event else {
        let text = arguments
            .first()
            .map_or("no event is named".into(), |given| {
                format!("`{}` is no event", given.to_string_lossy())
            });
        return Err(misuse(text));
    };
    let state = state(&arguments[1..]).map_err(misuse)?;
    Ok(Task::Hook { event: name, state })
}

fn filter_task(arguments: &[OsString]) -> Result<Task, Misuse> {
    let misuse = |text: String| (None, Failure::Usage(text));
    let word = arguments.first().and_then(|word| word.to_str());
    match (word, word.and_then(Mode::of)) {
        (Some("shell"), _) => Ok(shell_filtering(&arguments[1..])),
        (_, Some(mode)) => {
            let state = state(&arguments[1..]).map_err(misuse)?;
            Ok(Task::Filter { mode, state })
        }
        _ => Err(misuse(
            "`filter` takes `prompt`, `record` or `shell`".into(),
        )),
    }
}

/// What is not understood is passed over: a command would lose its output.
fn shell_filtering(arguments: &[OsString]) -> Task {
    let after = |flag: &str| {
        let at = arguments.iter().position(|argument| argument == flag)?;
        arguments.get(at + 1)
    };
    let end = after("--end").and_then(|end| end.to_str());
    Task::FilterShell {
        state: after("--state")
            .map(PathBuf::from)
            .filter(|path| path.is_absolute()),
        end: end.unwrap_or_default().to_owned(),
    }
}

fn state(arguments: &[OsString]) -> Result<Option<PathBuf>, String> {
    let path = match arguments {
        [] => return Ok(None),
        [flag, path] if flag == "--state" => PathBuf::from(path),
        [flag] if flag == "--state" => return Err("`--state` names no folder".into()),
        [flag, _, other, ..] if flag == "--state" => {
            return Err(format!("`{}` is not understood", other.to_string_lossy()));
        }
        [other, ..] => return Err(format!("`{}` is not understood", other.to_string_lossy())),
    };
    if !path.is_absolute() {
        return Err(format!("`--state {}` is not absolute", path.display()));
    }
    Ok(Some(path))
}

fn print(text: &str, stdout: &mut dyn Write, stderr: &mut dyn Write) -> u8 {
    let written = stdout
        .write_all(text.as_bytes())
        .and_then(|()| stdout.flush());
    match written {
        Ok(()) => 0,
        Err(error) => {
            reply::say(stderr, &format!("ccs: cannot write: {error}"));
            2
        }
    }
}

fn hook(
    name: Name,
    state: Option<PathBuf>,
    around: &Surroundings,
    stdin: &mut dyn Read,
    started: Instant,
) -> Reply {
    let answered = read(stdin).and_then(|bytes| {
        let text = json::text(&bytes);
        let value = json::parse(&text).map_err(Failure::NotJson)?;
        let event = event::read(name, &value)?;
        Ok(answer(
            &event,
            value.as_object(),
            state.clone(),
            around,
            started,
        ))
    });
    answered.unwrap_or_else(|failure| {
        let session = Session::default();
        let outcome = failed(name, &failure);
        let place = Place::new(state, around, &session);
        logged(outcome, &place, around, (&session, None), started)
    })
}

/// At most [`crate::MAX_INPUT`] bytes: a file of 5 MB arrives whole within a Write.
fn read(stdin: &mut dyn Read) -> Result<Vec<u8>, Failure> {
    let mut bytes = Vec::with_capacity(1 << 16);
    let mut bounded = stdin.take(crate::MAX_INPUT + 1);
    bounded
        .read_to_end(&mut bytes)
        .map_err(Failure::Unreadable)?;
    if bytes.len() as u64 > crate::MAX_INPUT {
        return Err(Failure::TooBig);
    }
    Ok(bytes)
}

fn answer(
    event: &Event<'_>,
    input: Option<&Object<'_>>,
    state: Option<PathBuf>,
    around: &Surroundings,
    started: Instant,
) -> Reply {
    let scene = Scene {
        event,
        place: Place::new(state, around, &event.session),
        around,
    };
    let outcome = act(&scene).unwrap_or_else(|failure| failed(event.name, &failure));
    let said = (&event.session, input);
    logged(outcome, &scene.place, around, said, started)
}

fn act(scene: &Scene<'_>) -> Result<Outcome, Failure> {
    match (&scene.event.body, scene.name()) {
        (Body::Tool(uses), Name::PermissionRequest) => permission_request::run(scene, uses),
        (Body::Tool(uses), _) => pre_tool_use::run(scene, uses),
        (Body::Expansion(expansion), _) => prompt_expansion::run(scene, expansion),
        (Body::Config(config), _) => config_change::run(scene, config),
        (Body::Result(result), _) => Ok(post_tool_use::run(scene, result)),
        (Body::Failure(failure), _) => Ok(post_tool_use::failed(scene, failure)),
        (Body::Instructions(loaded), _) => Ok(untrusted::instructions(scene, loaded)),
        (Body::Batch(calls), _) => Ok(post_tool_use::batch(scene, calls)),
        (Body::Prompt(prompt), _) => Ok(prompted(scene, prompt)),
        (Body::SessionEnd(_), _) => Ok(ended(scene)),
        (Body::SessionStart(_), _) => Ok(session_start::run(scene)),
        (Body::Done(done), _) => quality::run(scene, done),
        (_, Name::SubagentStart) => Ok(untrusted::subagent(scene)),
        _ => Ok(Outcome {
            reply: Reply::new(scene.name(), Answer::Pass),
            entry: Entry::default(),
        }),
    }
}

/// A prompt, unless the conversation that it would send holds a secret.
fn prompted(scene: &Scene<'_>, prompt: &event::Prompt<'_>) -> Outcome {
    let state = scene.place.state.as_deref();
    match left::reason(state, &scene.event.session, prompt.text) {
        None => {
            let mut outcome = prompt::run(scene, prompt);
            // what was withheld comes again
            if !matches!(outcome.reply.answer, Answer::Withhold(_)) {
                let notes = taint::prompted(scene, prompt);
                outcome.reply.notes.extend(notes);
            }
            outcome
        }
        Some(reason) => Outcome {
            reply: Reply::new(scene.name(), Answer::Deny(reason)),
            entry: Entry {
                decision: "deny",
                ..Entry::default()
            },
        },
    }
}

/// The end of a session: a record that was cleaned can be taken up again.
fn ended(scene: &Scene<'_>) -> Outcome {
    let outcome = clean::at_end(scene);
    quality::forget(scene.place.state.as_deref(), &scene.event.session);
    if outcome.reply.notes.is_empty() {
        left::forget(scene.place.state.as_deref(), &scene.event.session);
    }
    outcome
}

fn failed(name: Name, failure: &Failure) -> Outcome {
    let reply = failure.reply(name);
    let entry = Entry {
        decision: match reply.answer {
            Answer::Deny(_) => "deny",
            _ => "report",
        },
        findings: vec![failure.finding()],
        ..Entry::default()
    };
    Outcome { reply, entry }
}

/// What ccs itself says quotes what the model wrote, and is read by the model and kept in the log.
fn without_secrets(mut outcome: Outcome, place: &Place) -> Outcome {
    let Outcome { reply, entry } = &mut outcome;
    let said = match &mut reply.answer {
        Answer::Ask(text)
        | Answer::Deny(text)
        | Answer::Withhold(text)
        | Answer::Refuse(text)
        | Answer::Mutter(text) => Some(text),
        _ => None,
    };
    let evidence = entry.findings.iter_mut().map(|one| &mut one.evidence);
    let texts = said.into_iter().chain(&mut reply.notes).chain(evidence);
    let mut texts = texts.filter(|text| !text.is_empty()).peekable();
    if texts.peek().is_some() {
        let secrets = Secrets::without_exceptions(place.state.as_deref());
        for text in texts {
            if let Some(clean) = secrets.redact(text, &mut Taken::default()) {
                *text = clean;
            }
        }
    }
    outcome
}

/// Puts the event and its answer into the audit trail; if that fails, the answer may change.
fn logged(
    outcome: Outcome,
    place: &Place,
    around: &Surroundings,
    (session, input): (&Session<'_>, Option<&Object<'_>>),
    started: Instant,
) -> Reply {
    let Outcome { reply, entry } = without_secrets(outcome, place);
    let happening = Happening {
        name: reply.event,
        place,
        around,
        session,
        input,
        entry: &entry,
        took: started.elapsed(),
    };
    record::record(&happening, reply)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn misuse(arguments: &[&str]) -> Option<(Option<Name>, String)> {
        let arguments = arguments.iter().map(OsString::from);
        let (event, failure) = task(arguments).err()?;
        Some((event, failure.to_string()))
    }

    #[test]
    fn the_command_line_is_an_event_and_perhaps_a_state_folder() {
        assert!(misuse(&["pre-tool-use"]).is_none());
        assert!(misuse(&["stop", "--state", "/home/dev/.claude/ccs"]).is_none());
    }

    #[test]
    fn a_wrong_command_line_names_what_is_wrong() {
        let gate = Some(Name::PreToolUse);
        for (arguments, event, text) in [
            (&[][..], None, "no event is named"),
            (&["PreToolUse"], None, "`PreToolUse` is no event"),
            (
                &["pre-tool-use", "--state"],
                gate,
                "`--state` names no folder",
            ),
            (
                &["pre-tool-use", "--state", "ccs"],
                gate,
                "`--state ccs` is not absolute",
            ),
            (
                &["pre-tool-use", "--log"],
                gate,
                "`--log` is not understood",
            ),
            (
                &["pre-tool-use", "--state", "/a", "x"],
                gate,
                "`x` is not understood",
            ),
        ] {
            let (found, message) = misuse(arguments).expect("a misuse");
            assert_eq!(found, event);
            assert!(message.starts_with(text), "{message}");
        }
    }

    struct Broken;

    impl Read for Broken {
        fn read(&mut self, _: &mut [u8]) -> std::io::Result<usize> {
            Err(std::io::Error::other("gone"))
        }
    }

    #[test]
    fn input_is_read_up_to_the_bound_and_not_beyond() {
        let fits = vec![b' '; usize::try_from(crate::MAX_INPUT).expect("a size")];
        assert!(read(&mut fits.as_slice()).is_ok());
        assert!(matches!(
            read(&mut std::io::repeat(b' ')),
            Err(Failure::TooBig)
        ));
        assert!(matches!(read(&mut Broken), Err(Failure::Unreadable(_))));
    }
}
