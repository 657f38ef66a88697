//! Who runs this program, and for whom.

use std::path::Path;

use crate::files::{self, Links};

/// The most bytes of a password file that are read.
const MAX_PASSWD: u64 = 1 << 20;

/// The name of the user this process runs as, or the number if it has none.
pub(super) fn user() -> String {
    #[cfg(unix)]
    {
        let id = rustix::process::getuid().as_raw();
        let bytes = files::read(Path::new("/etc/passwd"), MAX_PASSWD, Links::Follow);
        let bytes = bytes.ok().flatten().unwrap_or_default();
        named(&String::from_utf8_lossy(&bytes), id).unwrap_or_else(|| id.to_string())
    }
    #[cfg(not(unix))]
    String::new()
}

/// The first field of the first line with this user id.
fn named(passwd: &str, user: u32) -> Option<String> {
    passwd.lines().find_map(|line| {
        let mut fields = line.split(':');
        let (name, id) = (fields.next()?, fields.nth(1)?);
        (id.parse() == Ok(user)).then(|| name.to_owned())
    })
}

/// The process that runs this one, and when it was started: the number alone may be another's
/// later. `None` where that cannot be told.
pub(super) fn client() -> Option<(i32, u64)> {
    #[cfg(target_os = "linux")]
    {
        let pid = rustix::process::getppid()?.as_raw_nonzero().get();
        Some((pid, born(pid)?))
    }
    #[cfg(not(target_os = "linux"))]
    None
}

/// Whether the process is still there.
pub(super) fn is_alive(pid: i32, born: u64) -> bool {
    self::born(pid) == Some(born)
}

/// When a process was started, in ticks since the machine was: the 22nd field of its `stat`,
/// counted from behind its name, which may hold anything.
fn born(pid: i32) -> Option<u64> {
    let path = format!("/proc/{pid}/stat");
    let stat = files::read(Path::new(&path), 4 << 10, Links::Refuse).ok()??;
    let stat = String::from_utf8_lossy(&stat);
    let (_, after) = stat.rsplit_once(')')?;
    after.split_whitespace().nth(19)?.parse().ok()
}

#[cfg(all(test, target_os = "linux"))]
mod tests {
    use super::*;

    #[test]
    fn a_user_is_known_by_name() {
        let passwd = "root:x:0:0:root:/root:/bin/sh\ndev:x:1000:1000::/home/dev:/bin/sh\n";
        assert_eq!(named(passwd, 1000).as_deref(), Some("dev"));
        assert_eq!(named(passwd, 7), None);
    }

    #[test]
    fn this_process_is_alive_and_no_other_takes_its_place() {
        let pid = i32::try_from(std::process::id()).expect("a number");
        let born = born(pid).expect("told by the kernel");
        assert!(is_alive(pid, born));
        assert!(!is_alive(pid, born + 1) && !is_alive(i32::MAX, born));
    }
}
