//! Running text and files as code.

use super::language;
use crate::effect::{Kinds, Places, Tags};
use crate::eval::act::tags_of;
use crate::eval::{Eval, Io};
use crate::value::{Labels, Value};

impl Eval<'_> {
    /// Runs a text as shell commands: what is known of it is read, what is not is reported with
    /// its origin.
    pub(crate) fn code(&mut self, text: &Value, io: &Io) -> Value {
        if text.text.is_empty() {
            return Value::default();
        }
        let risky = Labels::REMOTE.and(Labels::DECODED);
        if text.labels.has(risky) || text.is_blank() {
            let tags = tags_of(text.labels).and(Tags::UNKNOWN_TEXT);
            self.effect(Kinds::CODE, Places::NONE, tags, "");
        }
        if text.is_blank() {
            return Value::unknown(Labels::OUTPUT);
        }
        self.run_text(&text.text, io)
    }

    /// Runs a script file in the present shell or in another one.
    pub(crate) fn script_file(&mut self, file: &Value, args: &[Value], io: &Io) -> Value {
        let outer =
            (!args.is_empty()).then(|| std::mem::replace(&mut self.state.arguments, args.to_vec()));
        let value = match self.content(&file.text, io) {
            Some(text) => self.code(&text, io),
            None => self.run_file(file),
        };
        if let Some(outer) = outer {
            self.state.arguments = outer;
        }
        value
    }

    /// What a file holds, if this command wrote it or it stands for standard input.
    pub(crate) fn content(&self, path: &str, io: &Io) -> Option<Value> {
        if matches!(path, "-" | "/dev/stdin" | "/dev/fd/0" | "/proc/self/fd/0") {
            return io.stdin.clone();
        }
        let path = crate::path::absolute(path, &self.state.cwd);
        self.state.files.get(&path).cloned()
    }

    /// Runs a file whose content is not known.
    pub(crate) fn run_file(&mut self, file: &Value) -> Value {
        let at = self.locate(&file.text);
        self.effect(Kinds::RUN, at.places, tags_of(file.labels), &at.path);
        Value::unknown(Labels::OUTPUT)
    }

    /// A program that was perhaps written by this command: its text is read in its own language.
    pub(crate) fn program_file(&mut self, line: &[Value], io: &Io) -> Option<Value> {
        let text = self.content(&line[0].text, &Io::default())?;
        let first = text.text.lines().next().unwrap_or("");
        if let Some(interpreter) = first.strip_prefix("#!") {
            let name = interpreter
                .split_whitespace()
                .find(|word| !word.ends_with("/env") && *word != "-S")
                .unwrap_or("");
            if let Some(kind) = crate::script::Language::of_program(&super::name(name)) {
                return Some(language::walk(self, kind, &text, io, &line[1..]));
            }
        }
        Some(self.script_file(&line[0], &line[1..], io))
    }

    /// Runs a command whose name is looked up as a program, not as a function.
    pub(crate) fn program_or(&mut self, line: &[Value], io: &Io) -> Value {
        match line.first() {
            None => Value::default(),
            Some(first) if first.is_known() => self.program(line, io),
            Some(_) => self.invoke(line.to_vec(), io),
        }
    }

    /// A variable is set: some change what other programs do.
    pub(crate) fn sets(&mut self, name: &str, value: Option<&Value>) {
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
        const PROXIES: &[&str] = &["http_proxy", "https_proxy", "all_proxy", "ftp_proxy"];
        const AGENT: &[&str] = &[
            "ANTHROPIC_BASE_URL",
            "ANTHROPIC_AUTH_TOKEN",
            "CLAUDE_CONFIG_DIR",
            "CLAUDE_CODE_SIMPLE",
            "CCS_HOME",
        ];
        let text = value.map_or("", |value| value.text.as_str());
        if name == "PATH" && has_open_folder(text) {
            self.effect(Kinds::ENVIRONMENT, Places::NONE, Tags::FORCE, name);
        }
        if COMMANDS.contains(&name) && text.contains(' ') {
            self.subshell(|eval| eval.run_text(text, &Io::default()));
        }
        if LOADERS.contains(&name) && !is_tame(name, text) {
            self.effect(Kinds::ENVIRONMENT, Places::NONE, Tags::FORCE, name);
        } else if TLS.iter().any(|(known, off)| {
            *known == name && text.starts_with(off) && text != "1"
                || *known == name && name == "GIT_SSL_NO_VERIFY"
        }) {
            self.effect(Kinds::ENVIRONMENT, Places::NONE, Tags::UNVERIFIED, name);
        } else if PROXIES.contains(&name.to_lowercase().as_str()) && !text.is_empty() {
            let places = crate::net::Target::of(text).places();
            self.effect(Kinds::ENVIRONMENT, places, Tags::NETWORK, name);
        } else if AGENT.contains(&name) {
            self.effect(Kinds::ENVIRONMENT, Places::CLAUDE, Tags::NONE, name);
        } else if matches!(name, "HISTFILE" | "HISTSIZE" | "HISTFILESIZE")
            && (text == "/dev/null" || text == "0" || text.is_empty())
        {
            self.effect(Kinds::TRACES, Places::NONE, Tags::NONE, name);
        }
    }
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
