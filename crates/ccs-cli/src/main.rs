//! `ccs`: parses the command line, runs a command, ends with its exit code.

mod args;
mod audit;
mod checks;
mod client;
mod commands;
mod companions;
mod exit;
mod fence;
mod gate;
mod hex;
mod import;
mod incident;
mod jsonl;
mod layout;
mod output;
mod person;
mod places;
mod plan;
mod policy_files;
mod posture;
mod profile;
mod proof;
mod remember;
mod report;
mod scan;
mod scope;
mod signing;
mod state;
mod threats;
mod tier;
mod undo;
mod vault;
mod web;
mod witness;

use std::io::Write;
use std::process::ExitCode;

use args::{Args, Command};
use output::Output;

fn main() -> ExitCode {
    let args = Args::of_process();
    let mut output = Output::stdout(args.color);
    let result = run(&args, &mut output).and_then(|code| {
        output.flush()?;
        Ok(code)
    });
    match result {
        Ok(code) => code,
        Err(error) => {
            // What was found so far still helps; the error matters more than a failing flush.
            let _ = output.flush();
            report(&error);
            match args.command {
                Command::Run(_) => exit::of_failed_run(&error),
                _ => exit::code(&error).into(),
            }
        }
    }
}

fn run(args: &Args, output: &mut Output) -> anyhow::Result<ExitCode> {
    let places = || places::Places::find(args.home.as_deref());
    let code = match &args.command {
        Command::Run(run) => return commands::run::run(run, &places()?),
        Command::Setup(setup) => commands::setup::run(setup, &places()?, output),
        Command::Uninstall(uninstall) => commands::uninstall::run(uninstall, &places()?, output),
        Command::Status(report) => commands::status::run(report, &places()?, output),
        Command::Doctor(report) => commands::doctor::run(report, &places()?, output),
        Command::Check(check) => commands::check::run(check, &places()?, output),
        Command::Explain(explain) => commands::explain::run(explain, &places()?, output),
        Command::Rules(rules) => commands::rules::run(rules, output),
        Command::Policy(policy) => commands::policy::run(policy, &places()?, output),
        Command::Posture(posture) => commands::posture::run(posture, &places()?, output),
        Command::Preflight(preflight) => commands::preflight::run(preflight, &places()?, output),
        Command::Vault(vault) => commands::vault::run(vault, &places()?, output),
        Command::Integrity(integrity) => commands::integrity::run(integrity, &places()?, output),
        Command::Approve(approve) => commands::approve::run(approve, &places()?, output),
        Command::Approvals(approvals) => commands::approve::list(approvals, &places()?, output),
        Command::Watch(watch) => commands::watch::run(watch, &places()?, output),
        Command::Update(update) => commands::update::run(update, &places()?, output),
        Command::Scan(scan) => commands::scan::run(scan, &places()?, output),
        Command::Quality(quality) => commands::quality::run(quality, &places()?, output),
        Command::RedactCheck(check) => commands::scan::release(check, &places()?, output),
        Command::Redact(redact) => commands::redact::run(redact, &places()?, output),
        Command::Judge(judge) => commands::judge::run(judge, &places()?, output),
        Command::Threats(threats) => commands::threats::run(threats, &places()?, output),
        Command::Hooks(hooks) => commands::hooks::run(hooks, &places()?, output),
        Command::Mod(command) => commands::mods::run(command, &places()?, output),
        Command::Taint(taint) => commands::taint::run(taint, &places()?, output),
        Command::Canary(canary) => commands::canary::run(canary, &places()?, output),
        Command::Audit(audit) => commands::audit::run(audit, &places()?, output),
        Command::Incident(incident) => commands::incident::run(incident, &places()?, output),
        Command::Completions(completions) => commands::completions::run(completions, output),
        Command::Man(man) => commands::man::run(man, output),
    };
    code.map(ExitCode::from)
}

fn report(error: &anyhow::Error) {
    if let Some(message) = exit::message(error) {
        // Nobody is left to tell when this fails.
        let _ = std::io::stderr().write_all(message.as_bytes());
    }
}
