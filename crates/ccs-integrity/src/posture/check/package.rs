//! Packages that MCP servers are started from.

use super::mcp::add;
use super::settings::distance;
use crate::posture::Context;
use crate::posture::catalog::{
    MCP_KNOWN_MALICIOUS, MCP_TYPOSQUAT, MCP_UNPINNED, MCP_VULNERABLE_VERSION,
};
use crate::posture::data::{KNOWN, MALICIOUS, PACKAGES};
use crate::posture::finding::{Findings, Severity};
use crate::posture::json::Doc;
use crate::posture::model::Server;
use crate::posture::version::Version;

pub(super) fn run(context: &Context<'_>, found: &mut Findings<'_>) {
    for server in &context.model.servers {
        let commands = server.commands();
        let mut packages: Vec<Package<'_>> = Vec::new();
        for command in &commands {
            let words: Vec<&str> = command.iter().map(String::as_str).collect();
            let package = words
                .split_first()
                .and_then(|(program, words)| Package::of(words, program))
                .or_else(|| words.iter().find_map(|word| installed(word)));
            packages.extend(package.filter(|package| !packages.contains(package)));
        }
        let lying: Vec<Option<String>> = packages
            .iter()
            .map(|package| package.version_on_disk(context, server))
            .collect();
        for (package, lying) in packages.iter_mut().zip(&lying) {
            package.version = package.version.or(lying.as_deref());
            judge(context, server, package, found);
        }
    }
}

/// A package by its folder, as it lies on the disk. Its version stands in another file.
fn installed(word: &str) -> Option<Package<'_>> {
    let (_, rest) = word.rsplit_once("node_modules/")?;
    let parts = if rest.starts_with('@') { 2 } else { 1 };
    let end = rest
        .match_indices('/')
        .nth(parts - 1)
        .map_or(rest.len(), |(at, _)| at);
    Some(Package {
        text: word,
        name: &rest[..end],
        version: None,
        is_image: false,
        is_installed: true,
    })
}

/// A package as a launcher is told.
#[derive(Debug, PartialEq, Eq)]
struct Package<'a> {
    /// As it is written.
    text: &'a str,
    name: &'a str,
    version: Option<&'a str>,
    is_image: bool,
    /// Whether it lies on the disk, and is what it is.
    is_installed: bool,
}

