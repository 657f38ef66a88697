//! What the installer did, so that the hooks can tell whether it still holds.

use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

use crate::files;
use crate::protocol::json::{self, Object, Value};
use crate::protocol::name::{Name, Stance};

/// The longest record, in bytes.
const MAX_RECORD: u64 = 1 << 20;
/// The version this program writes and reads.
const VERSION: u32 = 1;

/// The install record: `install.json` in the state folder.
///
/// # Examples
///
/// ```
/// use ccs_hooks::install::Record;
///
/// let text = r#"{"version":1,"settings":["/home/dev/.claude/settings.json"],
///     "hook":"/home/dev/.claude/ccs/bin/ccs-hook","events":["PreToolUse"]}"#;
/// let record = Record::parse(text.as_bytes())?;
///
/// let damage = record.damage(Some(b"{}"), "/home/dev/.claude/ccs".as_ref());
/// assert_eq!(damage[0].to_string(), "the handler for PreToolUse is missing");
/// # Ok::<(), ccs_hooks::install::Error>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Record {
    /// The version of this format, 1.
    pub version: u32,
    /// The settings files that hold handlers, absolute; each holds all of them.
    pub settings: Vec<PathBuf>,
    /// The hook program, absolute.
    pub hook: PathBuf,
    /// The events it is registered for, as the client names them: `PreToolUse`.
    pub events: Vec<String>,
}

/// Why there is no usable record.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// It could not be read.
    #[error("`{}`: {error}", path.display())]
    File {
        /// The record.
        path: PathBuf,
        /// Why.
        error: files::Error,
    },
    /// It could not be written.
    #[error("`{}` cannot be written: {error}", path.display())]
    Write {
        /// The record.
        path: PathBuf,
        /// Why.
        error: std::io::Error,
    },
    /// It is not a record.
    #[error("not an install record: {0}")]
    Format(#[from] serde_json::Error),
    /// A newer program wrote it.
    #[error("install record of version {0}; this program knows {VERSION}")]
    Version(u32),
}

/// One way in which a settings file no longer does what the installer made it do.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum Damage {
    /// The file is gone.
    #[error("the file is gone")]
    Gone,
    /// The client cannot read the file and drops every hook in it.
    #[error("the file is not JSON: {0}")]
    NotJson(json::Error),
    /// The client drops every hook of a file in which one is malformed.
    #[error("{0}, so that the client loads none of the file's hooks")]
    Malformed(String),
    /// `disableAllHooks` is on.
    #[error("`disableAllHooks` is on")]
    Disabled,
    /// No handler for the event runs the hook program.
    #[error("the handler for {0} is missing")]
    Missing(String),
    /// A handler runs the hook program in a way that lets calls through.
    #[error("the handler for {event} {how}")]
    Weakened {
        /// The event.
        event: String,
        /// In which way.
        how: &'static str,
    },
}

impl Record {
    /// The record's name within the state folder.
    pub const FILE: &'static str = "install.json";

    /// A record of handlers for `events` in `settings` that run `hook`.
    #[must_use]
    pub fn new(settings: Vec<PathBuf>, hook: PathBuf, events: &[Name]) -> Self {
        Self {
            version: VERSION,
            settings,
            hook,
            events: events.iter().map(ToString::to_string).collect(),
        }
    }

    /// Reads the record in the state folder; `None` if there is none.
    ///
    /// # Errors
    ///
    /// [`Error`] if there is one that cannot be trusted or understood.
    pub fn read(state: &Path) -> Result<Option<Self>, Error> {
        let path = state.join(Self::FILE);
        match files::read_private(&path, MAX_RECORD) {
            Ok(Some(bytes)) => Self::parse(&bytes).map(Some),
            Ok(None) => Ok(None),
            Err(error) => Err(Error::File { path, error }),
        }
    }

    /// Reads a record from its text.
    ///
    /// # Errors
    ///
    /// [`Error::Format`] or [`Error::Version`].
    pub fn parse(text: &[u8]) -> Result<Self, Error> {
        let record: Self = serde_json::from_slice(text)?;
        match record.version {
            VERSION => Ok(record),
            other => Err(Error::Version(other)),
        }
    }

    /// Writes the record into the state folder, in one step and readable by this user only.
    ///
    /// # Errors
    ///
    /// [`Error::Write`] if the folder or the file cannot be written.
    pub fn write(&self, state: &Path) -> Result<(), Error> {
        let path = state.join(Self::FILE);
        let text = serde_json::to_vec_pretty(self)?;
        files::make_private_folder(state)
            .and_then(|()| files::replace(&path, &text))
            .map_err(|error| Error::Write { path, error })
    }

