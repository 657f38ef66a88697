//! Variables that change what other programs do.

use crate::effect::{Kinds, Places, Tags};
use crate::eval::{Eval, Io};
use crate::net::Target;
use crate::value::Value;

/// What programs load code or commands from.
const LOADERS: &[&str] = &[
    "LD_PRELOAD",
    "LD_AUDIT",
    "LD_LIBRARY_PATH",
    "DYLD_INSERT_LIBRARIES",
    "DYLD_LIBRARY_PATH",
    "DYLD_FRAMEWORK_PATH",
    "PROMPT_COMMAND",
    "PYTHONSTARTUP",
    "PERL5OPT",
    "PERL5DB",
    "PERL5LIB",
    "RUBYOPT",
    "RUBYLIB",
    "NODE_OPTIONS",
    "GIT_EXTERNAL_DIFF",
    "GIT_SSH_COMMAND",
    "GIT_SSH",
    "GIT_ASKPASS",
    "SSH_ASKPASS",
    "GIT_PROXY_COMMAND",
    "JAVA_TOOL_OPTIONS",
    "_JAVA_OPTIONS",
    "CLASSPATH",
    "GCONV_PATH",
    "PS4",
    "PYTHONPATH",
    "PYTHONHOME",
    "LESSOPEN",
    "LESSCLOSE",
    "BROWSER",
];
/// What programs run as a command.
const COMMANDS: &[&str] = &[
    "PAGER",
    "MANPAGER",
    "GIT_PAGER",
    "EDITOR",
    "VISUAL",
    "GIT_EDITOR",
    "GIT_SEQUENCE_EDITOR",
    "FCEDIT",
    "SUDO_EDITOR",
];
/// What switches the checks of TLS off, and the value that does.
const TLS: &[(&str, &str)] = &[
    ("NODE_TLS_REJECT_UNAUTHORIZED", "0"),
    ("PYTHONHTTPSVERIFY", "0"),
    ("GIT_SSL_NO_VERIFY", ""),
    ("CURL_CA_BUNDLE", ""),
    ("REQUESTS_CA_BUNDLE", ""),
    ("SSL_CERT_FILE", ""),
    ("SSL_CERT_DIR", ""),
    ("NODE_EXTRA_CA_CERTS", ""),
    ("GIT_SSL_CAINFO", ""),
];
/// What sends requests elsewhere, in lower case.
const PROXIES: &[&str] = &["http_proxy", "https_proxy", "all_proxy", "ftp_proxy"];
/// What changes Claude Code or ccs.
const AGENT: &[&str] = &[
    "ANTHROPIC_BASE_URL",
    "ANTHROPIC_AUTH_TOKEN",
    "CLAUDE_CONFIG_DIR",
    "CLAUDE_CODE_SIMPLE",
    "CCS_HOME",
];

impl Eval<'_> {
    /// A variable is set: some change what other programs do.
    pub(crate) fn sets(&mut self, name: &str, value: Option<&Value>) {
        let text = value.map_or("", |value| value.text.as_str());
        if name == "PATH" && has_open_folder(text) {
            self.effect(Kinds::ENVIRONMENT, Places::NONE, Tags::FORCE, name);
        }
        if COMMANDS.contains(&name) && text.contains(' ') {
            self.subshell(|eval| eval.run_text(text, &Io::default()));
        }
        if LOADERS.contains(&name) && !is_tame(name, text) {
            self.effect(Kinds::ENVIRONMENT, Places::NONE, Tags::FORCE, name);
        } else if takes_trust(name, text) {
            self.effect(Kinds::ENVIRONMENT, Places::NONE, Tags::UNVERIFIED, name);
        } else if PROXIES.contains(&name.to_lowercase().as_str()) && !text.is_empty() {
            let places = Target::of(text).places();
            self.effect(Kinds::ENVIRONMENT, places, Tags::NETWORK, name);
        } else if AGENT.contains(&name) {
            self.effect(Kinds::ENVIRONMENT, Places::CLAUDE, Tags::NONE, name);
        } else if hides_history(name, text) {
            self.effect(Kinds::TRACES, Places::NONE, Tags::NONE, name);
        }
    }
}

/// Whether servers are no longer asked who they are, or somebody else vouches for them.
fn takes_trust(name: &str, text: &str) -> bool {
    TLS.iter().any(|(known, off)| {
        *known == name && text.starts_with(off) && text != "1"
            || *known == name && name == "GIT_SSL_NO_VERIFY"
    })
}

fn hides_history(name: &str, text: &str) -> bool {
    matches!(name, "HISTFILE" | "HISTSIZE" | "HISTFILESIZE")
        && matches!(text, "/dev/null" | "0" | "")
}

/// Whether a search path begins with a folder that anybody may write to, or with the present one.
fn has_open_folder(path: &str) -> bool {
    let first = path.split(':').next().unwrap_or("");
    matches!(first, "" | ".") && path.contains(':')
        || ["/tmp", "/var/tmp", "/dev/shm"]
            .iter()
            .any(|temp| first.starts_with(temp))
}

/// Everyday values of variables that can also load code.
fn is_tame(name: &str, text: &str) -> bool {
    match name {
        "NODE_OPTIONS" => ![
            "--require",
            "-r ",
            "--import",
            "--loader",
            "--experimental-loader",
            "--inspect=0.0.0.0",
        ]
        .iter()
        .any(|word| text.contains(word)),
        "PYTHONPATH"
        | "CLASSPATH"
        | "RUBYLIB"
        | "PERL5LIB"
        | "LD_LIBRARY_PATH"
        | "DYLD_LIBRARY_PATH"
        | "DYLD_FRAMEWORK_PATH" => !["/tmp", "/var/tmp", "/dev/shm"]
            .iter()
            .any(|temp| text.starts_with(temp)),
        "JAVA_TOOL_OPTIONS" | "_JAVA_OPTIONS" => {
            !text.contains("-javaagent") && !text.contains("-agent")
        }
        "RUBYOPT" | "PERL5OPT" => text.starts_with("-W") || text.starts_with("-w"),
        "GIT_SSH_COMMAND" | "GIT_SSH" => {
            text == "ssh"
                || (text.starts_with("ssh ")
                    && !text.contains("ProxyCommand")
                    && !text.contains("LocalCommand"))
        }
        "BROWSER" => matches!(text, "none" | "echo" | "true" | "false" | ""),
        "GIT_ASKPASS" | "SSH_ASKPASS" => {
            matches!(text, "" | "true" | "/bin/true" | "echo" | "/bin/echo")
        }
        _ => text.is_empty(),
    }
}
