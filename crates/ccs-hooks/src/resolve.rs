//! Follows symbolic links for the gate, component by component.
//!
//! `fs::canonicalize` does not do: a dangling link is where a write would land, and
//! `/proc/self/root` is another way to say `/`. Lookups are bounded and remembered; when the
//! bound is reached the answer is "cannot be told", which the gate takes for the worse case.

use std::cell::{Cell, RefCell};
use std::collections::BTreeMap;
use std::fs;
use std::io::ErrorKind;

use ccs_gate::Resolve;

/// System calls one judgement may cost.
const MAX_LOOKUPS: u32 = 10_000;
/// As in Linux.
const MAX_LINKS: u32 = 40;
/// The longest path the system takes, in bytes.
const MAX_PATH: usize = 4_096;

/// The file system's links, as far as they were looked at.
pub(crate) struct Links {
    seen: RefCell<BTreeMap<String, Step>>,
    left: Cell<u32>,
    cwd: Option<String>,
}

#[derive(Clone)]
enum Step {
    /// No link: a file, a folder, or nothing at all.
    Plain,
    /// A link, and where it leads.
    Link(String),
    /// Not for us to know.
    Unknown,
}

impl Links {
    /// `cwd` is what `/proc/self/cwd` means to the command being judged.
    pub(crate) fn new(cwd: Option<&str>) -> Self {
        Self {
            seen: RefCell::default(),
            left: Cell::new(MAX_LOOKUPS),
            cwd: cwd.map(String::from),
        }
    }

    fn step(&self, folder: &str, name: &str) -> Step {
        if let Some(step) = self.magic(folder, name) {
            return step;
        }
        let path = format!("{folder}/{name}");
        if let Some(step) = self.seen.borrow().get(&path) {
            return step.clone();
        }
        let step = self.look(&path);
        self.seen.borrow_mut().insert(path, step.clone());
        step
    }

    /// The links that mean something else to the command than they do to this process.
    fn magic(&self, folder: &str, name: &str) -> Option<Step> {
        let own = folder == "/proc/self"
            || folder == "/proc/thread-self"
            || folder.starts_with("/proc/self/task/");
        match name {
            "self" | "thread-self" if folder == "/proc" => Some(Step::Plain),
            "stdin" | "stdout" | "stderr" | "fd" if folder == "/dev" => Some(Step::Plain),
            "root" if own => Some(Step::Link("/".into())),
            "cwd" if own => Some(self.cwd.clone().map_or(Step::Unknown, Step::Link)),
            _ if folder == "/dev/fd" => Some(Step::Plain),
            _ if folder.starts_with("/proc/") && folder.ends_with("/fd") => Some(Step::Plain),
            _ => None,
        }
    }

    fn look(&self, path: &str) -> Step {
        let left = self.left.get();
        if left == 0 {
            return Step::Unknown;
        }
        self.left.set(left - 1);
        match fs::read_link(path) {
            Ok(target) => target
                .into_os_string()
                .into_string()
                .map_or(Step::Unknown, Step::Link),
            Err(error) => match error.kind() {
                ErrorKind::InvalidInput
                | ErrorKind::NotFound
                | ErrorKind::NotADirectory
                | ErrorKind::InvalidFilename => Step::Plain,
                _ => Step::Unknown,
            },
        }
    }
}

impl Resolve for Links {
    fn real_path(&self, path: &str) -> Option<String> {
        if !path.starts_with('/') || path.len() > MAX_PATH || path.contains('\0') {
            return None;
        }
        let mut done = String::new();
        let mut links = 0;
        let mut todo: Vec<String> = reversed(path);
        while let Some(name) = todo.pop() {
            if name == ".." {
                done.truncate(done.rfind('/').unwrap_or(0));
                continue;
            }
            match self.step(&done, &name) {
                Step::Unknown => return None,
                Step::Plain => {
                    done.push('/');
                    done.push_str(&name);
                }
                Step::Link(target) => {
                    links += 1;
                    if links > MAX_LINKS || done.len() + target.len() > MAX_PATH {
                        return None;
                    }
                    if target.starts_with('/') {
                        done.clear();
                    }
                    todo.extend(reversed(&target));
                }
            }
        }
        Some(if done.is_empty() { "/".into() } else { done })
    }
}