    /// What keeps a settings file with these contents from protecting as installed. `settings`
    /// is `None` if the file is gone, `state` the folder the handlers name. Empty if all is well.
    #[must_use]
    pub fn damage(&self, settings: Option<&[u8]>, state: &Path) -> Vec<Damage> {
        let Some(bytes) = settings else {
            return vec![Damage::Gone];
        };
        let text = json::text(bytes);
        let value = match json::parse(&text) {
            Ok(value) => value,
            Err(error) => return vec![Damage::NotJson(error)],
        };
        let Some(object) = value.as_object() else {
            return vec![Damage::Malformed("the file is not an object".into())];
        };
        if is_disabled(object) {
            return vec![Damage::Disabled];
        }
        if let Err(what) = well_formed(object) {
            return vec![Damage::Malformed(what)];
        }
        let damaged = |event: &String| self.handler_damage(object, event, state);
        self.events.iter().filter_map(damaged).collect()
    }

    fn handler_damage(&self, object: &Object<'_>, event: &str, state: &Path) -> Option<Damage> {
        let known = Name::ALL.iter().find(|name| name.as_str() == event);
        let mut found = Some(Damage::Missing(event.into()));
        for (group, handler) in handlers(object, event) {
            if handler.text("command").map(Path::new) != Some(self.hook.as_path()) {
                continue;
            }
            match weakness(group, handler, known.copied(), state) {
                None => return None,
                Some(how) => {
                    let event = event.into();
                    found = Some(Damage::Weakened { event, how });
                }
            }
        }
        found
    }
}

/// The arguments of the handler for `event`: the exec form, with the state folder spelled out,
/// because nothing in a hook's environment can be trusted to name it.
#[must_use]
pub fn arguments(event: Name, state: &Path) -> [String; 3] {
    let state = state.to_string_lossy().into_owned();
    [event.kebab().into(), "--state".into(), state]
}

/// Whether settings switch every hook of a lower scope off.
pub(crate) fn is_disabled(settings: &Object<'_>) -> bool {
    settings
        .all("disableAllHooks")
        .any(|value| matches!(value, Value::Bool(true)))
}

/// Every handler for `event` with the group it stands in.
fn handlers<'o>(
    settings: &'o Object<'o>,
    event: &'o str,
) -> impl Iterator<Item = (&'o Object<'o>, &'o Object<'o>)> {
    let hooks = settings.last("hooks").and_then(Value::as_object);
    let groups = hooks
        .and_then(|hooks| hooks.last(event))
        .and_then(Value::as_array);
    groups
        .into_iter()
        .flatten()
        .filter_map(Value::as_object)
        .flat_map(|group| {
            let handlers = group.last("hooks").and_then(Value::as_array);
            let handlers = handlers.into_iter().flatten().filter_map(Value::as_object);
            handlers.map(move |handler| (group, handler))
        })
}

/// How a handler that runs our program lets calls through, if it does.
fn weakness(
    group: &Object<'_>,
    handler: &Object<'_>,
    event: Option<Name>,
    state: &Path,
) -> Option<&'static str> {
    let is_on = |key| matches!(handler.last(key), Some(Value::Bool(true)));
    let gates = event.is_some_and(|event| event.stance() == Stance::Gate);
    let everything = match group.last("matcher") {
        None => true,
        Some(matcher) => matches!(matcher.as_str(), Some("" | "*")),
    };
    if !everything {
        Some("runs only for some matchers")
    } else if handler.last("if").is_some() {
        Some("runs only under a condition")
    } else if handler.text("type") != Some("command") {
        Some("does not run a command")
    } else if is_on("async") || is_on("asyncRewake") || is_on("once") {
        Some("does not hold the client up")
    } else if event.is_some_and(|event| !has_arguments(handler, event, state)) {
        Some("runs with other arguments")
    } else if gates && handler.text("onFailure") != Some("block") {
        Some("lets the call through when it fails")
    } else {
        None
    }
}

fn has_arguments(handler: &Object<'_>, event: Name, state: &Path) -> bool {
    let list = handler
        .last("args")
        .and_then(Value::as_array)
        .unwrap_or_default();
    let given: Option<Vec<&str>> = list.iter().map(Value::as_str).collect();
    given.is_some_and(|given| given == arguments(event, state))
}

