//! The lines that a call has just written, where the owner wants them looked at at once.

use std::path::Path;

use ccs_gate::Policy;
use ccs_gate::quality::{Lines, MAX_TEXT, Scanner};
use serde_json::Value;

use super::{Found, MAY_STAY, holds, logged, places, written};
use crate::files::{self, Links};
use crate::protocol::event::ToolResult;
use crate::run::Scene;

/// What the model is told, and what the log keeps.
pub(crate) struct Written {
    pub(crate) feedback: String,
    pub(crate) findings: Vec<ccs_gate::Finding>,
}

/// What is wrong with what a call wrote; `None` if nothing is, or nobody asked.
pub(crate) fn written(
    scene: &Scene<'_>,
    policy: &Policy,
    result: &ToolResult<'_>,
) -> Option<Written> {
    let quality = &policy.quality;
    let call = &result.call;
    if !quality.written || !matches!(call.tool, "Write" | "Edit" | "MultiEdit") {
        return None;
    }
    let path = Path::new(call.text("file_path")?);
    if quality.excludes(&path.to_string_lossy()) {
        return None;
    }
    let bytes = files::read(path, MAX_TEXT as u64, Links::Follow).ok()??;
    let text = String::from_utf8(bytes).ok()?;
    let input: Value = serde_json::from_str(call.input.raw).ok()?;
    let lines = written::lines(&written::given(&input), &text);
    let cwd = scene.place.cwd.as_deref().unwrap_or("/");
    let name = path.strip_prefix(cwd).unwrap_or(path).to_string_lossy();
    let scanner = Scanner::new(policy.secrets.scanner());
    let report = scanner.scan(&name, &text, &Lines::These(lines));
    let found: Vec<Found> = report
        .findings
        .into_iter()
        .filter(|one| holds(quality, one))
        .map(|finding| Found::new(name.clone().into_owned(), finding, &text))
        .collect();
    (!found.is_empty()).then(|| Written {
        feedback: format!(
            "ccs: what was just written needs to be corrected:{}\n{MAY_STAY}.",
            places(&found)
        ),
        findings: found.iter().map(logged).collect(),
    })
}
