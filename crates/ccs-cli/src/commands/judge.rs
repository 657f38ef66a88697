//! `ccs judge`: whom hooks ask for a second opinion on fetched text.

mod relay;
mod trial;

use std::io::Read;
use std::path::Path;

use anyhow::Context;
use ccs_gate::injection::{Scanner, Source, Verdict};
use ccs_hooks::opinion::{self, Api as Protocol, Config, Failure, Heuristic, KeySource, State};
use ccs_integrity::file::{self, New};
use serde_json::json;

use crate::args::Json;
use crate::args::judge::{Api, Ask, Enable, Judge};
use crate::exit::{Code, Stop};
use crate::output::human::{self, Level, Line};
use crate::output::{Output, json};
use crate::places::Places;
use crate::remember;
use crate::state;

/// The longest text that is asked about, in bytes.
const MAX_TEXT: u64 = 16 << 20;
/// Where a model is looked for without another address, and what it is called there.
const REDSAGE: (&str, &str) = ("http://localhost:8800/v1/chat/completions", "redsage");
const OLLAMA: (&str, &str) = ("http://localhost:11434/api/chat", "llama3.2:3b");

pub(crate) fn run(args: &Judge, places: &Places, output: &mut Output) -> anyhow::Result<Code> {
    match args {
        Judge::Enable(args) => enable(args, places, output),
        Judge::Disable => disable(places, output),
        Judge::Status(args) => status(args, places, output),
        Judge::Test(args) => trial::run(args, &judge(places)?, places, output),
        Judge::Reset => reset(places, output),
        Judge::Ask(args) => ask(args, places, output),
        Judge::Relay => relay::run(places, output),
    }
}

/// The judge that is configured, switched on or not.
pub(crate) fn judge(places: &Places) -> anyhow::Result<opinion::Judge> {
    Ok(opinion::Judge::new(configured(places)?, &places.state))
}

fn configured(places: &Places) -> anyhow::Result<Config> {
    read(places)?.ok_or_else(|| {
        let stop = Stop::new(Code::Unproven, "no judge is configured: hooks ask no model");
        stop.next("ccs judge enable --endpoint URL --model NAME, then ccs judge test")
            .into()
    })
}

fn read(places: &Places) -> anyhow::Result<Option<Config>> {
    Ok(Config::read(&places.state).map_err(|why| {
        let next = "put it right; docs/JUDGE.md says what the file holds";
        Stop::new(Code::Refused, why).next(next)
    })?)
}

fn enable(args: &Enable, places: &Places, output: &mut Output) -> anyhow::Result<Code> {
    let config = wanted(args, read(places)?)?;
    config.check().map_err(|why| {
        let is_elsewhere = config.endpoint().is_ok_and(|endpoint| !endpoint.is_local());
        let stop = Stop::new(Code::Usage, why);
        match is_elsewhere && !config.remote {
            true => stop.next("--remote lets texts leave this machine, over TLS"),
            false => stop,
        }
    })?;
    write(&config, places)?;
    chosen("enable", &config, places);
    let text = format!(
        "{} at {} is asked from now on",
        config.model, config.endpoint
    );
    let mut lines = vec![Line::new(Level::Done, "judge", text).fix("ccs judge test")];
    lines.extend(remarks(&config));
    human::lines(output, &lines)?;
    Ok(Code::Ok)
}

/// Notes what the judge is from now on, but for where its key comes from.
fn chosen(what: &str, config: &Config, places: &Places) {
    let details = json!({
        "enabled": config.enabled, "endpoint": config.endpoint, "model": config.model,
        "remote": config.remote, "lower": config.lower, "deadline_ms": config.deadline_ms,
        "sample_percent": config.sample_percent, "key": config.key.is_some(),
    });
    remember::choice(places, "ccs judge", what, &details);
}