fn reversed(path: &str) -> Vec<String> {
    path.split('/')
        .rev()
        .filter(|name| !name.is_empty() && *name != ".")
        .map(String::from)
        .collect()
}

#[cfg(all(test, unix))]
mod tests {
    use super::*;
    use std::os::unix::fs::symlink;

    /// A folder without links above it, so that expectations can be written down.
    fn scratch() -> (tempfile::TempDir, String) {
        let folder = tempfile::tempdir().expect("a folder");
        let path = fs::canonicalize(folder.path()).expect("a real path");
        let path = path.into_os_string().into_string().expect("UTF-8");
        (folder, path)
    }

    fn real(path: &str) -> Option<String> {
        Links::new(Some("/work dir")).real_path(path)
    }

    #[test]
    fn a_link_anywhere_in_the_path_is_followed() {
        let (_keep, dir) = scratch();
        fs::create_dir(format!("{dir}/a")).expect("a folder");
        fs::write(format!("{dir}/a/f"), "").expect("a file");
        symlink("a", format!("{dir}/b")).expect("a link");
        symlink(format!("{dir}/b/../b/./f"), format!("{dir}/c")).expect("a link");

        assert_eq!(real(&format!("{dir}/b/f")), Some(format!("{dir}/a/f")));
        assert_eq!(real(&format!("{dir}/c")), Some(format!("{dir}/a/f")));
    }

    #[test]
    fn a_path_that_ends_in_nothing_resolves_as_far_as_it_exists() {
        let (_keep, dir) = scratch();
        symlink("/etc", format!("{dir}/e")).expect("a link");

        assert_eq!(
            real(&format!("{dir}/e/no-such-folder/x/y")).as_deref(),
            Some("/etc/no-such-folder/x/y")
        );
    }

    #[test]
    fn a_dangling_link_resolves_to_where_a_write_would_land() {
        let (_keep, dir) = scratch();
        symlink("not/yet", format!("{dir}/d")).expect("a link");

        assert_eq!(real(&format!("{dir}/d")), Some(format!("{dir}/not/yet")));
    }

    #[test]
    fn links_in_a_circle_cannot_be_told() {
        let (_keep, dir) = scratch();
        symlink("y", format!("{dir}/x")).expect("a link");
        symlink("x", format!("{dir}/y")).expect("a link");

        assert_eq!(real(&format!("{dir}/x")), None);
    }

    #[test]
    fn the_detours_of_proc_mean_what_they_mean_to_the_command() {
        for (path, expected) in [
            ("/proc/self/root/etc/passwd", "/etc/passwd"),
            ("/proc/thread-self/root/etc", "/etc"),
            ("/proc/self/task/1/root/etc", "/etc"),
            ("/proc/self/cwd/x", "/work dir/x"),
            ("/dev/stdout", "/dev/stdout"),
            ("/dev/fd/3", "/dev/fd/3"),
            ("/proc/self/fd/3", "/proc/self/fd/3"),
            ("/", "/"),
        ] {
            assert_eq!(real(path).as_deref(), Some(expected), "{path}");
        }
        assert_eq!(Links::new(None).real_path("/proc/self/cwd/x"), None);
    }

    #[test]
    fn what_is_no_absolute_path_or_too_long_cannot_be_told() {
        for path in ["", "x", "~/x", "/a\0b", &"/a".repeat(MAX_PATH)] {
            assert_eq!(real(path), None);
        }
    }

    #[test]
    fn lookups_are_bounded_and_remembered() {
        let links = Links::new(None);
        for _ in 0..3 {
            assert!(links.real_path("/no-such/a/b").is_some());
        }
        assert_eq!(links.left.get(), MAX_LOOKUPS - 3);

        links.left.set(0);
        assert!(links.real_path("/no-such/a/b").is_some());
        assert_eq!(links.real_path("/no-such/a/c"), None);
    }
}
