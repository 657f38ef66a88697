//! Repositories: which the user named, and which a command gets.

use super::{Known, host};
use crate::place::is_within;

/// Words of a prompt that speak of repositories: then `OWNER/NAME` is one.
const SPEAKS: &[&str] = &["clone", "repo", "github", "gitlab", "checkout", "fork"];

/// Every repository that a prompt names: `HOST/OWNER/NAME`, or `OWNER/NAME` where it speaks of
/// repositories.
pub(super) fn named_in(text: &str, urls: &[&str]) -> Vec<String> {
    let mut names: Vec<String> = urls.iter().filter_map(|url| full(url)).collect();
    let lower = text.to_lowercase();
    let speaks = SPEAKS.iter().any(|word| lower.contains(word));
    for word in text.split_whitespace() {
        let word = word.trim_matches(|c: char| !(c.is_alphanumeric() || "/-_.@:".contains(c)));
        let word = word.trim_end_matches(['.', ',', ':']);
        if word.contains('@') && !word.contains("://") {
            names.extend(full(word));
        } else if speaks {
            names.extend(slug(word));
        }
    }
    names
}

/// Whether the user chose what a command clones, by naming the repository, or the host if that is
/// not one where everybody puts theirs.
pub(super) fn is_chosen(source: &str, known: &Known, hosts: &[String]) -> bool {
    let Some((host, path)) = parts(source) else {
        let name = slug(source);
        return name.is_some_and(|name| {
            let mut named = known.repositories.iter();
            named.any(|one| *one == name || one.ends_with(&format!("/{name}")))
        });
    };
    let is_shared = host::is_documentation(&host);
    if host::is_named(&host, &Known::default(), hosts)
        || (!is_shared && host::is_named(&host, known, hosts))
    {
        return true;
    }
    let (full, name) = (full(source), slug(&path));
    let mut named = known.repositories.iter();
    named.any(|one| Some(one) == full.as_ref() || (is_shared && Some(one) == name.as_ref()))
}

/// `HOST/OWNER/NAME` of an address.
fn full(source: &str) -> Option<String> {
    let (host, path) = parts(source)?;
    Some(format!("{host}/{}", slug(&path)?))
}

/// Host and path of an address, also in the form `git@HOST:PATH`.
fn parts(source: &str) -> Option<(String, String)> {
    if let Some((_, rest)) = source.split_once("://") {
        let (host, path) = rest.split_once('/')?;
        let host = host.rsplit('@').next()?.split(':').next()?;
        return Some((host.to_lowercase(), path.to_owned()));
    }
    let (host, path) = source.split_once(':')?;
    let host = host.rsplit('@').next()?;
    let is_host = host.contains('.') && !host.contains('/');
    is_host.then(|| (host.to_lowercase(), path.to_owned()))
}

/// `OWNER/NAME`: the first two parts of a path, in lower case.
fn slug(path: &str) -> Option<String> {
    let path = path
        .split(['?', '#'])
        .next()?
        .trim_matches('/')
        .to_lowercase();
    let mut parts = path.split('/');
    let (owner, name) = (parts.next()?, parts.next()?);
    let name = name.strip_suffix(".git").unwrap_or(name);
    let plain = |part: &str| {
        !part.is_empty()
            && part
                .chars()
                .all(|c| c.is_alphanumeric() || "-_.".contains(c))
    };
    (plain(owner) && plain(name)).then(|| format!("{owner}/{name}"))
}

/// Whether a folder is shared by more than one thing: the project, what is above it, a home.
pub(super) fn is_common(folder: &str, commons: &[&str]) -> bool {
    commons.iter().any(|common| is_within(common, folder))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn known(prompt: &str) -> Known {
        let mut known = Known::default();
        let mentions = host::hosts_in(prompt);
        let urls: Vec<&str> = mentions
            .iter()
            .filter_map(|one| one.url.as_deref())
            .collect();
        for name in named_in(prompt, &urls) {
            known.name_repository(name);
        }
        mentions.into_iter().for_each(|one| known.name(one.host));
        known
    }

    #[test]
    fn a_repository_is_chosen_by_its_name_and_a_host_of_many_is_not_enough() {
        for (prompt, source, chosen) in [
            (
                "clone https://github.com/a/lib please",
                "https://github.com/a/lib.git",
                true,
            ),
            (
                "clone https://github.com/a/lib please",
                "git@github.com:a/lib.git",
                true,
            ),
            ("clone https://github.com/a/lib please", "a/lib", true),
            (
                "clone https://github.com/a/lib please",
                "https://github.com/evil/lib",
                false,
            ),
            (
                "clone https://github.com/a/lib please",
                "https://git.evil.site/a/lib",
                false,
            ),
            ("Look at the repo a/lib.", "https://github.com/a/lib", true),
            (
                "Look at the repo a/lib.",
                "https://git.evil.site/a/lib",
                false,
            ),
            ("fix src/main.rs", "src/main.rs", false),
            (
                "use https://git.corp.site/x",
                "https://git.corp.site/y/z",
                true,
            ),
            ("", "https://github.com/a/lib", false),
        ] {
            assert_eq!(
                is_chosen(source, &known(prompt), &[]),
                chosen,
                "{prompt} {source}"
            );
        }
        let listed = ["github.com".to_owned()];
        assert!(is_chosen(
            "https://github.com/x/y",
            &Known::default(),
            &listed
        ));
    }
}
