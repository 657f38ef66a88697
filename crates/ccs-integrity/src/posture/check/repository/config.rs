//! git's configuration files.

use std::path::Path;
use std::rc::Rc;

use crate::posture::Context;
use crate::posture::danger::{in_shell, interprets};
use crate::posture::finding::Severity;
use crate::posture::shell::parse;
use crate::posture::source::{Scope, Source};

/// One line of a configuration.
pub(super) struct Entry {
    pub(super) source: Rc<Source>,
    pub(super) offset: usize,
    /// In lower case, with the name in the middle: `filter.x.clean`.
    pub(super) key: String,
    pub(super) value: String,
}

/// How deep includes are followed.
const DEPTH: usize = 4;

/// The entries of a file and of those it includes.
pub(super) fn read(context: &Context<'_>, path: &Path) -> Vec<Entry> {
    let mut entries = Vec::new();
    collect(context, path, DEPTH, &mut entries);
    entries
}

fn collect(context: &Context<'_>, path: &Path, depth: usize, entries: &mut Vec<Entry>) {
    let Some(source) = context
        .reader
        .read(path, Scope::Project)
        .filter(|_| depth > 0)
    else {
        return;
    };
    let mut includes = Vec::new();
    for (offset, key, value) in lines(&source.text) {
        let is_include =
            key == "include.path" || key.starts_with("includeif.") && key.ends_with(".path");
        if is_include {
            includes.push(value.clone());
        }
        entries.push(Entry {
            source: Rc::clone(&source),
            offset,
            key,
            value,
        });
    }
    for include in includes.iter().filter(|include| !include.starts_with('~')) {
        let folder = path.parent().unwrap_or(path);
        collect(
            context,
            &crate::path::plain(&folder.join(include)),
            depth - 1,
            entries,
        );
    }
}

fn lines(text: &str) -> Vec<(usize, String, String)> {
    let mut found = Vec::new();
    let mut section = String::new();
    let mut at = 0;
    for line in text.split_inclusive('\n') {
        let start = at;
        at += line.len();
        let mut rest = line.trim();
        if let Some(header) = rest.strip_prefix('[') {
            let (name, after) = header.split_once(']').unwrap_or((header, ""));
            section = name
                .replace('"', "")
                .split_whitespace()
                .collect::<Vec<_>>()
                .join(".")
                .to_lowercase();
            rest = after.trim();
        }
        if rest.is_empty() || rest.starts_with(['#', ';']) {
            continue;
        }
        let (key, value) = rest.split_once('=').unwrap_or((rest, ""));
        let value = value.trim().trim_matches('"').replace("\\\"", "\"");
        found.push((
            start,
            format!("{section}.{}", key.trim().to_lowercase()),
            value,
        ));
    }
    found
}

/// Programs that people set, with arguments or without.
const USUAL: &[&str] = &[
    "less",
    "more",
    "cat",
    "delta",
    "bat",
    "diff-so-fancy",
    "vim",
    "vi",
    "nvim",
    "nano",
    "emacs",
    "emacsclient",
    "code",
    "cursor",
    "subl",
    "zed",
    "hx",
    "micro",
    "git-lfs",
    "git-crypt",
    "nbstripout",
    "gpg",
    "gpg2",
    "ssh-keygen",
    "op-ssh-sign",
    "difft",
    "meld",
    "kdiff3",
    "opendiff",
    "vimdiff",
    "true",
    "false",
    "1",
    "0",
    "cache",
    "store",
    "osxkeychain",
    "manager",
    "manager-core",
    "libsecret",
    "wincred",
    "gh",
    "glab",
    "git-credential-manager",
    "watchman",
    "rs-git-fsmonitor",
    "exiftool",
    "sops",
    "transcrypt",
    "jupyter",
];

/// How bad it is that git runs this; `None` if it does not, or as everybody has it.
pub(super) fn executes(entry: &Entry) -> Option<Severity> {
    let (key, value) = (entry.key.as_str(), entry.value.as_str());
    let (first, last) = (key.split('.').next()?, key.rsplit('.').next()?);
    let runs = match (first, last) {
        (
            "core",
            "fsmonitor"
            | "pager"
            | "sshcommand"
            | "editor"
            | "gitproxy"
            | "askpass"
            | "alternaterefscommand",
        ) => true,
        ("pager", _)
        | ("sequence", "editor")
        | ("diff", "external" | "command" | "textconv")
        | ("filter", "clean" | "smudge" | "process") => true,
        ("merge", "driver")
        | ("gpg", "program" | "defaultkeycommand")
        | ("credential", "helper")
        | ("uploadpack", "packobjectshook") => true,
        ("remote", "uploadpack" | "receivepack" | "vcs")
        | ("mergetool" | "difftool" | "browser" | "man" | "guitool", "cmd" | "path") => true,
        ("interactive", "difffilter")
        | ("receive", "procreceiverefs")
        | ("trailer", "cmd" | "command")
        | ("web", "browser")
        | ("sendemail", "smtpserver" | "tocmd" | "cccmd") => true,
        ("alias", _) => value.starts_with('!'),
        ("submodule", "update") => value.starts_with('!'),
        ("protocol", "allow") => key == "protocol.ext.allow" && value == "always",
        ("remote" | "url", "url" | "pushurl" | "insteadof") => {
            value.starts_with("ext::") || key.starts_with("url.ext::")
        }
        ("user", _) => value.contains("$(") || value.contains('`'),
        ("init", "templatedir") => !value.starts_with(['/', '~']),
        _ => false,
    };
    if !runs || value.is_empty() {
        return None;
    }
    let line = value.trim_start_matches('!');
    judge(first, line)
}

fn judge(section: &str, line: &str) -> Option<Severity> {
    let script = parse(line);
    let words: Vec<&str> = script
        .stages()
        .flat_map(|stage| &stage.words)
        .map(|word| word.text.as_str())
        .collect();
    let program = script
        .stages()
        .next()
        .map(|stage| stage.name())
        .unwrap_or_default();
    let in_tree = words.iter().any(|word| {
        word.starts_with("./")
            || word.starts_with("../")
            || word.starts_with("/tmp")
            || word.starts_with(".git/")
    });
    let relative = words
        .first()
        .is_some_and(|word| word.contains('/') && !word.starts_with(['/', '~', '$']));
    let inline = interprets(program) && words.iter().any(|word| matches!(*word, "-c" | "-e"));
    if !in_shell(line).is_empty()
        || in_tree
        || relative
        || inline
        || line.starts_with("ext::")
        || line == "always"
        || matches!(section, "url" | "user" | "init")
    {
        return Some(Severity::Critical);
    }
    let several = script.pipelines.len() > 1
        || script
            .pipelines
            .iter()
            .any(|pipeline| pipeline.stages.len() > 1);
    if program == "ssh" && !several {
        let odd = words.iter().any(|word| {
            word.to_lowercase().contains("proxycommand")
                || word.to_lowercase().contains("localcommand")
        });
        return if odd {
            Some(Severity::Critical)
        } else {
            Some(Severity::Low)
        };
    }
    match section {
        "alias" => Some(Severity::Low),
        _ if USUAL.contains(&program) && !several => None,
        _ => Some(Severity::High),
    }
}
