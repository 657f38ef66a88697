//! Does the hook that the settings name stop a bad call and let a good one through?

use std::path::Path;

use ccs_integrity::file;
use ccs_integrity::settings::{Found, handlers};

use crate::output::human::Line;
use crate::places::Places;
use crate::proof::{Case, ask_all};

/// The hooks that were asked, with their arguments, and what they answered.
#[derive(Default)]
pub(crate) struct Asked {
    hooks: Vec<(String, Vec<String>)>,
    pub(crate) cases: Vec<Case>,
}

/// Asks the hook registered for PreToolUse in a settings file, unless it was asked before.
pub(crate) fn of_settings(path: &Path, places: &Places, asked: &mut Asked) -> Vec<Line> {
    let bytes = file::read(path).ok().flatten().unwrap_or_default();
    let found = handlers(path, &bytes).unwrap_or_default();
    let guards = |handler: &&Found| handler.ours && handler.event == "PreToolUse";
    let Some(handler) = found.iter().find(guards) else {
        let text = format!("`{}` does not guard tool calls (tier 1)", path.display());
        return vec![Line::warn("proof.none", text).fix("ccs setup --tier 2")];
    };
    let program = handler.command.clone().unwrap_or_default();
    let hook = (program.clone(), handler.args.clone());
    if asked.hooks.contains(&hook) {
        return Vec::new();
    }
    asked.hooks.push(hook);
    let cases = ask_all(Path::new(&program), &handler.args, places);
    let lines = cases.iter().map(|case| line(case, &program)).collect();
    asked.cases.extend(cases);
    lines
}

fn line(case: &Case, program: &str) -> Line {
    if case.held {
        let text = format!(
            "asked the installed hook: {} -> {} ({})",
            case.call, case.expected, case.answer
        );
        return Line::ok("proof", text);
    }
    let text = format!(
        "`{program}`: {} should be {}, but: {}",
        case.call, case.expected, case.answer
    );
    Line::fail("proof", text).fix("ccs setup")
}