/// What there was, with what is asked for.
fn wanted(args: &Enable, known: Option<Config>) -> anyhow::Result<Config> {
    let api = args.api.map(|api| match api {
        Api::OpenAi => Protocol::OpenAi,
        Api::Ollama => Protocol::Ollama,
    });
    let mut config = match known {
        Some(known) if api.is_none_or(|api| api == known.api) => known,
        _ => {
            let api = api.unwrap_or(Protocol::OpenAi);
            let (endpoint, model) = match api {
                Protocol::OpenAi => REDSAGE,
                Protocol::Ollama => OLLAMA,
            };
            Config::new(endpoint, api, model)
        }
    };
    config.enabled = true;
    set(&mut config.endpoint, args.endpoint.as_ref());
    set(&mut config.model, args.model.as_ref());
    set(&mut config.deadline_ms, args.deadline.as_ref());
    set(&mut config.max_input, args.max_input.as_ref());
    set(&mut config.sample_percent, args.sample.as_ref());
    config.lower &= !args.no_lower;
    config.schema &= !args.no_schema;
    config.remote |= args.remote;
    if let Some(name) = &args.key_from_vault {
        config.key = Some(KeySource::Vault(name.clone()));
    }
    if let Some(words) = &args.key_command {
        config.key = Some(KeySource::Command(words.clone()));
    }
    config.ccs = Some(std::env::current_exe().context("where this program is")?);
    Ok(config)
}

fn set<T: Clone>(field: &mut T, value: Option<&T>) {
    if let Some(value) = value {
        *field = value.clone();
    }
}

fn write(config: &Config, places: &Places) -> anyhow::Result<()> {
    let path = Config::path(&places.state);
    let writer = state::writer(places)?;
    writer.create_folder(&places.in_state(opinion::FOLDER), 0o700)?;
    let mut bytes = serde_json::to_vec_pretty(config)?;
    bytes.push(b'\n');
    let before = file::read(&path)?;
    let new = New {
        before: before.as_deref(),
        bytes: &bytes,
        mode: Some(0o600),
    };
    Ok(writer.replace(&path, &new)?)
}

fn disable(places: &Places, output: &mut Output) -> anyhow::Result<Code> {
    let line = match read(places)? {
        Some(mut config) if config.enabled => {
            config.enabled = false;
            write(&config, places)?;
            chosen("disable", &config, places);
            Line::new(Level::Done, "judge", "no model is asked any more")
        }
        _ => Line::ok("judge", "no model is asked"),
    };
    human::line(output, &line)?;
    Ok(Code::Ok)
}

fn reset(places: &Places, output: &mut Output) -> anyhow::Result<Code> {
    configured(places)?;
    opinion::Judge::reset(&places.state).context("cannot forget what the judge said")?;
    let text = "it is asked again, and what it answered is forgotten";
    human::line(output, &Line::new(Level::Done, "judge", text))?;
    Ok(Code::Ok)
}

fn status(args: &Json, places: &Places, output: &mut Output) -> anyhow::Result<Code> {
    let config = read(places)?;
    let (memory, answers) = opinion::Judge::memory(&places.state);
    let rest = memory.rests();
    let resting = memory.state == State::Open && rest > 0;
    if args.json {
        let value = json!({
            "enabled": config.as_ref().is_some_and(|config| config.enabled), "config": config,
            "may_lower": config.as_ref().is_some_and(Config::may_lower),
            "breaker": memory, "rests": rest, "answers": answers,
        });
        json::value(output, &value)?;
    } else {
        let mut lines = vec![whom(config.as_ref())];
        lines.extend(config.iter().flat_map(remarks));
        lines.push(breaker(&memory, rest));
        lines.push(Line::info("answers", format!("{answers} answers are kept")));
        human::lines(output, &lines)?;
    }
    let is_on = config.is_some_and(|config| config.enabled);
    Ok(if is_on && resting {
        Code::Findings
    } else {
        Code::Ok
    })
}

fn whom(config: Option<&Config>) -> Line {
    match config {
        None => Line::ok("judge", "no model is asked").fix("ccs judge enable"),
        Some(config) if !config.enabled => {
            let text = format!("switched off: {} at {}", config.model, config.endpoint);
            Line::ok("judge", text).fix("ccs judge enable")
        }
        Some(config) => {
            let (model, endpoint) = (&config.model, &config.endpoint);
            let text = format!("{model} at {endpoint}, {} ms at most", config.deadline_ms);
            Line::ok("judge", text)
        }
    }
}

