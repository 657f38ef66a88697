//! Names of programs and places.

pub(in crate::posture) const SHELLS: &[&str] = &["sh", "bash", "zsh", "dash", "ksh", "fish", "ash"];
const DOWNLOADERS: &[&str] = &[
    "curl",
    "wget",
    "fetch",
    "aria2c",
    "http",
    "https",
    "xh",
    "lwp-request",
    "lynx",
    "iwr",
    "irm",
    "invoke-webrequest",
    "invoke-restmethod",
];
const INTERPRETERS: &[&str] = &[
    "python",
    "node",
    "nodejs",
    "deno",
    "bun",
    "perl",
    "ruby",
    "php",
    "lua",
    "osascript",
    "pwsh",
    "powershell",
    "iex",
    "invoke-expression",
    "tclsh",
    "tsx",
    "ts-node",
];

pub(in crate::posture) fn downloads(program: &str) -> bool {
    DOWNLOADERS.contains(&program.to_ascii_lowercase().as_str())
}

/// Whether a program runs text that it is given.
pub(in crate::posture) fn interprets(program: &str) -> bool {
    let name = program.to_ascii_lowercase();
    let bare = name.trim_end_matches(|c: char| c.is_ascii_digit() || c == '.');
    SHELLS.contains(&name.as_str()) || INTERPRETERS.contains(&bare) || bare == "pypy"
}

/// Places whose content runs at a login, on a schedule or with another program.
const STARTUP: &[&str] = &[
    ".bashrc",
    ".bash_profile",
    ".bash_login",
    ".bash_aliases",
    ".profile",
    ".zshrc",
    ".zshenv",
    ".zprofile",
    ".zlogin",
    ".config/fish",
    "/etc/profile",
    "/etc/bash.bashrc",
    "/etc/cron",
    "/var/spool/cron",
    ".config/systemd",
    "/etc/systemd",
    "/etc/rc.local",
    "LaunchAgents",
    "LaunchDaemons",
    ".git/hooks",
    "authorized_keys",
    ".config/autostart",
    "/etc/ld.so.preload",
    ".ssh/rc",
    ".vscode/tasks.json",
    ".claude/settings",
    ".claude/CLAUDE.md",
    ".claude/hooks",
    ".claude.json",
    ".mcp.json",
    ".local/bin",
    ".oh-my-zsh/custom",
    ".config/nushell",
    ".config/powershell",
    "PowerShell_profile.ps1",
    ".bash_logout",
    ".zlogout",
    ".xprofile",
    ".xinitrc",
    ".xsessionrc",
    ".config/environment.d",
    ".pam_environment",
    "Start Menu/Programs/Startup",
];

/// The start-up place that a path leads to.
pub(in crate::posture) fn is_startup_place(path: &str) -> Option<&'static str> {
    let path = path.replace('\\', "/");
    STARTUP.iter().copied().find(|place| {
        path.match_indices(place).any(|(at, _)| {
            let before = path[..at].chars().next_back();
            let after = path[at + place.len()..].chars().next();
            let starts = place.starts_with('/') || before.is_none_or(|c| "/~\"'= ".contains(c));
            // `.profile` is not `.profiler`, but `/etc/cron` is `/etc/cron.d`.
            let whole = place.starts_with(".claude")
                || place.starts_with("/etc/")
                || !after.is_some_and(char::is_alphanumeric);
            starts && whole
        })
    })
}

/// Places that hold secrets.
const SECRETS: &[&str] = &[
    ".ssh",
    "id_rsa",
    "id_ed25519",
    "id_ecdsa",
    ".aws",
    ".gnupg",
    ".netrc",
    ".pypirc",
    ".git-credentials",
    ".docker/config.json",
    ".kube/config",
    ".config/gcloud",
    ".config/gh",
    ".azure",
    ".password-store",
    ".pgpass",
    ".my.cnf",
    ".vault-token",
    ".terraform.d/credentials",
    ".cargo/credentials",
    ".gem/credentials",
    ".m2/settings.xml",
    ".config/op",
    ".config/hub",
    ".oci/config",
    ".s3cfg",
    ".boto",
    ".cursor/mcp.json",
    "Library/Keychains",
    "logins.json",
    ".credentials.json",
    ".credentials",
    "credentials.json",
    ".claude.json",
    "/etc/shadow",
    "/proc/self/environ",
    "login.keychain",
    "Login Data",
    "cookies.sqlite",
    "wallet.dat",
    ".env",
    ".npmrc",
    "secrets.yaml",
    "secrets.json",
];

/// The secret place that a text names as a path.
pub(in crate::posture) fn secret_place(text: &str) -> Option<&'static str> {
    SECRETS.iter().copied().find(|place| {
        text.match_indices(place).any(|(at, _)| {
            let before = text[..at].chars().next_back();
            let rest = &text[at + place.len()..];
            let starts =
                before.is_none_or(|c| !c.is_alphanumeric() && c != '_' && c != '-' && c != '.');
            let template = [
                ".example",
                ".sample",
                ".template",
                ".dist",
                ".test",
                ".d.ts",
            ];
            let word = rest
                .split(|c: char| c.is_whitespace() || "\"'`;|)".contains(c))
                .next()
                .unwrap_or_default();
            let whole = !rest.starts_with(|c: char| c.is_alphanumeric() || c == '_');
            let ends = whole
                && !template.iter().any(|end| word.starts_with(end) || word.ends_with(end))
                // `process.env.X` and `import.meta.env` are single variables.
                && (*place != ".env" || before.is_none_or(|c| !c.is_alphanumeric() && c != ')'));
            starts && ends
        })
    })
}

/// Whether a text speaks of this machine.
pub(in crate::posture) fn is_loopback_text(text: &str) -> bool {
    [
        "localhost",
        "127.0.0.1",
        "[::1]",
        "0.0.0.0",
        "host.docker.internal",
    ]
    .iter()
    .any(|host| text.contains(host))
}