impl<'a> Package<'a> {
    fn of(words: &[&'a str], program: &str) -> Option<Self> {
        let words = match (program, words.first().copied()) {
            ("npx" | "bunx" | "pnpx" | "uvx", _) => words,
            ("pnpm", Some("dlx" | "exec"))
            | ("yarn", Some("dlx"))
            | ("npm", Some("exec" | "x"))
            | ("bun", Some("x"))
            | ("pipx", Some("run")) => &words[1..],
            ("uv", Some("tool")) => words.get(2..)?,
            ("uv", Some("run")) => return with(&words[1..]),
            ("docker" | "podman" | "nerdctl", Some("run")) => return image(&words[1..]),
            ("deno", Some("run")) => {
                let text = words.iter().find_map(|word| word.strip_prefix("npm:"))?;
                return Package::parse(text);
            }
            ("go", Some("run")) => {
                let text = words.iter().skip(1).find(|word| word.contains('@'))?;
                return Package::parse(text);
            }
            ("cmd", Some("/c" | "/C")) => return Package::of(words.get(2..)?, words.get(1)?),
            _ => return None,
        };
        let text = named(words).or_else(|| {
            first(
                words,
                &[
                    "--registry",
                    "--python",
                    "-p",
                    "--index-url",
                    "--index",
                    "--node-options",
                    "-c",
                    "--call",
                ],
            )
        })?;
        Package::parse(text)
    }

    fn parse(text: &'a str) -> Option<Self> {
        // What stands for a variable that is not set.
        let text = match text.strip_prefix("${") {
            Some(inner) => inner.split_once(":-")?.1.trim_end_matches('}'),
            None => text,
        };
        let local = text.starts_with(['.', '/', '~', '$'])
            || text.ends_with(".js")
            || text.ends_with(".py")
            || text.ends_with(".mjs");
        if local || text.is_empty() {
            return None;
        }
        if text.contains("://") || text.starts_with("git+") || text.starts_with("github:") {
            let version = text
                .rsplit_once(['#', '@'])
                .map(|(_, reference)| reference)
                .filter(|reference| !reference.contains('/'));
            return Some(Package {
                text,
                name: text,
                version,
                is_image: false,
                is_installed: false,
            });
        }
        let scope = usize::from(text.starts_with('@'));
        let cut = text[scope..]
            .find(['@', '=', '<', '>', '~', '!'])
            .map(|at| at + scope);
        let (name, version) = match cut {
            Some(at) => (&text[..at], Some(text[at..].trim_start_matches(['@', '=']))),
            None => (text, None),
        };
        let name = name.split('[').next().unwrap_or(name);
        Some(Package {
            text,
            name,
            version,
            is_image: false,
            is_installed: false,
        })
    }

    /// What the manifest of a package says that lies on the disk.
    fn version_on_disk(&self, context: &Context<'_>, server: &Server) -> Option<String> {
        let places = &context.model.places;
        let folder = self
            .text
            .rsplit_once("node_modules/")
            .filter(|_| self.is_installed)?
            .0;
        let folder = server.resolve(places, &format!("{folder}node_modules/{}", self.name));
        let manifest = context
            .reader
            .read(&folder.join("package.json"), server.scope)?;
        let doc = Doc::lenient(&manifest)?;
        Some(doc.root().get("version")?.text()?.to_owned())
    }

    fn is_pinned(&self) -> bool {
        let Some(version) = self.version else {
            return false;
        };
        let exact = |version: &str| {
            version.starts_with(|c: char| c.is_ascii_digit() || c == 'v')
                && version.contains('.')
                && !version.contains(['*', 'x', ' ', '<', '>', ','])
        };
        let digest = version.starts_with("sha256:")
            || version.len() == 40 && version.bytes().all(|b| b.is_ascii_hexdigit());
        digest
            || exact(version) && Version::parse(version).is_some()
            || self.is_image && version.starts_with(|c: char| c.is_ascii_digit())
    }
}

/// The value of `--package` or `--from`.
fn named<'a>(words: &[&'a str]) -> Option<&'a str> {
    let at = words
        .iter()
        .position(|word| matches!(*word, "--package" | "--from" | "--spec"));
    let joined = words.iter().find_map(|word| {
        word.strip_prefix("--package=")
            .or_else(|| word.strip_prefix("--from="))
    });
    at.and_then(|at| words.get(at + 1).copied()).or(joined)
}

/// `uv run --with package`.
fn with<'a>(words: &[&'a str]) -> Option<Package<'a>> {
    let at = words.iter().position(|word| *word == "--with")?;
    Package::parse(words.get(at + 1)?)
}

/// The first word that is neither an option nor the value of one.
fn first<'a>(words: &[&'a str], with_value: &[&str]) -> Option<&'a str> {
    let mut words = words.iter();
    while let Some(word) = words.next() {
        match word {
            word if with_value.contains(word) => {
                words.next();
            }
            word if word.starts_with('-') => {}
            word => return Some(word),
        }
    }
    None
}

fn image<'a>(words: &[&'a str]) -> Option<Package<'a>> {
    let with_value = [
        "-v",
        "--volume",
        "-e",
        "--env",
        "--name",
        "--network",
        "--net",
        "-p",
        "--publish",
        "--mount",
        "-w",
        "--workdir",
        "-u",
        "--user",
        "--env-file",
        "--entrypoint",
        "--platform",
        "--memory",
        "-m",
        "--cpus",
        "--pull",
        "--add-host",
        "-l",
        "--label",
        "--cap-add",
        "--cap-drop",
        "--security-opt",
        "--pid",
        "--ipc",
        "-h",
        "--hostname",
        "--tmpfs",
        "--device",
        "--gpus",
        "--userns",
        "--ulimit",
        "--restart",
        "--log-driver",
        "--dns",
        "--shm-size",
        "--group-add",
    ];
    let text = first(words, &with_value)?;
    let (name, version) = match text.split_once('@') {
        Some((name, digest)) => (name, Some(digest)),
        None => match text.rsplit_once(':').filter(|(_, tag)| !tag.contains('/')) {
            Some((name, tag)) => (name, Some(tag)),
            None => (text, None),
        },
    };
    Some(Package {
        text,
        name,
        version,
        is_image: true,
        is_installed: false,
    })
}

