//! The file system: who may see the folder, files that are private and replaced in one step, and
//! what kind of file system it is.

use std::fs::{self, File, OpenOptions, TryLockError};
use std::io::{self, Read, Write};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::{Duration, Instant};

use crate::error::{Error, Result};
use crate::hash::Hash;
use crate::time::Time;

/// Makes the folder and those above it; what is made is private.
pub(crate) fn make_folder(path: &Path) -> Result<()> {
    let mut builder = fs::DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.create(path).map_err(Error::file(path))
}

/// Refuses a folder that is a link, is not there, or that anyone but this user can look into.
pub(crate) fn check_folder(path: &Path) -> Result<()> {
    let meta = match fs::symlink_metadata(path) {
        Ok(meta) => meta,
        Err(error) if error.kind() == io::ErrorKind::NotFound => {
            return Err(Error::Missing { path: path.into() });
        }
        Err(error) => return Err(Error::file(path)(error)),
    };
    let insecure = |why| {
        Err(Error::Insecure {
            path: path.into(),
            why,
        })
    };
    if !meta.is_dir() {
        return insecure("not a folder of its own");
    }
    match owner_and_mode(&meta) {
        Some((owner, _)) if owner != user() => insecure("owned by another user"),
        Some((_, mode)) if mode & 0o077 != 0 => insecure("open to other users (chmod 700)"),
        _ => Ok(()),
    }
}

#[cfg(unix)]
fn owner_and_mode(meta: &fs::Metadata) -> Option<(u32, u32)> {
    use std::os::unix::fs::MetadataExt;
    Some((meta.uid(), meta.mode()))
}

#[cfg(unix)]
fn user() -> u32 {
    rustix::process::geteuid().as_raw()
}

#[cfg(not(unix))]
fn owner_and_mode(_: &fs::Metadata) -> Option<(u32, u32)> {
    None
}

#[cfg(not(unix))]
fn user() -> u32 {
    0
}

/// Options for a file that only this user may read, and that no link may stand in for.
pub(crate) fn private() -> OpenOptions {
    let mut options = OpenOptions::new();
    #[cfg(unix)]
    {
        use std::os::unix::fs::OpenOptionsExt;
        let no_follow = rustix::fs::OFlags::NOFOLLOW.bits();
        options.mode(0o600).custom_flags(no_follow.cast_signed());
    }
    options
}

/// The contents of a regular file of at most `limit` bytes; `None` if there is none.
pub(crate) fn read(path: &Path, limit: u64) -> Result<Option<Vec<u8>>> {
    match private().read(true).open(path) {
        Ok(file) => contents(&file, path, limit).map(Some),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(Error::file(path)(error)),
    }
}

fn contents(file: &File, path: &Path, limit: u64) -> Result<Vec<u8>> {
    let length = file.metadata().map_err(Error::file(path))?.len();
    if length > limit {
        return Err(Error::Corrupt {
            path: path.into(),
            why: format!("longer than {limit} bytes"),
        });
    }
    let mut bytes = Vec::with_capacity(usize::try_from(length).unwrap_or(0));
    file.take(limit)
        .read_to_end(&mut bytes)
        .map_err(Error::file(path))?;
    Ok(bytes)
}

/// What a file that is not ours holds, through whatever links lead to it.
pub(crate) struct Held {
    /// SHA-256 of all of it; `None` beyond the limit for that.
    pub(crate) sha256: Option<Hash>,
    /// In bytes.
    pub(crate) length: u64,
    /// When it was last written.
    pub(crate) modified: Time,
    /// All of it, unless it is too long to keep.
    pub(crate) bytes: Option<Vec<u8>>,
}

/// Looks at a regular file: up to `keep` bytes are returned, up to `hash` bytes are hashed. `None`
/// if nothing is there. Never waits for a pipe.
pub(crate) fn look_at(path: &Path, keep: u64, hash: u64) -> io::Result<Option<Held>> {
    let mut options = OpenOptions::new();
    options.read(true);
    #[cfg(unix)]
    {
        use std::os::unix::fs::OpenOptionsExt;
        let no_wait = rustix::fs::OFlags::NONBLOCK.bits();
        options.custom_flags(no_wait.cast_signed());
    }
    let file = match options.open(path) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
        file => file?,
    };
    let meta = file.metadata()?;
    if !meta.is_file() {
        return Err(io::Error::other("not a regular file"));
    }
    let mut held = Held {
        sha256: None,
        length: meta.len(),
        modified: Time::of(meta.modified()?),
        bytes: None,
    };
    if meta.len() <= keep {
        let mut bytes = Vec::new();
        file.take(keep).read_to_end(&mut bytes)?;
        (held.sha256, held.length) = (Some(Hash::of(&bytes)), bytes.len() as u64);
        held.bytes = Some(bytes);
    } else if meta.len() <= hash {
        held.sha256 = Some(Hash::of_reader(file.take(hash))?);
    }
    Ok(Some(held))
}

