//! What a variable does.

use crate::posture::finding::Severity;
use crate::posture::url::Url;

/// Variables that say where the model's requests, and with them the key, go.
pub(in crate::posture) fn is_address(upper: &str) -> bool {
    upper.starts_with("ANTHROPIC_") && upper.ends_with("URL")
        || matches!(upper, "CLAUDE_CODE_API_BASE_URL" | "ANTHROPIC_UNIX_SOCKET")
}

pub(super) fn address(text: &str, foreign: bool) -> Option<Severity> {
    let Some(url) = Url::parse(text) else {
        return (foreign && !text.trim().is_empty()).then_some(Severity::High);
    };
    if url.is_below("anthropic.com") && url.scheme == "https" && url.user.is_none() {
        return None;
    }
    Some(match (url.is_loopback(), foreign, url.is_clear()) {
        (true, true, _) => Severity::Medium,
        (true, false, _) => Severity::Info,
        (false, true, _) => Severity::Critical,
        (false, false, true) => Severity::High,
        (false, false, false) => Severity::Info,
    })
}

pub(super) fn disables_tls(upper: &str, text: &str) -> bool {
    let text = text.trim().to_ascii_lowercase();
    let off = matches!(text.as_str(), "0" | "false" | "no" | "off");
    match upper {
        "NODE_TLS_REJECT_UNAUTHORIZED"
        | "PYTHONHTTPSVERIFY"
        | "GIT_SSL_VERIFY"
        | "NPM_CONFIG_STRICT_SSL"
        | "REQUESTS_VERIFY"
        | "BUN_CONFIG_STRICT_SSL" => off,
        "GIT_SSL_NO_VERIFY"
        | "SSL_NO_VERIFY"
        | "CURL_INSECURE"
        | "CLAUDE_CODE_SKIP_TLS_VERIFY"
        | "UV_INSECURE_NO_ZIP_VALIDATION" => !off && !text.is_empty(),
        "UV_INSECURE_HOST" | "PIP_TRUSTED_HOST" => !text.is_empty(),
        "GOINSECURE" => text.contains('*'),
        _ => false,
    }
}

pub(super) fn changes_way(upper: &str) -> bool {
    matches!(
        upper,
        "HTTP_PROXY"
            | "HTTPS_PROXY"
            | "ALL_PROXY"
            | "NODE_EXTRA_CA_CERTS"
            | "SSL_CERT_FILE"
            | "SSL_CERT_DIR"
            | "REQUESTS_CA_BUNDLE"
            | "CURL_CA_BUNDLE"
            | "GIT_SSL_CAINFO"
            | "GIT_PROXY_COMMAND"
            | "NODE_USE_ENV_PROXY"
    ) || upper.starts_with("CLAUDE_CODE_CLIENT_")
        || [
            "_CA_BUNDLE",
            "_CAFILE",
            "_CA_CERT",
            "_CACERT",
            "_CA_CERTS",
            "_PROXY",
        ]
        .iter()
        .any(|end| upper.ends_with(end) && upper != "NO_PROXY")
}

/// Variables with which other programs load code.
pub(super) fn loads(upper: &str, text: &str) -> bool {
    let has = |needles: &[&str]| needles.iter().any(|needle| text.contains(needle));
    match upper {
        "NODE_OPTIONS" | "BUN_OPTIONS" => has(&[
            "--require",
            "-r ",
            "-r=",
            "--import",
            "--loader",
            "--experimental-loader",
            "--preload",
            "--env-file",
            "--inspect=0.0.0.0",
        ]),
        "JAVA_TOOL_OPTIONS" | "_JAVA_OPTIONS" | "JDK_JAVA_OPTIONS" => has(&[
            "-javaagent",
            "-agentpath",
            "-agentlib",
            "-Xbootclasspath",
            "-XX:OnError",
        ]),
        "PERL5OPT" | "RUBYOPT" => has(&["-M", "-r", "-I"]),
        "PATH" => text.split(':').any(|part| {
            part.is_empty()
                || part.starts_with('.')
                || part.starts_with("/tmp")
                || part.contains("CLAUDE_PROJECT_DIR")
                || !part.starts_with(['/', '$', '~', '%'])
        }),
        "PAGER" | "GIT_PAGER" | "MANPAGER" => {
            !matches!(text, "" | "cat" | "less" | "more" | "delta" | "bat")
                && has(&["/", " ", ";", "|"])
        }
        "EDITOR" | "VISUAL" | "GIT_EDITOR" => {
            text.starts_with('.') || has(&["CLAUDE_PROJECT_DIR", ";", "|", "$("])
        }
        "PYTHONPATH" | "RUBYLIB" | "PERL5LIB" | "NODE_PATH" => text.split(':').any(|part| {
            part.starts_with("./.") || part.starts_with("/tmp") || part.starts_with(".claude")
        }),
        "LD_PRELOAD"
        | "LD_LIBRARY_PATH"
        | "LD_AUDIT"
        | "BASH_ENV"
        | "ENV"
        | "ZDOTDIR"
        | "PYTHONSTARTUP"
        | "PYTHONHOME"
        | "PYTHONUSERBASE"
        | "PROMPT_COMMAND"
        | "GIT_SSH"
        | "GIT_SSH_COMMAND"
        | "GIT_EXTERNAL_DIFF"
        | "GIT_ASKPASS"
        | "SSH_ASKPASS"
        | "GIT_CONFIG_GLOBAL"
        | "GIT_CONFIG_SYSTEM"
        | "GIT_CONFIG_COUNT"
        | "GIT_CONFIG_PARAMETERS"
        | "GIT_EXEC_PATH"
        | "GIT_TEMPLATE_DIR"
        | "GIT_SEQUENCE_EDITOR"
        | "PYTHONBREAKPOINT"
        | "NPM_CONFIG_SCRIPT_SHELL"
        | "NPM_CONFIG_USERCONFIG"
        | "RUSTC_WRAPPER"
        | "RUSTC"
        | "CARGO_BUILD_RUSTC_WRAPPER"
        | "MAKEFLAGS"
        | "PHPRC"
        | "PHP_INI_SCAN_DIR"
        | "LESSOPEN"
        | "BROWSER"
        | "ELECTRON_RUN_AS_NODE" => !text.is_empty(),
        _ => {
            upper.starts_with("DYLD_")
                || upper.starts_with("CARGO_TARGET_") && upper.ends_with("_RUNNER")
                || upper.starts_with("GIT_CONFIG_KEY_")
                || upper.starts_with("BASH_FUNC_")
        }
    }
}

/// Whether a variable sends requests elsewhere, weakens their protection or loads code; what a
/// repository's `.envrc` should not do.
pub(in crate::posture::check) fn is_redirect(name: &str, text: &str) -> bool {
    let upper = name.to_ascii_uppercase();
    let moved = matches!(
        upper.as_str(),
        "CLAUDE_CONFIG_DIR"
            | "CODEX_HOME"
            | "HOME"
            | "CLAUDE_CODE_SHELL_PREFIX"
            | "CLAUDE_CODE_SHELL"
    );
    let address = is_address(&upper) && address(text, true).is_some();
    let way = changes_way(&upper) && Url::parse(text).is_some_and(|url| !url.is_loopback());
    address || disables_tls(&upper, text) || way || moved || upper != "PATH" && loads(&upper, text)
}