/// Whether `hooks` has the shape the client wants; it drops a file's hooks if one has not.
fn well_formed(settings: &Object<'_>) -> Result<(), String> {
    let Some(hooks) = settings.last("hooks") else {
        return Ok(());
    };
    let hooks = hooks.as_object().ok_or("`hooks` is not an object")?;
    for (event, groups) in &hooks.pairs {
        let wrong = |what: &str| format!("{what} under `hooks.{event}`");
        let groups = groups.as_array().ok_or_else(|| wrong("there is no list"))?;
        for group in groups {
            let group = group.as_object();
            let list = group
                .and_then(|group| group.last("hooks"))
                .and_then(Value::as_array);
            let list = list.ok_or_else(|| wrong("there is a group without `hooks`"))?;
            let typed = |value: &Value<'_>| {
                value
                    .as_object()
                    .is_some_and(|handler| handler.text("type").is_some())
            };
            if !list.iter().all(typed) {
                return Err(wrong("there is a handler without `type`"));
            }
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    const STATE: &str = "/home/dev/.claude/ccs";

    fn record() -> Record {
        let settings = vec![PathBuf::from("/home/dev/.claude/settings.json")];
        Record::new(
            settings,
            "/opt/ccs-hook".into(),
            &[Name::PreToolUse, Name::SessionStart],
        )
    }

    fn handler(event: Name) -> serde_json::Value {
        json!({"type": "command", "command": "/opt/ccs-hook", "onFailure": "block",
            "args": arguments(event, Path::new(STATE)), "timeout": 10})
    }

    fn settings() -> serde_json::Value {
        json!({"model": "x", "hooks": {
            "PreToolUse": [
                {"matcher": "Bash", "hooks": [{"type": "command", "command": "other"}]},
                {"hooks": [handler(Name::PreToolUse)]}],
            "SessionStart": [{"matcher": "", "hooks": [handler(Name::SessionStart)]}]}})
    }

    fn damage(settings: &serde_json::Value) -> Vec<String> {
        let damage = record().damage(Some(settings.to_string().as_bytes()), Path::new(STATE));
        damage.iter().map(ToString::to_string).collect()
    }

    #[test]
    fn settings_as_installed_are_whole_beside_other_hooks() {
        assert_eq!(damage(&settings()), [""; 0]);
    }

    #[test]
    fn each_way_to_take_the_handlers_out_is_seen() {
        for (bytes, text) in [
            (
                &b"{"[..],
                "the file is not JSON: the text ends too early at byte 1",
            ),
            (
                b"// no\n{}",
                "the file is not JSON: expected a value at byte 0",
            ),
            (
                b"[]",
                "the file is not an object, so that the client loads none of the file's hooks",
            ),
            (b"{\"disableAllHooks\":true}", "`disableAllHooks` is on"),
            (
                b"{\"disableAllHooks\":true,\"disableAllHooks\":false}",
                "`disableAllHooks` is on",
            ),
            (
                b"{\"hooks\":[]}",
                "`hooks` is not an object, so that the client loads none of the file's hooks",
            ),
        ] {
            let damage = record().damage(Some(bytes), Path::new(STATE));
            assert_eq!(damage[0].to_string(), text);
        }
        assert_eq!(record().damage(None, Path::new(STATE)), [Damage::Gone]);
        assert_eq!(
            damage(&json!({})),
            [
                "the handler for PreToolUse is missing",
                "the handler for SessionStart is missing"
            ]
        );
    }

    #[test]
    fn a_malformed_sibling_takes_our_handlers_with_it() {
        for sibling in [
            json!({"Stop": {}}),
            json!({"Stop": [{}]}),
            json!({"Stop": [{"hooks": [{}]}]}),
        ] {
            let mut settings = settings();
            settings["hooks"]["Stop"] = sibling["Stop"].clone();
            assert!(damage(&settings)[0].contains("loads none of the file's hooks"));
        }
    }

    #[test]
    fn each_way_to_weaken_a_handler_is_seen() {
        for (key, value, how) in [
            ("if", json!("Bash(ls)"), "runs only under a condition"),
            ("type", json!("prompt"), "does not run a command"),
            ("async", json!(true), "does not hold the client up"),
            ("once", json!(true), "does not hold the client up"),
            ("args", json!(["pre-tool-use"]), "runs with other arguments"),
            (
                "args",
                json!(["pre-tool-use", "--state", "/tmp"]),
                "runs with other arguments",
            ),
            (
                "args",
                json!(["stop", "--state", STATE]),
                "runs with other arguments",
            ),
            (
                "onFailure",
                json!("continue"),
                "lets the call through when it fails",
            ),
            (
                "onFailure",
                json!("deny"),
                "lets the call through when it fails",
            ),
        ] {
            let mut settings = settings();
            settings["hooks"]["PreToolUse"][1]["hooks"][0][key] = value;
            assert_eq!(
                damage(&settings),
                [format!("the handler for PreToolUse {how}")]
            );
        }
        let mut settings = settings();
        settings["hooks"]["PreToolUse"][1]["matcher"] = json!("Read");
        assert_eq!(
            damage(&settings),
            ["the handler for PreToolUse runs only for some matchers"]
        );
    }

    #[test]
    fn a_second_handler_as_installed_makes_up_for_a_weak_one() {
        let mut settings = settings();
        settings["hooks"]["PreToolUse"][0]["hooks"][0] = handler(Name::PreToolUse);
        assert_eq!(damage(&settings), [""; 0]);
    }

    #[test]
    fn a_record_is_read_as_it_was_written() {
        let folder = tempfile::tempdir().expect("a folder");
        let state = folder.path().join("ccs");
        assert!(matches!(Record::read(&state), Ok(None)));

        record().write(&state).expect("written");

        assert_eq!(Record::read(&state).expect("a record"), Some(record()));
    }

    #[test]
    fn a_record_of_another_version_or_shape_is_refused() {
        let newer = r#"{"version":2,"settings":[],"hook":"/x","events":[]}"#;
        assert!(matches!(
            Record::parse(newer.as_bytes()),
            Err(Error::Version(2))
        ));
        assert!(matches!(
            Record::parse(b"{\"version\":1}"),
            Err(Error::Format(_))
        ));
    }
}
