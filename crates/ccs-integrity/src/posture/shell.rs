//! Shell text as pipelines of words: enough to see what a command line runs.
//!
//! Not a shell: everything is a list of pipelines, groups and conditions are flattened, and what
//! cannot be read is taken as words. It never fails and is linear in the text.

mod lexer;
#[cfg(test)]
mod tests;

use super::danger::SHELLS;
use lexer::Lexer;

/// How deep substitutions are read.
const DEPTH: usize = 8;

/// Some commands.
#[derive(Debug, Default)]
pub(super) struct Script {
    pub(super) pipelines: Vec<Pipeline>,
}

/// Commands that feed each other.
#[derive(Debug, Default)]
pub(super) struct Pipeline {
    pub(super) stages: Vec<Stage>,
}

/// One command.
#[derive(Debug, Default)]
pub(super) struct Stage {
    pub(super) words: Vec<Word>,
    /// Files that are written or appended to.
    pub(super) writes: Vec<Word>,
    /// Text that is fed in by `<<`.
    pub(super) fed: Option<String>,
    pub(super) offset: usize,
}

/// One word with its quotes taken off. Substitutions are left out of the text.
#[derive(Debug, Default)]
pub(super) struct Word {
    pub(super) text: String,
    /// Variables that the shell splits, because they stand outside of quotes.
    pub(super) split: Vec<String>,
    /// Variables within quotes.
    pub(super) whole: Vec<String>,
    /// What is substituted, and whether outside of quotes.
    pub(super) inner: Vec<(Script, bool)>,
    pub(super) quoted: bool,
}

impl Script {
    /// Every pipeline, substitutions included.
    pub(super) fn all(&self) -> Vec<&Pipeline> {
        let mut found = Vec::new();
        for pipeline in &self.pipelines {
            found.push(pipeline);
            for stage in &pipeline.stages {
                for (inner, _) in stage.words.iter().flat_map(|word| &word.inner) {
                    found.extend(inner.all());
                }
            }
        }
        found
    }

    /// Every command, substitutions included.
    pub(super) fn stages(&self) -> impl Iterator<Item = &Stage> {
        self.all().into_iter().flat_map(|pipeline| &pipeline.stages)
    }
}

const WRAPPERS: &[&str] = &[
    "sudo",
    "doas",
    "env",
    "command",
    "exec",
    "nohup",
    "time",
    "timeout",
    "nice",
    "ionice",
    "setsid",
    "busybox",
    "builtin",
    "xargs",
    "stdbuf",
    "unbuffer",
    "caffeinate",
];
/// Programs that start the one behind `--`.
const STARTERS: &[&str] = &[
    "mise",
    "op",
    "doppler",
    "dotenv",
    "dotenvx",
    "aws-vault",
    "direnv",
    "devbox",
    "nix",
    "pixi",
    "infisical",
    "chamber",
    "npm",
];
const RESERVED: &[&str] = &[
    "if", "then", "else", "elif", "fi", "do", "done", "while", "until", "!", "{", "}", "in",
];

impl Stage {
    /// The program's name without its folder, and its arguments; wrappers such as `sudo` are
    /// looked through.
    pub(super) fn program(&self) -> Option<(&str, &[Word])> {
        let mut words = &self.words[..];
        loop {
            let (first, rest) = words.split_first()?;
            words = rest;
            let name = first.name();
            if is_assignment(&first.text) || RESERVED.contains(&first.text.as_str()) {
                continue;
            }
            if STARTERS.contains(&name)
                && let Some(end) = rest.iter().position(|word| word.text == "--")
            {
                words = &rest[end + 1..];
                continue;
            }
            if !WRAPPERS.contains(&name) {
                return Some((name, rest));
            }
            words = skip_options(name, rest);
            if words.is_empty() {
                return Some((name, rest));
            }
        }
    }

    pub(super) fn name(&self) -> &str {
        self.program().map_or("", |(name, _)| name)
    }

    pub(super) fn args(&self) -> &[Word] {
        self.program().map_or(&[], |(_, args)| args)
    }

    /// The line that a shell is given: `sh -c '…'`.
    pub(super) fn given_line(&self) -> Option<&str> {
        let (name, args) = self.program()?;
        if !SHELLS.contains(&name) {
            return None;
        }
        let option = |word: &Word| {
            let text = word.text.as_str();
            text.starts_with('-') && !text.starts_with("--") && text.contains('c')
        };
        let at = args.iter().position(option)?;
        args.get(at + 1).map(|word| word.text.as_str())
    }

    pub(super) fn has_arg(&self, wanted: &[&str]) -> bool {
        self.args()
            .iter()
            .any(|word| wanted.contains(&word.text.as_str()))
    }
}

impl Word {
    /// The last part of a path, as programs are called.
    pub(super) fn name(&self) -> &str {
        let name = self.text.rsplit(['/', '\\']).next().unwrap_or(&self.text);
        name.strip_suffix(".exe").unwrap_or(name)
    }
}

fn skip_options<'a>(wrapper: &str, mut words: &'a [Word]) -> &'a [Word] {
    while let Some((first, rest)) = words.split_first() {
        let text = first.text.as_str();
        let takes_value = match wrapper {
            "sudo" | "doas" => matches!(text, "-u" | "-g" | "-p" | "-C" | "-h"),
            "env" => matches!(text, "-u" | "-C" | "--unset" | "--chdir"),
            "xargs" => matches!(text, "-I" | "-n" | "-P" | "-L" | "-d" | "-s" | "-a"),
            "nice" | "ionice" => matches!(text, "-n" | "-c" | "-p"),
            "timeout" => matches!(text, "-s" | "-k"),
            _ => false,
        };
        let number = wrapper == "timeout" && text.starts_with(|c: char| c.is_ascii_digit());
        words = match () {
            () if takes_value => rest.get(1..).unwrap_or_default(),
            () if text.starts_with('-') && text.len() > 1 || is_assignment(text) || number => rest,
            () => return words,
        };
    }
    words
}

fn is_assignment(text: &str) -> bool {
    text.split_once('=').is_some_and(|(name, _)| {
        !name.is_empty()
            && !name.starts_with(|c: char| c.is_ascii_digit())
            && name.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_')
    })
}

/// Reads shell text.
pub(super) fn parse(text: &str) -> Script {
    let mut lexer = Lexer {
        bytes: text.as_bytes(),
        text,
        at: 0,
        waiting: Vec::new(),
    };
    lexer.script(None, 0)
}
