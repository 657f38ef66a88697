//! Rules about files: secrets, startup files, the agent's own configuration.

use std::borrow::Cow;

use super::Meta;
use crate::glob;
use crate::value::HOLE;
use crate::verdict::{Decision, Severity};

include!(concat!(env!("OUT_DIR"), "/paths.rs"));

/// What is done to a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Access {
    Read,
    Write,
    Delete,
}

/// A rule that speaks about paths.
///
/// A pattern with a leading `~/` lies below any home folder, one with a leading `/` below the
/// root, any other below any folder. `*` stays within one element, `**` does not. A pattern that
/// ends in `/**` means the folder and all in it.
#[derive(Clone, Debug)]
pub(crate) struct PathRule {
    pub(crate) meta: Meta,
    pub(crate) read: bool,
    pub(crate) write: bool,
    pub(crate) delete: bool,
    /// What is read there must not leave the machine.
    pub(crate) secret: bool,
    globs: Cow<'static, [Cow<'static, str>]>,
    except: Cow<'static, [Cow<'static, str>]>,
    samples: &'static [&'static str],
}

impl PathRule {
    /// A rule of somebody's own, for reading, writing and deleting as told; patterns in lower
    /// case.
    pub(crate) fn new(meta: Meta, access: [bool; 3], globs: Vec<Cow<'static, str>>) -> Self {
        let [read, write, delete] = access;
        let globs = Cow::Owned(globs);
        Self {
            meta,
            read,
            write,
            delete,
            secret: read,
            globs,
            except: Cow::Borrowed(&[]),
            samples: &[],
        }
    }

    /// Whether the rule speaks about this access to this path.
    pub(crate) fn speaks_of(&self, path: &str, access: Access, home: Option<&str>) -> bool {
        let path = path.to_lowercase();
        self.concerns(access) && self.globs.iter().any(|glob| fits(glob, &path, home))
    }

    /// Whether the rule speaks about this access.
    fn concerns(&self, access: Access) -> bool {
        match access {
            Access::Read => self.read,
            Access::Write => self.write,
            Access::Delete => self.delete,
        }
    }
}

/// The shipped rules about this access to this absolute path.
pub(crate) fn matching(path: &str, access: Access, home: Option<&str>) -> Vec<&'static PathRule> {
    let path = path.to_lowercase();
    if glob::is_pattern(&path) || path.contains(HOLE) {
        return guessed(&path, access);
    }
    let home = home.map(str::to_lowercase);
    let mut found: Vec<&'static PathRule> = Vec::new();
    let mut consider = |places: &[(u16, u16)]| {
        for &(rule, glob) in places {
            let rule = &PATH_RULES[usize::from(rule)];
            if rule.concerns(access)
                && fits(&rule.globs[usize::from(glob)], &path, home.as_deref())
                && !found.iter().any(|known| std::ptr::eq(*known, rule))
                && !rule
                    .except
                    .iter()
                    .any(|glob| fits(glob, &path, home.as_deref()))
            {
                found.push(rule);
            }
        }
    };
    consider(ALWAYS);
    for element in path.split('/').filter(|element| !element.is_empty()) {
        consider(listed(BY_ELEMENT, element));
    }
    if let Some(at) = crate::path::name(&path).rfind('.') {
        consider(listed(BY_END, &crate::path::name(&path)[at..]));
    }
    found
}

fn listed(table: &'static [(&str, &'static [(u16, u16)])], key: &str) -> &'static [(u16, u16)] {
    table
        .binary_search_by_key(&key, |(known, _)| known)
        .map_or(&[], |at| table[at].1)
}

/// The rules that a path with unknown or pattern elements may fall under: those with a sample
/// that it matches.
fn guessed(path: &str, access: Access) -> Vec<&'static PathRule> {
    let pattern = path.replace(HOLE, "*");
    PATH_RULES
        .iter()
        .filter(|rule| rule.concerns(access))
        .filter(|rule| rule.samples.iter().any(|sample| may_be(&pattern, sample)))
        .collect()
}

/// Whether a path pattern may stand for the sample. As in a shell, an element that begins with
/// a pattern character does not stand for a name with a leading dot, and here also not for any
/// name: `cat *.json` is not about `secrets.json`.
fn may_be(pattern: &str, sample: &str) -> bool {
    let mut pattern: Vec<&str> = pattern.split('/').collect();
    let mut sample: Vec<&str> = sample.split('/').collect();
    if sample.first() == Some(&"~") {
        sample.remove(0);
        let keep = sample.len();
        if pattern.len() <= keep || !is_home(&pattern[..pattern.len() - keep]) {
            return false;
        }
        pattern.drain(..pattern.len() - keep);
    } else if sample.first() != Some(&"") {
        let keep = sample.len();
        if pattern.len() < keep {
            return false;
        }
        pattern.drain(..pattern.len() - keep);
    }
    let mut literal = 0;
    pattern.len() == sample.len()
        && pattern.iter().zip(&sample).all(|(pattern, name)| {
            literal += usize::from(!glob::is_pattern(pattern));
            pattern == name || (names_something(pattern) && glob::matches(pattern, name))
        })
        && (literal > 0 || sample.len() == 1)
}

