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
