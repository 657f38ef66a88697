//! What the owner decided about the judge: `judge/config.json` in the state folder. A project has no
//! say, and neither has the environment.

use std::path::{Path, PathBuf};
use std::time::Duration;

use serde::{Deserialize, Serialize};

use super::endpoint::Endpoint;
use crate::files;

/// The folder of everything about the judge, in the state folder.
pub const FOLDER: &str = "judge";
/// The configuration within that folder.
pub const FILE: &str = "config.json";
/// The longest configuration, in bytes.
const MAX_FILE: u64 = 64 << 10;
/// The form of the file.
const VERSION: u32 = 1;
/// A hook has ten seconds in the settings that setup writes; some of them belong to the hook itself.
const DEADLINE: std::ops::RangeInclusive<u64> = 50..=8_000;
/// How many bytes of a text one question may show.
const INPUT: std::ops::RangeInclusive<usize> = 1_000..=64_000;
/// Models with fewer parameters than this, in billions, may not make a verdict milder.
const FLOOR: f32 = 7.0;

/// The protocol an endpoint speaks.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Api {
    /// Chat completions as OpenAI has them: RedSage, llama.cpp, vLLM, LM Studio …
    OpenAi,
    /// Ollama's own.
    Ollama,
}

/// Where the key of an endpoint comes from. It is never in the file.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum KeySource {
    /// The entry of the vault with this name.
    Vault(String),
    /// What this program prints.
    Command(Vec<String>),
}

/// How the judge is asked.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Config {
    /// The form of the file: 1.
    pub version: u32,
    /// Whether hooks ask.
    pub enabled: bool,
    /// `http://`, `https://` or `unix:/PATH`; see [`Endpoint`].
    pub endpoint: String,
    /// The protocol there.
    pub api: Api,
    /// The model that is asked for.
    pub model: String,
    /// How long one question may take, from the first byte to the last, in milliseconds.
    #[serde(default = "deadline")]
    pub deadline_ms: u64,
    /// How many bytes of a text are shown at most.
    #[serde(default = "input")]
    pub max_input: usize,
    /// Of the texts from places never seen before in which nothing was found, how many of a hundred
    /// are shown to the judge.
    #[serde(default = "sample")]
    pub sample_percent: u8,
    /// Whether it may let through what the scanner warns of.
    #[serde(default = "yes")]
    pub lower: bool,
    /// Whether the endpoint is told the JSON schema of its answer.
    #[serde(default = "yes")]
    pub schema: bool,
    /// Whether texts may leave this machine.
    #[serde(default)]
    pub remote: bool,
    /// Where the endpoint's key comes from, if it wants one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub key: Option<KeySource>,
    /// The `ccs` program, which asks endpoints that need TLS or a key.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ccs: Option<PathBuf>,
}

fn deadline() -> u64 {
    800
}

fn input() -> usize {
    12_000
}

fn sample() -> u8 {
    10
}

fn yes() -> bool {
    true
}

impl Config {
    /// The defaults for an endpoint: switched on, 800 ms, 12,000 bytes, loopback only.
    #[must_use]
    pub fn new(endpoint: impl Into<String>, api: Api, model: impl Into<String>) -> Self {
        Self {
            version: VERSION,
            enabled: true,
            endpoint: endpoint.into(),
            api,
            model: model.into(),
            deadline_ms: deadline(),
            max_input: input(),
            sample_percent: sample(),
            lower: true,
            schema: true,
            remote: false,
            key: None,
            ccs: None,
        }
    }

    /// Where the file lies in a state folder.
    #[must_use]
    pub fn path(state: &Path) -> PathBuf {
        state.join(FOLDER).join(FILE)
    }

    /// Reads the file of a state folder; `None` if there is none.
    ///
    /// # Errors
    ///
    /// A sentence that names the file: it cannot be read, others could have written it, or what it
    /// says cannot be meant.
    pub fn read(state: &Path) -> Result<Option<Self>, String> {
        let path = Self::path(state);
        let named = |why: String| format!("`{}`: {why}", path.display());
        let bytes = files::read_private(&path, MAX_FILE).map_err(|why| named(why.to_string()))?;
        let Some(bytes) = bytes else {
            return Ok(None);
        };
        let config: Self =
            serde_json::from_slice(&bytes).map_err(|error| named(error.to_string()))?;
        config.check().map_err(named)?;
        Ok(Some(config))
    }

    /// What the form alone does not say.
    ///
    /// # Errors
    ///
    /// The first thing that cannot be meant.
    pub fn check(&self) -> Result<(), String> {
        if self.version != VERSION {
            return Err(format!("version {} is not known", self.version));
        }
        if self.model.is_empty() || self.model.len() > 200 {
            return Err("a model has a name, of 200 bytes at most".into());
        }
        within("deadline_ms", self.deadline_ms, &DEADLINE)?;
        within("max_input", self.max_input, &INPUT)?;
        within("sample_percent", self.sample_percent, &(0..=100))?;
        if matches!(&self.key, Some(KeySource::Command(words)) if words.is_empty()) {
            return Err("the command for the key is empty".into());
        }
        let endpoint = self.endpoint()?;
        if !endpoint.is_local() && !self.remote {
            return Err(format!(
                "`{}` is not on this machine; `\"remote\": true` allows that",
                self.endpoint
            ));
        }
        if self.key.is_some() && endpoint.socket().is_some() {
            return Err("a Unix socket is protected by its permissions and takes no key".into());
        }
        if self.needs_ccs(&endpoint) && !self.ccs.as_ref().is_some_and(|ccs| ccs.is_absolute()) {
            return Err("an endpoint with TLS or a key needs `ccs`, an absolute path".into());
        }
        Ok(())
    }

