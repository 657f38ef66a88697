//! What alerts do outside a hook: a word on the desktop, a program, a webhook, an incident.

use std::io::Write;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use anyhow::{Context, bail};
use ccs_audit::ship::{Refused, Sink};
use ccs_audit::{Filter, Reader, Stored, Time, alert};
use ccs_hooks::alerts::{Action, Alert};
use ccs_hooks::lockdown;
use serde_json::{Value, json};

use super::config::Config;
use crate::incident;
use crate::output::audit::plain;
use crate::places::Places;
use crate::web;

/// How long a program may run.
const TIMEOUT: Duration = Duration::from_secs(30);

/// An alert as it is told to others. What entries quote is not in it.
pub(crate) fn told(alert: &Alert, entry: Option<&Stored>) -> Value {
    let record = entry.map(|stored| &stored.record);
    json!({
        "alert": alert.name,
        "count": alert.count,
        "minutes": alert.minutes,
        "time": record.map(|record| record.time.to_string()),
        "session": record.map(|record| record.session.as_str()),
        "seq": record.map(|record| record.seq),
        "what": record.map(|record| record.target.as_str()),
        "test": entry.is_none(),
    })
}

/// Carries one action out.
pub(crate) fn act(
    action: &Action,
    alert: &Alert,
    told: &Value,
    config: &Config,
    places: &Places,
) -> anyhow::Result<()> {
    match action {
        Action::Notify => notify(alert),
        Action::Block => block(alert, places),
        Action::Command(words) => command(words, told),
        Action::Webhook(url) => webhook(url, told, config),
    }
}

/// The name of an action, without what may be private in it.
pub(crate) fn name(action: &Action) -> String {
    match action {
        Action::Notify => "notify".to_owned(),
        Action::Block => "block".to_owned(),
        Action::Command(words) => {
            format!("command {}", words.first().map_or("", String::as_str))
        }
        Action::Webhook(url) => format!("webhook {}", plain(&origin(url), 80)),
    }
}

/// Scheme and host; what follows is often a secret.
fn origin(url: &str) -> String {
    url.split('/').take(3).collect::<Vec<_>>().join("/")
}

fn notify(alert: &Alert) -> anyhow::Result<()> {
    let text = format!(
        "alert {}: {} within {} minutes",
        alert.name, alert.count, alert.minutes
    );
    let program = if cfg!(target_os = "macos") {
        let script = format!("display notification \"{text}\" with title \"ccs\"");
        Command::new("osascript").args(["-e", &script]).status()
    } else {
        Command::new("notify-send")
            .args(["--urgency=critical", "--app-name=ccs", "ccs", &text])
            .stderr(Stdio::null())
            .status()
    };
    match program {
        Ok(status) if status.success() => Ok(()),
        // no desktop: the bell of the terminal this runs in
        _ => Ok(std::io::stderr().write_all(format!("\u{7}ccs: {text}\n").as_bytes())?),
    }
}

fn block(alert: &Alert, places: &Places) -> anyhow::Result<()> {
    let reason = format!("{} within {} minutes", alert.count, alert.minutes);
    let declared = incident::new(&reason, &format!("alert {}", alert.name))?;
    lockdown::start(&places.state, &declared).context("no incident could be declared")?;
    Ok(())
}

fn command(words: &[String], told: &Value) -> anyhow::Result<()> {
    let [program, arguments @ ..] = words else {
        bail!("there is no program");
    };
    let mut child = Command::new(program)
        .args(arguments)
        .stdin(Stdio::piped())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .with_context(|| format!("cannot run `{program}`"))?;
    if let Some(mut input) = child.stdin.take() {
        let _ = input.write_all(told.to_string().as_bytes()); // it need not listen
    }
    let since = Instant::now();
    loop {
        match child.try_wait()? {
            Some(status) if status.success() => return Ok(()),
            Some(status) => bail!("`{program}` ended with {status}"),
            None if since.elapsed() > TIMEOUT => {
                child.kill()?;
                child.wait()?;
                bail!("`{program}` ran for more than {} s", TIMEOUT.as_secs());
            }
            None => std::thread::sleep(Duration::from_millis(20)),
        }
    }
}

fn webhook(url: &str, told: &Value, config: &Config) -> anyhow::Result<()> {
    if !config.may_call(url) {
        bail!("`{}` is not among the webhooks", origin(url));
    }
    let answer = web::post(url, "", "application/json", &told.to_string());
    // neither the address nor what an error quotes of it goes into messages
    match answer {
        Ok(answer) if (200..300).contains(&answer.status) => Ok(()),
        Ok(answer) => bail!("`{}` answered {}", origin(url), answer.status),
        Err(_) => bail!("`{}` was not reached", origin(url)),
    }
}

impl Actor<'_> {
    /// An alert of long ago, or one whose incident a person has ended since, does not declare
    /// another.
    fn still_blocks(&mut self, alert: &Alert, stored: &Stored) -> bool {
        let minutes = i64::try_from(alert.minutes).unwrap_or(i64::MAX);
        let is_old = stored.record.time < Time::now().plus_seconds(minutes.saturating_mul(-60));
        let ended = Filter {
            event: incident::ENDED.to_owned(),
            after: Some(stored.record.seq),
            limit: 1,
            ..Filter::default()
        };
        let ended = self
            .reader
            .refresh()
            .and_then(|()| self.reader.query(&ended));
        // a log that cannot be read is no reason to let calls through
        !is_old && ended.map_or(true, |ended| ended.is_empty())
    }
}

/// Acts on alerts as they stand in the log. An action that fails is tried again with the others of
/// its alert, so that each is carried out at least once.
pub(crate) struct Actor<'a> {
    pub(crate) config: &'a Config,
    pub(crate) places: &'a Places,
    /// Looks for incidents that were ended.
    pub(crate) reader: Reader,
    pub(crate) done: Vec<String>,
}

impl Sink for Actor<'_> {
    fn send(&mut self, batch: &[Stored]) -> Result<(), Refused> {
        for stored in batch {
            let name = stored.record.rules.first();
            let known = self
                .config
                .alerts
                .iter()
                .find(|alert| Some(&alert.name) == name);
            let Some(alert) = known.filter(|_| stored.record.event == alert::EVENT) else {
                continue;
            };
            let told = told(alert, Some(stored));
            for action in &alert.actions {
                if *action == Action::Block && !self.still_blocks(alert, stored) {
                    continue;
                }
                let acted = act(action, alert, &told, self.config, self.places);
                acted.map_err(|error| Refused::Later {
                    why: format!("{}: {error:#}", alert.name),
                    pause: None,
                })?;
                self.done
                    .push(format!("{}: {}", alert.name, self::name(action)));
            }
        }
        Ok(())
    }
}
