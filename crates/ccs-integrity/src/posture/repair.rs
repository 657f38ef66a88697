//! What can be done about a finding without a person: which permission bits go, or how the place in
//! a settings file changes. A table; whoever carries it out keeps copies and looks again.

use serde_json::Value;

use super::finding::Finding;
use super::source::Base;
pub use crate::settings::Edit;

/// What repairs a finding.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Repair {
    /// These permission bits of group and others go from the file or folder.
    Mode(u32),
    /// The same for the folder of the client that the file lies in, because there may be many.
    ModeOfFolder(u32),
    /// The value at the finding's place changes.
    Settings(Edit),
}

/// Others must not write.
const WRITE: u32 = 0o022;
/// Others must not do anything.
const ANY: u32 = 0o077;

/// The repair of a finding; `None` if a person has to look at it.
#[must_use]
pub fn of(finding: &Finding) -> Option<Repair> {
    let repair = by_check(finding.id)?;
    let fits = match &repair {
        Repair::Mode(_) | Repair::ModeOfFolder(_) => true,
        Repair::Settings(_) => finding.place.column > 0 && is_settings(finding),
    };
    fits.then_some(repair)
}

/// Files that are edited: settings, and a repository's list of servers.
fn is_settings(finding: &Finding) -> bool {
    let names = [".claude/settings.json", ".claude/settings.local.json"];
    let place = &finding.place;
    match place.base {
        Base::Home => names.contains(&place.path.as_str()),
        Base::Project => place.path == ".mcp.json" || names.contains(&place.path.as_str()),
        Base::Managed | Base::Root => false,
    }
}

fn by_check(id: &str) -> Option<Repair> {
    let repair = match id {
        "fs.settings.perms_writable"
        | "fs.state_dir.perms_writable"
        | "fs.install.perms_writable"
        | "hooks.target_writable" => Repair::Mode(WRITE),
        "fs.credentials.perms_readable"
        | "fs.backup.secret_readable"
        | "fs.state_dir.listable"
        | "ide.lock" => Repair::Mode(ANY),
        "fs.transcripts.perms_readable" | "fs.telemetry.readable" => Repair::ModeOfFolder(ANY),
        _ => Repair::Settings(edit(id)?),
    };
    Some(repair)
}

fn edit(id: &str) -> Option<Edit> {
    let edit = match id {
        "perm.bypass_default" | "perm.auto_mode" => Edit::Set(Value::from("default")),
        "mcp.enable_all_project" | "sandbox.escape_allowed" => Edit::Set(Value::Bool(false)),
        "sandbox.disabled" => Edit::Set(Value::Bool(true)),
        "data.retention_long" => Edit::Set(Value::from(30)),
        "perm.bash_wildcard"
        | "perm.interpreter_allow"
        | "perm.bypass_prompt_skipped"
        | "perm.additional_dirs_broad"
        | "perm.write_wildcard"
        | "perm.webfetch_wildcard"
        | "perm.secret_in_rule"
        | "sandbox.excluded_broad"
        | "sandbox.weakened"
        | "sandbox.unix_socket"
        | "sandbox.network_wildcard"
        | "sandbox.write_broad"
        | "sandbox.plaintext_inject"
        | "sandbox.binary_override"
        | "env.base_url_override"
        | "env.tls_disabled"
        | "env.proxy_ca_override"
        | "env.loader_injection"
        | "env.shell_prefix"
        | "env.telemetry_content"
        | "env.debug_logs"
        | "exec.helper_in_project"
        | "hooks.disabled_by_project"
        | "mcp.self_approved"
        | "update.disabled" => Edit::Delete,
        "hooks.remote_exec"
        | "hooks.encoded_payload"
        | "hooks.suspicious_location"
        | "hooks.auto_approve"
        | "hooks.http_external"
        | "hooks.persistence_write" => Edit::DeleteElement,
        "mcp.suspicious_location"
        | "mcp.credential_forwarding"
        | "mcp.headers_helper"
        | "mcp.known_malicious"
        | "mcp.tool_poisoning" => Edit::DeleteBelow("mcpServers".to_owned()),
        _ => return None,
    };
    Some(edit)
}