fn judge(context: &Context<'_>, server: &Server, package: &Package<'_>, found: &mut Findings<'_>) {
    let offset = server
        .parts
        .args
        .iter()
        .find(|(text, _)| text.contains(package.text))
        .map_or(server.offset, |(_, at)| *at);
    let version = package.version.and_then(Version::parse);
    if !package.is_pinned() && !package.is_installed {
        add(
            context,
            MCP_UNPINNED,
            server,
            offset,
            Severity::Medium,
            package.text.to_owned(),
            found,
        );
    }
    let bad = |from: &str| {
        from.is_empty()
            || version
                .as_ref()
                .is_none_or(|version| version.is_at_least(from))
    };
    if let Some(malicious) = MALICIOUS
        .iter()
        .find(|malicious| malicious.package == package.name && bad(malicious.from))
    {
        add(
            context,
            MCP_KNOWN_MALICIOUS,
            server,
            offset,
            Severity::Critical,
            format!("{}: {}", package.text, malicious.source),
            found,
        );
        return;
    }
    let advisories = PACKAGES
        .iter()
        .filter(|advisory| advisory.package == package.name);
    for advisory in advisories {
        if version
            .as_ref()
            .is_some_and(|version| version.is_between(advisory.from, advisory.fixed))
        {
            let evidence = format!(
                "{}: {} ({}), fixed in {}",
                package.text, advisory.about, advisory.id, advisory.fixed
            );
            add(
                context,
                MCP_VULNERABLE_VERSION,
                server,
                offset,
                advisory.severity,
                evidence,
                found,
            );
        }
    }
    if let Some(known) = imitated(package.name).filter(|_| !package.is_image) {
        add(
            context,
            MCP_TYPOSQUAT,
            server,
            offset,
            Severity::Medium,
            format!("{} resembles {known}", package.name),
            found,
        );
    }
}

/// The known package that a name looks like without being it.
fn imitated(name: &str) -> Option<&'static str> {
    if KNOWN.contains(&name) || name.len() < 6 {
        return None;
    }
    let bare = |name: &str| name.rsplit('/').next().unwrap_or_default().to_owned();
    KNOWN.iter().copied().find(|known| {
        let swapped = known.contains('/')
            && !name.contains('/')
            && name == known.trim_start_matches('@').replace('/', "-");
        let other_scope = known.starts_with("@modelcontextprotocol/")
            && name.starts_with('@')
            && bare(name) == bare(known)
            && near(name.split('/').next(), known.split('/').next());
        distance(name, known) <= if known.len() > 12 { 2 } else { 1 } || swapped || other_scope
    })
}

fn near(a: Option<&str>, b: Option<&str>) -> bool {
    a.zip(b).is_some_and(|(a, b)| distance(a, b) <= 4)
}

#[cfg(test)]
mod tests {
    use super::Package;

    fn pinned(line: &str) -> Option<bool> {
        let words: Vec<&str> = line.split(' ').collect();
        Package::of(&words[1..], words[0]).map(|package| package.is_pinned())
    }

    #[test]
    fn the_package_is_told_from_its_arguments() {
        for line in [
            "npx -y @scope/pkg@1.2.3 ./docs",
            "uvx --from pkg==1.2.3 tool",
            "uvx pkg@1.2.3 --repo .",
            "docker run -i --rm -e A ghcr.io/o/p:1.4.0",
            "docker run p@sha256:00",
            "npx -y --package=pkg@1.0.0 tool",
            "cmd /c npx -y pkg@1.0.0",
        ] {
            assert_eq!(pinned(line), Some(true), "{line}");
        }
        for line in [
            "npx -y pkg",
            "npx pkg@latest",
            "uvx pkg",
            "npx -y pkg@^1.2.0",
            "docker run -i --rm -v /a:/b img",
            "docker run img:latest",
            "pnpm dlx pkg",
            "uvx --from git+https://x.example/p tool",
            "pipx run pkg",
        ] {
            assert_eq!(pinned(line), Some(false), "{line}");
        }
        for line in ["node ./server.js", "npx ./local", "python3 -m server"] {
            assert_eq!(pinned(line), None, "{line}");
        }
    }
}
