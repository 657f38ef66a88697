//! `ccs judge relay`: asks in the place of a hook, which has no TLS and opens no vault.
//!
//! The request's body is the input; the output is a line with the status, or `-` and why there is
//! none, and then the answer's body.

use std::io::{Read, Write};
use std::time::Duration;

use anyhow::Context;
use ccs_hooks::opinion::{Config, KeySource};
use ccs_vault::provider::{Limits, Reference, SystemRunner};
use ccs_vault::{Name, Secret};
use ureq::Agent;
use zeroize::Zeroizing;

use crate::args::vault::Unlock;
use crate::exit::Code;
use crate::output::Output;
use crate::places::Places;
use crate::vault;

/// The longest question, and the longest answer, in bytes.
const MAX: u64 = 256 << 10;

pub(super) fn run(places: &Places, output: &mut Output) -> anyhow::Result<Code> {
    let mut question = Vec::new();
    std::io::stdin()
        .lock()
        .take(MAX)
        .read_to_end(&mut question)?;
    match answer(&super::configured(places)?, places, &question) {
        Ok((status, body)) => {
            writeln!(output, "{status}")?;
            output.write_all(&body)?;
            Ok(Code::Ok)
        }
        Err(error) => {
            let why = format!("{error:#}").replace(['\n', '\r'], " ");
            writeln!(output, "- {why}")?;
            Ok(Code::File)
        }
    }
}

fn answer(config: &Config, places: &Places, question: &[u8]) -> anyhow::Result<(u16, Vec<u8>)> {
    let endpoint = config.endpoint().map_err(anyhow::Error::msg)?;
    let url = endpoint
        .url()
        .context("a Unix socket is asked without this")?;
    let mut request = agent(config).post(&url).content_type("application/json");
    if let Some(source) = &config.key {
        let key = key(source, places)?;
        let key = std::str::from_utf8(key.expose()).context("the key is not UTF-8")?;
        let value = Zeroizing::new(format!("Bearer {}", key.trim_end()));
        request = request.header("Authorization", value.as_str());
    }
    let mut answer = request.send(question)?;
    let status = answer.status().as_u16();
    let mut body = Vec::new();
    let reader = answer.body_mut().as_reader();
    reader.take(MAX + 1).read_to_end(&mut body)?;
    Ok((status, body))
}

/// Redirections are not followed: what is configured is what is asked.
fn agent(config: &Config) -> Agent {
    let agent = Agent::config_builder()
        .timeout_global(Some(Duration::from_millis(config.deadline_ms)))
        .http_status_as_error(false)
        .max_redirects(0)
        .max_redirects_will_error(false)
        .proxy(None)
        .user_agent(concat!("ccs/", env!("CARGO_PKG_VERSION")));
    agent.build().into()
}

fn key(source: &KeySource, places: &Places) -> anyhow::Result<Secret> {
    match source {
        KeySource::Vault(name) => {
            let vault = vault::open(&Unlock::default(), places)?;
            Ok(vault.fetch(&Name::new(name)?, &SystemRunner, Limits::default())?)
        }
        KeySource::Command(words) => {
            let reference = Reference::command(words.iter().cloned())?;
            let fetched = reference.fetch(&SystemRunner, Limits::default());
            fetched.map_err(|fault| anyhow::anyhow!("the program for the key: {fault}"))
        }
    }
}
