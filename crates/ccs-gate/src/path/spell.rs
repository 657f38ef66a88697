//! One spelling for every file.

use std::borrow::Cow;

use unicode_normalization::UnicodeNormalization;

use crate::value::HOLE;

/// `path` as an absolute path without `.`, `..`, doubled or trailing slashes. Aliases of the
/// root and of the working directory under `/proc` are taken out, and letters with accents are
/// composed. A relative path under an unknown folder stays relative to a hole.
pub(crate) fn absolute(path: &str, cwd: &str) -> String {
    let path = path.strip_prefix("file://").unwrap_or(path);
    let path = without_proc(path, cwd);
    let joined = if path.starts_with(['/', HOLE]) || is_drive(&path) {
        path
    } else {
        Cow::Owned(format!("{cwd}/{path}"))
    };
    let flat = lexical(&joined);
    if flat.is_ascii() {
        flat
    } else {
        flat.nfc().collect()
    }
}

fn is_drive(path: &str) -> bool {
    let bytes = path.as_bytes();
    bytes.len() > 2 && bytes[0].is_ascii_alphabetic() && bytes[1] == b':' && is_slash(bytes[2])
}

fn is_slash(byte: u8) -> bool {
    matches!(byte, b'/' | b'\\')
}

/// `/proc/self/root/x` is `/x`, `/proc/self/cwd/x` is `./x`; also for threads and numbers.
fn without_proc<'p>(path: &'p str, cwd: &str) -> Cow<'p, str> {
    let Some(rest) = path.trim_start_matches('/').strip_prefix("proc/") else {
        return Cow::Borrowed(path);
    };
    let mut pieces = rest.splitn(2, '/');
    let process = pieces.next().unwrap_or("");
    let numbered = !process.is_empty() && process.bytes().all(|b| b.is_ascii_digit() || b == 0);
    let rest = pieces.next().unwrap_or("").trim_start_matches('/');
    if !(numbered || matches!(process, "self" | "thread-self")) {
        return Cow::Borrowed(path);
    }
    for (alias, target) in [("root", ""), ("cwd", cwd)] {
        match rest.strip_prefix(alias) {
            Some("") => return Cow::Owned(format!("{target}/")),
            Some(inner) if inner.starts_with('/') => return Cow::Owned(format!("{target}{inner}")),
            _ => {}
        }
    }
    match rest
        .strip_prefix("task/")
        .and_then(|rest| rest.split_once('/'))
    {
        Some((_, rest)) => {
            Cow::Owned(without_proc(&format!("/proc/self/{rest}"), cwd).into_owned())
        }
        None => Cow::Borrowed(path),
    }
}

fn lexical(path: &str) -> String {
    let mut kept: Vec<&str> = Vec::new();
    for piece in path.split(['/', '\\']) {
        match piece {
            "" | "." => {}
            ".." => {
                if kept.last().is_some_and(|last| *last == "\0") {
                    kept.push(piece);
                } else {
                    kept.pop();
                }
            }
            _ => kept.push(piece),
        }
    }
    let mut out = String::with_capacity(path.len());
    for piece in &kept {
        if !(out.is_empty() && (piece.starts_with(HOLE) || is_drive(&format!("{piece}/")))) {
            out.push('/');
        }
        out.push_str(piece);
    }
    if out.is_empty() { "/".to_owned() } else { out }
}

/// The last element.
pub(crate) fn name(path: &str) -> &str {
    path.rsplit('/').next().unwrap_or(path)
}

/// Everything before the last element.
pub(crate) fn parent(path: &str) -> &str {
    path.rfind('/')
        .map_or("", |at| if at == 0 { "/" } else { &path[..at] })
}

#[cfg(test)]
mod tests {
    use super::absolute;

    #[test]
    fn every_spelling_of_a_file_is_one() {
        for path in [
            "/etc/shadow",
            "//etc///shadow",
            "/etc/./shadow",
            "/usr/../etc/shadow",
            "../../etc/shadow",
            "/proc/self/root/etc/shadow",
            "/proc/1/root/etc/shadow",
            "/proc/self/task/9/root/etc/shadow",
            "/proc/self/cwd/../../etc/shadow",
            "file:///etc/shadow",
            "/proc/thread-self/root//etc/shadow",
        ] {
            assert_eq!(absolute(path, "/home/dev"), "/etc/shadow", "{path}");
        }
        assert_eq!(absolute("/caf\u{65}\u{301}", "/"), "/caf\u{e9}");
        assert_eq!(absolute("..", "/"), "/");
        assert_eq!(absolute("C:\\Users\\x", "/"), "C:/Users/x");
    }

    #[test]
    fn unknown_folders_stay_unknown() {
        assert_eq!(absolute("build", "\0"), "\0/build");
        assert_eq!(absolute("\0/../x", "/a"), "\0/../x");
        assert_eq!(absolute("/a/\0b/../c", "/"), "/a/c");
    }
}