    /// Where questions go.
    ///
    /// # Errors
    ///
    /// Why the address is none.
    pub fn endpoint(&self) -> Result<Endpoint, String> {
        Endpoint::parse(&self.endpoint, self.api)
    }

    /// Whether the hook cannot ask by itself: it has no TLS and opens no vault.
    pub(super) fn needs_ccs(&self, endpoint: &Endpoint) -> bool {
        endpoint.is_tls() || self.key.is_some()
    }

    pub(super) fn deadline(&self) -> Duration {
        Duration::from_millis(self.deadline_ms)
    }

    /// Whether the judge may make a verdict milder: switched on, and the model is no small one.
    #[must_use]
    pub fn may_lower(&self) -> bool {
        self.lower && billions(&self.model).is_none_or(|size| size >= FLOOR)
    }
}

fn within<T: PartialOrd + std::fmt::Display>(
    name: &str,
    value: T,
    range: &std::ops::RangeInclusive<T>,
) -> Result<(), String> {
    if range.contains(&value) {
        return Ok(());
    }
    let (least, most) = (range.start(), range.end());
    Err(format!("{name} is {value}; it can be {least} to {most}"))
}

/// The size in a model's name: `llama3.2:3b`, `qwen2.5-0.5b-instruct`.
fn billions(model: &str) -> Option<f32> {
    let lower = model.to_ascii_lowercase();
    let words = lower.split(|c: char| !(c.is_ascii_alphanumeric() || c == '.'));
    words
        .filter_map(|word| word.strip_suffix('b'))
        .find_map(|number| number.parse().ok())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn config(endpoint: &str) -> Config {
        Config::new(endpoint, Api::OpenAi, "redsage")
    }

    #[test]
    fn a_model_that_says_it_is_small_may_not_lower() {
        for (model, may) in [
            ("llama3.2:3b", false),
            ("qwen2.5-0.5b-instruct", false),
            ("redsage", true),
            ("RedSage-8B-Ins", true),
            ("llama3.1:70b-q4", true),
            ("b", true),
        ] {
            let config = Config::new("http://localhost/", Api::OpenAi, model);
            assert_eq!(config.may_lower(), may, "{model}");
        }
    }

    #[test]
    fn texts_leave_the_machine_only_when_its_owner_says_so_and_only_encrypted() {
        let mut remote = config("https://judge.example.com/v1/chat/completions");
        assert!(
            remote
                .check()
                .is_err_and(|why| why.contains("not on this machine"))
        );
        remote.remote = true;
        assert!(remote.check().is_err_and(|why| why.contains("needs `ccs`")));
        remote.ccs = Some("/usr/local/bin/ccs".into());
        assert_eq!(remote.check(), Ok(()));

        let mut plain = config("http://judge.example.com/v1/chat/completions");
        plain.remote = true;
        assert!(plain.check().is_err_and(|why| why.contains("https")));
    }

    #[test]
    fn what_cannot_be_meant_is_refused() {
        let refused = |change: fn(&mut Config)| {
            let mut config = config("http://127.0.0.1:8800/v1/chat/completions");
            change(&mut config);
            config.check().expect_err("refused")
        };
        assert!(refused(|it| it.version = 2).contains("version 2"));
        assert!(refused(|it| it.deadline_ms = 60_000).contains("50 to 8000"));
        assert!(refused(|it| it.max_input = 10).contains("1000 to"));
        assert!(refused(|it| it.sample_percent = 101).contains("0 to 100"));
        assert!(refused(|it| it.model.clear()).contains("a model"));
        assert!(refused(|it| it.key = Some(KeySource::Command(Vec::new()))).contains("empty"));
        assert!(refused(|it| it.key = Some(KeySource::Vault("K".into()))).contains("needs `ccs`"));
    }

    #[test]
    fn an_unknown_field_is_an_error_and_not_ignored() {
        let state = tempfile::tempdir().expect("a folder");
        files::make_private_folder(&state.path().join(FOLDER)).expect("a folder");
        assert_eq!(Config::read(state.path()), Ok(None));

        let text = br#"{"version":1,"enabled":true,"endpoint":"http://localhost/","api":"ollama",
            "model":"m","endpiont":"http://localhost/"}"#;
        files::replace(&Config::path(state.path()), text).expect("written");
        let refused = Config::read(state.path()).expect_err("refused");
        assert!(
            refused.contains("endpiont") && refused.contains("config.json"),
            "{refused}"
        );
    }
}
