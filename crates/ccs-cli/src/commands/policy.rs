//! `ccs policy`: from policy.yaml to the signed bundle, and back to something readable.

use std::collections::BTreeSet;
use std::io::Write;
use std::path::Path;

use ccs_gate::Policy as GatePolicy;
use ccs_integrity::diff;
use ccs_integrity::file;
use serde_json::json;

use crate::args::{Json, Policy};
use crate::exit::{Code, Stop};
use crate::gate::{self, POLICY};
use crate::import;
use crate::output::human::{self, Line};
use crate::output::{Output, json as as_json, policy as text};
use crate::places::Places;
use crate::plan::{self, Change, Kind};
use crate::policy_files::{self, Key};
use crate::remember;
use crate::state;

pub(crate) fn run(args: &Policy, places: &Places, output: &mut Output) -> anyhow::Result<Code> {
    match args {
        Policy::Compile { file, new_key } => compile(file.as_deref(), *new_key, places, output),
        Policy::Show(args) => show(args, places, output),
        Policy::Diff => compare(places, output),
        Policy::Import {
            file,
            output: target,
            force,
        } => bring_in(file, target.as_deref(), *force, places, output),
    }
}

/// Signs a policy and puts it into force. A file from elsewhere becomes policy.yaml as well, so
/// that what is in force can be read and edited.
fn compile(
    from: Option<&Path>,
    new_key: bool,
    places: &Places,
    output: &mut Output,
) -> anyhow::Result<Code> {
    let own = places.in_state(POLICY);
    let from = from.unwrap_or(&own);
    let yaml = must_read(from)?;
    let policy = policy_files::parse(&yaml, &from.display().to_string())?;
    let before = gate::policy_in_force(places).ok().flatten();
    let key = if new_key { Key::New } else { Key::Existing };
    let mut changes = policy_files::sealed(places, &policy, key)?;
    changes.push(Change::to(own, Some(yaml), Kind::Settings)?);
    let writer = state::writer(places)?;
    let lines = plan::make(&changes, &plan::allow(writer, &changes))?;
    noted(before.unwrap_or_default(), &policy, places)?;
    human::lines(output, &lines)?;
    let text = if lines.is_empty() {
        "nothing to change"
    } else {
        "the policy is in force"
    };
    human::line(output, &Line::ok("policy", text))?;
    Ok(Code::Ok)
}

/// Puts what another policy changes into the log: each section by name, and how it was and is
/// where it holds nothing but switches.
fn noted(before: GatePolicy, after: &GatePolicy, places: &Places) -> anyhow::Result<()> {
    const SHOWN: [&str; 6] = [
        "mode",
        "rewrites",
        "approve",
        "overrides",
        "quality",
        "taint",
    ];
    let (before, after) = (serde_json::to_value(before)?, serde_json::to_value(after)?);
    let keys = [&before, &after];
    let keys: BTreeSet<&String> = keys
        .iter()
        .filter_map(|one| one.as_object())
        .flatten()
        .map(|(key, _)| key)
        .collect();
    let mut changed = serde_json::Map::new();
    for key in keys {
        let (was, is) = (&before[key], &after[key]);
        if was != is {
            let shown = SHOWN.contains(&key.as_str());
            let what = if shown {
                json!({"before": was, "after": is})
            } else {
                json!(true)
            };
            changed.insert(key.clone(), what);
        }
    }
    if !changed.is_empty() {
        let sections: Vec<&str> = changed.keys().map(String::as_str).collect();
        let target = sections.join(", ");
        remember::choice(places, "ccs policy", &target, &json!({"changed": changed}));
    }
    Ok(())
}

fn show(args: &Json, places: &Places, output: &mut Output) -> anyhow::Result<Code> {
    let policy = gate::policy_in_force(places)?.unwrap_or_default();
    if args.json {
        as_json::value(output, &policy)?;
    } else {
        write!(output, "{}", text::yaml(&policy)?)?;
    }
    Ok(Code::Ok)
}

/// Shows what `compile` would change; a difference is a finding.
fn compare(places: &Places, output: &mut Output) -> anyhow::Result<Code> {
    let path = places.in_state(POLICY);
    let new = policy_files::parse(&must_read(&path)?, &path.display().to_string())?;
    let old = gate::policy_in_force(places)?.unwrap_or_else(GatePolicy::default);
    let texts = (text::yaml(&old)?, text::yaml(&new)?);
    let diff = diff::unified(("in force", POLICY), &texts.0, &texts.1);
    write!(output, "{diff}")?;
    Ok(if old == new { Code::Ok } else { Code::Findings })
}

fn bring_in(
    from: &Path,
    target: Option<&Path>,
    force: bool,
    places: &Places,
    output: &mut Output,
) -> anyhow::Result<Code> {
    let imported = converted(from)?;
    if target == Some(Path::new("-")) {
        write!(output, "{}", imported.yaml)?;
        let mut notes = imported.changed.iter().chain(&imported.lost);
        notes.try_for_each(|note| writeln!(output, "# {note}"))?;
        return Ok(code(&imported));
    }
    let target = match target {
        Some(path) => std::path::absolute(path)?,
        None => places.in_state(POLICY),
    };
    let lines = save(&target, &imported.yaml, force, places)?;
    human::lines(output, &lines)?;
    for note in &imported.changed {
        human::line(output, &Line::info("import", note))?;
    }
    for note in &imported.lost {
        human::line(output, &Line::warn("import", note))?;
    }
    let line = Line::info(
        "import",
        format!("{} now holds the policy", target.display()),
    );
    human::line(output, &line.fix("ccs policy compile"))?;
    Ok(code(&imported))
}

fn converted(from: &Path) -> anyhow::Result<import::Imported> {
    let bytes = must_read(from)?;
    let refused = |what: String| {
        let what = format!("`{}`: {what}", from.display());
        Stop::new(Code::Refused, what).next("name a file with bashToolPatterns or lists of paths")
    };
    let text = String::from_utf8(bytes).map_err(|_| refused("it is not UTF-8".to_owned()))?;
    import::convert(&text).map_err(|error| refused(format!("{error:#}")).into())
}

/// What could not be taken over is a finding: somebody relied on it.
fn code(imported: &import::Imported) -> Code {
    if imported.lost.is_empty() {
        Code::Ok
    } else {
        Code::Findings
    }
}

fn save(target: &Path, yaml: &str, force: bool, places: &Places) -> anyhow::Result<Vec<Line>> {
    let change = Change::to(target.to_owned(), Some(yaml.into()), Kind::Settings)?;
    let theirs = change.before.as_deref();
    let theirs = theirs.is_some_and(|yaml| !policy_files::is_example(yaml));
    if theirs && change.is_needed() && !force {
        let what = format!("`{}` is there already", target.display());
        let next = "add --force to replace it (a backup is kept), or --output to write elsewhere";
        return Err(Stop::new(Code::Refused, what).next(next).into());
    }
    let changes = [change];
    let writer = state::writer(places)?;
    plan::make(&changes, &plan::allow(writer, &changes))
}

fn must_read(path: &Path) -> anyhow::Result<Vec<u8>> {
    let next = if path.ends_with(POLICY) {
        "ccs setup writes a policy to start from"
    } else {
        "name a file that is there"
    };
    file::read(path)?.ok_or_else(|| {
        let what = format!("there is no file `{}`", path.display());
        Stop::new(Code::File, what).next(next).into()
    })
}