/// Whether a pattern begins with letters of a name, a leading dot aside.
fn names_something(pattern: &str) -> bool {
    let start = pattern.strip_prefix('.').unwrap_or(pattern);
    !start.starts_with(['*', '?']) && !start.is_empty()
}

fn is_home(elements: &[&str]) -> bool {
    matches!(elements, ["", "root"] | ["", "home" | "users", _] | ["*"])
}

/// Whether a pattern matches a path. Both are in lower case.
pub(crate) fn fits(glob: &str, path: &str, home: Option<&str>) -> bool {
    if let Some(glob) = glob.strip_prefix("~/") {
        return below_home(path, home).is_some_and(|inner| elements(glob, inner));
    }
    if glob.starts_with('/') {
        return elements(glob, path);
    }
    if !glob.contains('/') {
        return glob::matches(glob, crate::path::name(path));
    }
    let mut rest = path;
    loop {
        if elements(glob, rest) {
            return true;
        }
        match rest.find('/') {
            Some(at) => rest = &rest[at + 1..],
            None => return false,
        }
    }
}

/// The part of the path below a home folder.
fn below_home<'p>(path: &'p str, home: Option<&str>) -> Option<&'p str> {
    let own = home.and_then(|home| path.strip_prefix(home)?.strip_prefix('/'));
    own.or_else(|| path.strip_prefix("/root/")).or_else(|| {
        ["/home/", "/users/", "c:/users/"].iter().find_map(|homes| {
            path.strip_prefix(homes)?
                .split_once('/')
                .map(|(_, inner)| inner)
        })
    })
}

/// Matches element by element; `**` stands for any number of them.
fn elements(glob: &str, path: &str) -> bool {
    if let Some(folder) = glob.strip_suffix("/**") {
        let mut at = 0;
        loop {
            let end = path[at..].find('/').map_or(path.len(), |next| at + next);
            if elements(folder, &path[..end]) {
                return true;
            }
            if end == path.len() {
                return false;
            }
            at = end + 1;
        }
    }
    let (mut glob, mut path) = (glob.split('/'), path.split('/'));
    loop {
        match (glob.next(), path.next()) {
            (None, None) => return true,
            (Some(pattern), Some(name)) if glob::matches(pattern, name) => {}
            _ => return false,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{fits, may_be};

    #[test]
    fn patterns_are_anchored_as_they_are_written() {
        let home = Some("/data/dev");
        for (glob, path) in [
            ("~/.ssh/id_*", "/home/x/.ssh/id_rsa"),
            ("~/.ssh/id_*", "/data/dev/.ssh/id_rsa"),
            ("~/.ssh/**", "/root/.ssh"),
            ("~/.ssh/**", "/users/x/.ssh/a/b"),
            (".env", "/p/q/.env"),
            ("*.pem", "/x/a.pem"),
            (".git/hooks/*", "/p/.git/hooks/x"),
            ("/etc/cron.d/**", "/etc/cron.d/x"),
            ("/etc/shadow", "/etc/shadow"),
        ] {
            assert!(fits(glob, path, home), "{glob} {path}");
        }
        for (glob, path) in [
            ("~/.ssh/id_*", "/p/.ssh/id_rsa"),
            (".env", "/p/.envrc"),
            ("/etc/shadow", "/x/etc/shadow"),
            ("*.pem", "/x.pem/y"),
        ] {
            assert!(!fits(glob, path, home), "{glob} {path}");
        }
    }

    #[test]
    fn a_pattern_in_a_command_may_stand_for_a_secret() {
        for (pattern, sample) in [
            ("/etc/sh?dow", "/etc/shadow"),
            ("/home/x/.ss*/id_rsa", "~/.ssh/id_rsa"),
            ("*/.env", ".env"),
            ("/p/.en*", ".env"),
        ] {
            assert!(may_be(pattern, sample), "{pattern} {sample}");
        }
        for (pattern, sample) in [
            ("/p/*.json", "secrets.json"),
            ("/p/*", ".env"),
            ("/p/?env", ".env"),
            ("/p/.*", ".env"),
            ("*", ".env"),
        ] {
            assert!(!may_be(pattern, sample), "{pattern} {sample}");
        }
    }
}
