//! What the text of a command line shows by itself.

/// Programs that read commands.
pub(super) const SHELLS: &[&str] = &[
    "sh",
    "bash",
    "zsh",
    "dash",
    "ksh",
    "ash",
    "fish",
    "csh",
    "tcsh",
    "rbash",
    "cmd",
    "cmd.exe",
    "powershell",
    "powershell.exe",
    "pwsh",
    "pwsh.exe",
];

/// The output of a plain `echo`.
pub(super) fn echoed(command: &str) -> Option<&str> {
    let text = command.trim().strip_prefix("echo ")?.trim_start();
    let magic = text.contains(['$', '`', '|', '>', '<', ';', '&', '"', '\'', '\\', '*', '?']);
    (!magic && !text.starts_with('-')).then_some(text)
}

/// Whether a command's output comes from the network.
pub(super) fn fetches(command: &str) -> bool {
    matches!(
        base_name(command.split_whitespace().next().unwrap_or("")),
        "curl" | "wget" | "fetch" | "lwp-request" | "http"
    )
}

pub(super) fn is_address(text: &str) -> bool {
    ["http://", "https://", "ftp://", "ftps://"]
        .iter()
        .any(|scheme| {
            text.get(..scheme.len())
                .is_some_and(|start| start.eq_ignore_ascii_case(scheme))
        })
}

pub(super) fn base_name(program: &str) -> &str {
    program.rsplit(['/', '\\']).next().unwrap_or(program)
}

/// Whether the last part of a command line is a shell that has nothing to do but read: without a
/// command or script, with redirections at most.
pub(super) fn is_bare_shell(command: &str) -> bool {
    let head = command.split(['<', '>']).next().unwrap_or("");
    let mut parts = head.rsplit([';', '&', '|', '\n']);
    let Some(last) = parts.find(|part| !part.trim().is_empty()) else {
        return false;
    };
    let mut words = last.split_whitespace().peekable();
    while matches!(
        words.peek(),
        Some(&"exec" | &"env" | &"nohup" | &"setsid" | &"busybox")
    ) {
        words.next();
    }
    let Some(program) = words.next() else {
        return false;
    };
    let name = base_name(program)
        .trim_start_matches('-')
        .to_ascii_lowercase();
    let reads = |word: &str| {
        let option = word.starts_with('-') && !word.starts_with("--command");
        let lower = word.to_ascii_lowercase();
        let short_c = !word.starts_with("--") && option && word.ends_with('c');
        let runs = short_c || lower == "-command" || lower == "-file" || lower == "-enc";
        (option && !runs) || lower == "/q" || word.chars().all(|c| c.is_ascii_digit())
    };
    SHELLS.contains(&name.as_str()) && words.all(reads)
}
