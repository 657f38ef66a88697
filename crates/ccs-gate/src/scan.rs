//! A last look at text that could not be read as a command.

use aho_corasick::AhoCorasick;

/// Words that make unread text too risky to run.
const RISKY: &[&str] = &[
    "rm -",
    "rm\t-",
    "rm  -",
    "mkfs",
    "dd if=",
    "dd of=",
    "wipefs",
    "shred ",
    ":(){",
    "/dev/tcp/",
    "/dev/udp/",
    "/dev/sd",
    "/dev/nvme",
    "/etc/shadow",
    "/etc/passwd",
    ".ssh/",
    "id_rsa",
    "id_ed25519",
    ".aws/",
    "authorized_keys",
    "| sh",
    "|sh",
    "| bash",
    "|bash",
    "base64 -d",
    "base64 --d",
    "nc -e",
    "ncat ",
    "socat ",
    "chmod -r",
    "chmod 777",
    "chown -r",
    "git reset --hard",
    "git clean",
    "git push",
    "drop database",
    "drop table",
    "truncate ",
    "rmtree",
    "rmsync",
    "child_process",
    "os.system",
    "subprocess",
    "crontab",
    "sudoers",
    "eval ",
    "curl ",
    "wget ",
    "-delete",
    "kubectl delete",
    "terraform destroy",
];

/// Whether the text names anything that a rule could be about.
pub(crate) fn is_risky(text: &str) -> bool {
    let build = AhoCorasick::builder()
        .ascii_case_insensitive(true)
        .build(RISKY);
    build.map_or(true, |words| words.is_match(text))
}

/// Names of connections in the libraries of every language.
const SOCKETS: &[&str] = &[
    "tcpclient",
    "udpclient",
    "socket.socket",
    "net.socket",
    "new socket(",
    "sockets.",
    "io::socket",
    "tcpsocket",
    "tcpstream",
    "fsockopen",
    "stream_socket_client",
    "net.connect",
    "net.dial",
    "createconnection",
    "/inet/tcp",
    "/dev/tcp/",
    "ztcp ",
    "socket(pf_inet",
    "java.net.socket",
];
/// Names of shells, and of what starts them, in the same.
const STARTS: &[&str] = &[
    "/bin/sh",
    "/bin/bash",
    "/bin/zsh",
    "cmd.exe",
    "powershell",
    "iex ",
    "invoke-expression",
    "exec.command",
    "pty.spawn",
    "os.dup2",
    "processbuilder",
    "proc_open",
    "shell_exec",
    "command::new",
    "getruntime().exec",
];

/// Whether a program text names both a connection and a shell, whatever its language.
pub(crate) fn is_shell_on_socket(text: &str) -> bool {
    let text = text.to_lowercase();
    let names = |words: &[&str]| words.iter().any(|word| text.contains(word));
    names(SOCKETS) && names(STARTS)
}

#[cfg(test)]
mod tests {
    use super::is_shell_on_socket;

    #[test]
    fn a_connection_and_a_shell_make_a_remote_shell() {
        assert!(is_shell_on_socket("c := net.Dial(a); exec.Command(\"sh\")"));
        assert!(is_shell_on_socket("TCPClient('h',1); (iex $data)"));
        assert!(!is_shell_on_socket("s = socket.socket(); s.connect(a)"));
        assert!(!is_shell_on_socket("exec.Command(\"ls\")"));
    }
}