/// Makes a private file that is not there yet, and waits until it is on the disk.
pub(crate) fn create(path: &Path, bytes: &[u8]) -> io::Result<()> {
    let mut file = private().write(true).create_new(true).open(path)?;
    file.write_all(bytes)?;
    file.sync_all()
}

/// A name beside `path` that no other thread or process uses.
pub(crate) fn aside(path: &Path) -> PathBuf {
    static COUNT: AtomicU32 = AtomicU32::new(0);
    let count = COUNT.fetch_add(1, Ordering::Relaxed);
    path.with_extension(format!("new.{}.{count}", std::process::id()))
}

/// Replaces a file in one step; a reader sees the old contents or the new ones.
pub(crate) fn replace(path: &Path, bytes: &[u8]) -> Result<()> {
    let aside = aside(path);
    let _ = fs::remove_file(&aside);
    let written = create(&aside, bytes).and_then(|()| fs::rename(&aside, path));
    written.map_err(|error| {
        let _ = fs::remove_file(&aside);
        Error::file(path)(error)
    })?;
    sync_folder(path.parent().unwrap_or(path))
}

/// The same without waiting for the disk: a power cut may leave neither.
pub(crate) fn replace_lazily(path: &Path, bytes: &[u8]) -> Result<()> {
    let aside = aside(path);
    let _ = fs::remove_file(&aside);
    let made = private().write(true).create_new(true).open(&aside);
    let written = made.and_then(|mut file| file.write_all(bytes));
    let written = written.and_then(|()| fs::rename(&aside, path));
    written.map_err(|error| {
        let _ = fs::remove_file(&aside);
        Error::file(path)(error)
    })
}

/// Waits until names made or removed in the folder are on the disk.
pub(crate) fn sync_folder(path: &Path) -> Result<()> {
    let synced = File::open(path).and_then(|folder| folder.sync_all());
    if cfg!(unix) {
        synced.map_err(Error::file(path))
    } else {
        Ok(())
    }
}

/// Overwrites a file with zeros where it lies, then removes it. A file system that copies on
/// write, and a disk that moves blocks about, may still hold the old bytes.
pub(crate) fn destroy(path: &Path) -> Result<()> {
    let destroyed = (|| {
        let mut file = private().write(true).open(path)?;
        let length = usize::try_from(file.metadata()?.len()).unwrap_or(0);
        file.write_all(&vec![0; length])?;
        file.sync_all()?;
        fs::remove_file(path)
    })();
    match destroyed {
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(()),
        other => other.map_err(Error::file(path)),
    }
}

/// Removes a folder with all that is in it, if it is there.
pub(crate) fn remove_folder(path: &Path) -> Result<()> {
    match fs::remove_dir_all(path) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => Err(Error::file(path)(error)),
        _ => Ok(()),
    }
}

/// Waits at most `wait` for the lock on `path`, a file that is made if it is not there. Dropping
/// it unlocks.
pub(crate) fn lock(path: &Path, wait: Duration) -> Result<File> {
    let mut options = private();
    options.read(true).write(true).create(true).truncate(false);
    let file = options.open(path).map_err(Error::file(path))?;
    lock_open(&file, path, wait)?;
    Ok(file)
}

/// Waits at most `wait` for the lock on a file that is open: whoever holds it may have been
/// stopped, and must not stop everyone else.
pub(crate) fn lock_open(file: &File, path: &Path, wait: Duration) -> Result<()> {
    let since = Instant::now();
    let mut pause = Duration::from_millis(1);
    loop {
        match file.try_lock() {
            Ok(()) => return Ok(()),
            Err(TryLockError::Error(error)) => return Err(Error::file(path)(error)),
            Err(TryLockError::WouldBlock) if since.elapsed() >= wait => {
                let path = path.to_path_buf();
                return Err(Error::Locked { path, waited: wait });
            }
            Err(TryLockError::WouldBlock) => std::thread::sleep(pause),
        }
        pause = (pause * 2).min(Duration::from_millis(16));
    }
}

