//! Settings of the client that setup writes on request.
//!
//! A profile leaves nothing to find that is medium or worse in an installation without other
//! weaknesses; a test holds that. What stood there before comes back when it is taken out.

use ccs_integrity::settings::Setting;
use clap::ValueEnum;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

/// How much the client's own settings are tightened.
#[derive(
    Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, ValueEnum, Serialize, Deserialize,
)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Profile {
    /// Nothing but the guard; takes out what another profile wrote
    #[default]
    None,
    /// Secret files denied, servers of repositories asked about, no bypass of questions
    Baseline,
    /// The same with the sandbox on and without a way out of it; asks about every command
    Strict,
    /// For managed settings: only what the administrator registers, for everybody on the machine
    Team,
}

/// Files that hold secrets, wherever they are.
const SECRET: &[&str] = &[
    ".env",
    ".env.*",
    "secrets.json",
    "credentials.json",
    "*.key",
    "*.pem",
    "id_rsa*",
    "id_ed25519*",
];
/// The same as paths: the sandbox on Linux enforces no patterns.
const PLAIN: &[&str] = &[
    "./.env",
    "./.env.local",
    "./.env.production",
    "./secrets.json",
    "./credentials.json",
];
/// What no command in the sandbox needs to read.
const UNREADABLE: &[&str] = &[
    "~/.ssh",
    "~/.gnupg",
    "~/.aws",
    "~/.azure",
    "~/.config/gcloud",
    "~/.config/gh",
    "~/.kube",
    "~/.netrc",
    "~/.git-credentials",
    "~/.npmrc",
    "~/.pypirc",
];
/// The first client in which a hook that fails blocks.
const LEAST: &str = "2.1.295";

impl Profile {
    pub(crate) fn is_none(&self) -> bool {
        *self == Profile::None
    }

    /// Rules for `permissions.deny`.
    pub(crate) fn deny(self) -> Vec<String> {
        match self {
            Profile::None => Vec::new(),
            Profile::Baseline | Profile::Team => SECRET
                .iter()
                .map(|name| format!("Read(**/{name})"))
                .collect(),
            Profile::Strict => PLAIN.iter().map(|path| format!("Read({path})")).collect(),
        }
    }

    /// Single settings.
    pub(crate) fn values(self) -> Vec<Setting> {
        let own: Vec<(&str, Value)> = match self {
            Profile::None => return Vec::new(),
            Profile::Baseline => Vec::new(),
            Profile::Strict => strict(),
            Profile::Team => team(),
        };
        let common = [
            ("permissions.disableBypassPermissionsMode", json!("disable")),
            ("enableAllProjectMcpServers", json!(false)),
            ("cleanupPeriodDays", json!(30)),
        ];
        let all = common.into_iter().chain(own);
        all.map(|(keys, value)| Setting::new(keys, value)).collect()
    }
}

fn strict() -> Vec<(&'static str, Value)> {
    vec![
        ("permissions.ask", json!(["Bash"])),
        ("disableSkillShellExecution", json!(true)),
        ("sandbox.enabled", json!(true)),
        ("sandbox.failIfUnavailable", json!(true)),
        ("sandbox.allowUnsandboxedCommands", json!(false)),
        ("sandbox.filesystem.denyRead", json!(UNREADABLE)),
    ]
}

fn team() -> Vec<(&'static str, Value)> {
    let official = json!([{"source": "github", "repo": "anthropics/claude-plugins-official"}]);
    vec![
        ("allowManagedHooksOnly", json!(true)),
        ("allowManagedPermissionRulesOnly", json!(true)),
        ("strictKnownMarketplaces", official),
        ("allowedMcpServers", json!([])),
        ("disableSideloadFlags", json!(true)),
        ("requiredMinimumVersion", json!(LEAST)),
    ]
}
