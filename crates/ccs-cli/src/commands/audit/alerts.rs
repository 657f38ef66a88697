//! `ccs audit alerts`: what is configured, what it would count, and doing what it says.

use std::io::Write;
use std::time::Duration;

use ccs_audit::ship::{Outbox, Step};
use ccs_audit::{Filter, Time};
use ccs_hooks::alerts::{Action, Alert};
use serde_json::json;

use crate::args::Json;
use crate::args::audit_send::{Alerts, Run, Try};
use crate::audit::act::{self, Actor};
use crate::audit::{Trail, config::Config};
use crate::exit::{Code, Stop};
use crate::output::human::{self, Level, Line};
use crate::output::{Output, json};

/// How long to wait when there is nothing to do.
const PAUSE: Duration = Duration::from_millis(500);
/// The outbox that remembers which alerts were acted on.
pub(crate) const OUTBOX: &str = "alerts";

pub(super) fn run(args: &Alerts, trail: &Trail<'_>, output: &mut Output) -> anyhow::Result<Code> {
    let config = Config::read(trail.places)?;
    match args {
        Alerts::List(args) => list(args, &config, output),
        Alerts::Test(args) => test(args, &config, trail, output),
        Alerts::Run(args) => act(args, &config, trail, output),
    }
}

fn list(args: &Json, config: &Config, output: &mut Output) -> anyhow::Result<Code> {
    if args.json {
        json::value(output, &config.alerts)?;
        return Ok(Code::Ok);
    }
    for alert in &config.alerts {
        writeln!(output, "{}", said(alert))?;
    }
    if config.alerts.is_empty() {
        human::line(output, &Line::info("alerts", "no alert is configured"))?;
    }
    Ok(Code::Ok)
}

fn said(alert: &Alert) -> String {
    let when = &alert.when;
    let parts = [
        ("decision", &when.decision),
        ("rule", &when.rule),
        ("tool", &when.tool),
        ("kind", &when.kind),
        ("agent", &when.agent),
    ];
    let what: Vec<String> = parts
        .into_iter()
        .filter(|(_, value)| !value.is_empty())
        .map(|(name, value)| format!("{name} {value}"))
        .collect();
    let actions: Vec<String> = alert.actions.iter().map(act::name).collect();
    let (name, count, minutes) = (&alert.name, alert.count, alert.minutes);
    format!(
        "{name}: {count} of {} within {minutes} minutes -> {}",
        what.join(", "),
        actions.join(", ")
    )
}

/// How close each alert is to being raised, and with `--act` whether its actions work.
fn test(
    args: &Try,
    config: &Config,
    trail: &Trail<'_>,
    output: &mut Output,
) -> anyhow::Result<Code> {
    let chosen: Vec<&Alert> = config
        .alerts
        .iter()
        .filter(|alert| args.name.as_ref().is_none_or(|name| *name == alert.name))
        .collect();
    if chosen.is_empty() {
        let name = args.name.as_deref().unwrap_or("any");
        let stop = Stop::new(Code::Usage, format!("there is no alert `{name}`"));
        return Err(stop.next("ccs audit alerts list").into());
    }
    let (mut code, mut values, mut lines) = (Code::Ok, Vec::new(), Vec::new());
    for alert in chosen {
        let count = count(alert, trail)?;
        let text = format!(
            "`{}`: {count} of {} in its window now",
            alert.name, alert.count
        );
        lines.push(Line::info("count", text));
        let mut actions = Vec::new();
        for action in alert.actions.iter().filter(|_| args.act) {
            let line = tried(action, alert, config, trail);
            if line.level == Level::Fail {
                code = Code::Findings;
            }
            actions.push(line.clone());
            lines.push(line);
        }
        values.push(json!({
            "name": alert.name, "count": count, "limit": alert.count, "actions": actions,
        }));
    }
    match args.json.json {
        true => json::value(output, &values)?,
        false => human::lines(output, &lines)?,
    }
    Ok(code)
}

fn count(alert: &Alert, trail: &Trail<'_>) -> anyhow::Result<u64> {
    let rule = alert.rule();
    let seconds = i64::try_from(rule.window.as_secs()).unwrap_or(i64::MAX);
    let filter = Filter {
        since: Some(Time::now().plus_seconds(-seconds)),
        ..rule.when
    };
    Ok(trail.sealed_reader()?.count(&filter)?)
}

fn tried(action: &Action, alert: &Alert, config: &Config, trail: &Trail<'_>) -> Line {
    let name = format!("`{}`: {}", alert.name, act::name(action));
    if *action == Action::Block {
        let text = format!("{name}: not tried, it would deny every call");
        return Line::info("action", text);
    }
    match act::act(action, alert, &act::told(alert, None), config, trail.places) {
        Ok(()) => Line::ok("action", name),
        Err(error) => Line::fail("action", format!("{name}: {error:#}")),
    }
}

fn act(
    args: &Run,
    config: &Config,
    trail: &Trail<'_>,
    output: &mut Output,
) -> anyhow::Result<Code> {
    let mut reader = trail.sealed_reader()?;
    let mut outbox = Outbox::open(&trail.folder, OUTBOX)?;
    if let (None, Some(last)) = (outbox.progress().last, reader.last()?) {
        outbox.begin_after(last)?; // what was before somebody wanted to know is no news
    }
    let mut actor = Actor {
        config,
        places: trail.places,
        reader: trail.sealed_reader()?,
        done: Vec::new(),
    };
    loop {
        let step = outbox.step(&mut reader, &mut actor)?;
        for text in actor.done.drain(..) {
            human::line(output, &Line::new(Level::Done, "alert", text))?;
        }
        let pause = match step {
            Step::Sent { .. } => continue,
            Step::Idle => PAUSE,
            Step::Waiting { pause, why } => {
                human::line(output, &Line::warn("alert", why))?;
                if args.once {
                    return Ok(Code::File);
                }
                pause
            }
        };
        if args.once {
            return Ok(Code::Ok);
        }
        output.flush()?;
        std::thread::sleep(pause);
    }
}