/// How far SQLite's locks and shared memory can be relied on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum FileSystem {
    /// An ordinary disk.
    Local,
    /// Perhaps another machine's: a write-ahead log's shared memory may not work.
    Doubtful(&'static str),
    /// Another machine's.
    Network(&'static str),
}

/// What kind of file system the folder is on; `Local` where that cannot be told.
pub(crate) fn file_system(path: &Path) -> FileSystem {
    #[cfg(any(target_os = "linux", target_os = "android"))]
    if let Ok(found) = rustix::fs::statfs(path) {
        // the field is signed or not, and 32 or 64 bits wide, depending on the architecture
        #[allow(
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            clippy::unnecessary_cast
        )]
        return kind_of(found.f_type as u32);
    }
    let _ = path;
    FileSystem::Local
}

/// Magic numbers of statfs(2) and linux/magic.h.
#[cfg(any(target_os = "linux", target_os = "android"))]
fn kind_of(magic: u32) -> FileSystem {
    use FileSystem::{Doubtful, Local, Network};
    match magic {
        0x6969 => Network("nfs"),
        0x517b | 0xff53_4d42 | 0xfe53_4d42 => Network("smb"),
        0x7375_7245 => Network("coda"),
        0x5346_414f | 0x6b41_4653 => Network("afs"),
        0x564c => Network("ncp"),
        0x00c3_6400 => Network("ceph"),
        0x0bd0_0bd0 => Network("lustre"),
        0x4750_4653 => Network("gpfs"),
        0x1983_0326 => Network("beegfs"),
        0x7461_636f => Network("ocfs2"),
        0x0116_1970 => Network("gfs2"),
        0x0102_1997 => Doubtful("9p"),
        0x6573_5546 => Doubtful("fuse"),
        0x786f_4256 => Doubtful("vboxsf"),
        0xbacb_acbc => Doubtful("vmhgfs"),
        _ => Local,
    }
}

#[cfg(all(test, target_os = "linux"))]
mod tests {
    use std::os::unix::fs::PermissionsExt;

    use super::*;

    #[test]
    fn a_folder_others_can_look_into_is_refused() {
        let home = tempfile::tempdir().expect("a folder");
        let folder = home.path().join("log");
        make_folder(&folder).expect("made");
        assert!(check_folder(&folder).is_ok());
        fs::set_permissions(&folder, fs::Permissions::from_mode(0o750)).expect("chmod");
        assert!(matches!(check_folder(&folder), Err(Error::Insecure { .. })));
    }

    #[test]
    fn a_link_in_the_place_of_a_folder_or_file_is_refused() {
        let folder = tempfile::tempdir().expect("a folder");
        let (real, link) = (folder.path().join("real"), folder.path().join("link"));
        make_folder(&real).expect("made");
        std::os::unix::fs::symlink(&real, &link).expect("linked");
        assert!(matches!(check_folder(&link), Err(Error::Insecure { .. })));
        assert!(matches!(
            check_folder(&real.join("none")),
            Err(Error::Missing { .. })
        ));
        fs::remove_file(&link).expect("removed");
        std::os::unix::fs::symlink("/etc/hostname", &link).expect("linked");
        assert!(matches!(read(&link, 100), Err(Error::File { .. })));
    }

    #[test]
    fn a_replaced_file_is_private_and_leaves_nothing_aside() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("f.key");
        replace(&path, b"one").expect("written");
        replace(&path, b"two").expect("written");
        assert_eq!(read(&path, 3).expect("read"), Some(b"two".to_vec()));
        assert!(matches!(read(&path, 2), Err(Error::Corrupt { .. })));
        assert_eq!(
            fs::metadata(&path).expect("there").permissions().mode() & 0o777,
            0o600
        );
        destroy(&path).expect("gone");
        destroy(&path).expect("still gone");
        assert_eq!(fs::read_dir(folder.path()).expect("a folder").count(), 0);
    }

    #[test]
    fn a_lock_that_is_not_given_up_is_an_error_and_not_a_wait() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("lock");
        let held = lock(&path, Duration::ZERO).expect("free");
        let refused = lock(&path, Duration::from_millis(5));
        assert!(matches!(refused, Err(Error::Locked { .. })));
        drop(held);
        lock(&path, Duration::ZERO).expect("free again");
    }

    #[test]
    fn network_file_systems_are_told_from_disks() {
        assert_eq!(kind_of(0xef53), FileSystem::Local); // ext4
        assert_eq!(kind_of(0x6969), FileSystem::Network("nfs"));
        assert_eq!(kind_of(0xfe53_4d42), FileSystem::Network("smb"));
        assert_eq!(kind_of(0x6573_5546), FileSystem::Doubtful("fuse"));
        assert_eq!(file_system(Path::new("/proc")), FileSystem::Local);
    }
}