/// What somebody should know who switched it on like that.
fn remarks(config: &Config) -> Vec<Line> {
    let mut lines = Vec::new();
    if config.endpoint().is_ok_and(|endpoint| !endpoint.is_local()) {
        let text = "parts of what is fetched leave this machine, without the secrets that are found in them";
        lines.push(Line::warn("remote", text));
    }
    if !config.may_lower() {
        let text = "what the scanner warns of stays a warning, whatever the model says";
        lines.push(Line::info("lower", text));
    }
    lines
}

fn breaker(memory: &opinion::Memory, rest: u64) -> Line {
    let (answered, failed) = (memory.answered, memory.failed);
    let counts = format!("{answered} answers, {failed} failures so far");
    match memory.state {
        State::Open if rest > 0 => {
            let text = format!("it failed too often and is asked again in {rest} s; {counts}");
            Line::warn("breaker", text).fix("ccs judge test")
        }
        State::Closed => Line::ok("breaker", counts),
        State::Open | State::HalfOpen => {
            Line::info("breaker", format!("it is tried again; {counts}"))
        }
    }
}

fn ask(args: &Ask, places: &Places, output: &mut Output) -> anyhow::Result<Code> {
    let judge = judge(places)?;
    let text = text(&args.file)?;
    let report = Scanner::builtin().scan(&text, Source::Page);
    let opinion = judge.second_opinion(&text, &Heuristic::from(&report));
    let attacks: Vec<_> = opinion
        .attacks
        .iter()
        .map(|one| (one.start, one.end))
        .collect();
    if args.json.json {
        let value = json!({
            "scanner": {"verdict": report.verdict.name(), "score": report.score},
            "verdict": opinion.verdict.name(), "heard": opinion.heard, "attacks": attacks,
        });
        json::value(output, &value)?;
    } else {
        let scanner = format!("{} ({:.2})", report.verdict.name(), report.score);
        human::line(
            output,
            &Line::info("scanner", format!("the scanner says {scanner}")),
        )?;
        human::line(output, &said(&opinion))?;
        for (start, end) in attacks {
            let part = crate::output::audit::plain(&text[start..end], 200);
            human::line(
                output,
                &Line::warn("attack", format!("bytes {start} to {end}: {part}")),
            )?;
        }
    }
    Ok(match (opinion.heard, opinion.verdict) {
        (_, Verdict::Warn | Verdict::Block) => Code::Findings,
        (false, Verdict::Allow) => Code::Unproven,
        (true, Verdict::Allow) => Code::Ok,
    })
}

fn said(opinion: &opinion::Opinion) -> Line {
    let verdict = opinion.verdict.name();
    match (opinion.heard, opinion.verdict) {
        (false, _) => {
            let text = format!("the judge was not heard; it stays {verdict}");
            Line::warn("judge", text).fix("ccs judge test")
        }
        (true, Verdict::Allow) => Line::ok("judge", format!("with the judge: {verdict}")),
        (true, _) => Line::warn("judge", format!("with the judge: {verdict}")),
    }
}

/// A text from a file or the input; what is not UTF-8 in it is replaced.
pub(crate) fn text(path: &Path) -> anyhow::Result<String> {
    let failed = || format!("cannot read `{}`", path.display());
    let mut bytes = Vec::new();
    let read = if path.as_os_str() == "-" {
        std::io::stdin()
            .lock()
            .take(MAX_TEXT + 1)
            .read_to_end(&mut bytes)
    } else {
        let file = std::fs::File::open(path).with_context(failed)?;
        file.take(MAX_TEXT + 1).read_to_end(&mut bytes)
    };
    read.with_context(failed)?;
    if bytes.len() as u64 > MAX_TEXT {
        let what = format!("`{}` is longer than {MAX_TEXT} bytes", path.display());
        return Err(Stop::new(Code::Refused, what).into());
    }
    Ok(String::from_utf8_lossy(&bytes).into_owned())
}

/// A failure of the judge, where a command cannot do without its answer.
pub(crate) fn unheard(failure: &Failure) -> Stop {
    Stop::new(
        Code::Unproven,
        format!("no answer from the judge: {failure}"),
    )
    .next("ccs judge test")
}
