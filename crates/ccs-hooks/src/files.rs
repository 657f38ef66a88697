//! The only room that opens files. Every read is bounded, and nothing but a regular file is read:
//! a FIFO or device in the place of a file must not hang a hook.

use std::fs::{self, File, OpenOptions};
use std::io::{self, Read, Write};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU32, Ordering};

/// Why a file was not read.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// The operating system refused.
    #[error("{0}")]
    Io(#[from] io::Error),
    /// It is a symbolic link, folder, device or FIFO.
    #[error("not a regular file")]
    NotRegular,
    /// It is longer than such a file can be.
    #[error("longer than {0} bytes")]
    TooLong(u64),
    /// Another user owns it or can write to it.
    #[error("owned or writable by another user")]
    Shared,
    /// It is not a folder of its own.
    #[error("not a folder")]
    NotFolder,
}

/// Whether a symbolic link in the place of the file is followed.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Links {
    Follow,
    Refuse,
}

/// The contents of a regular file of at most `limit` bytes; `None` if there is none.
pub(crate) fn read(path: &Path, limit: u64, links: Links) -> Result<Option<Vec<u8>>, Error> {
    match open(path, links) {
        Ok(file) => contents(file, limit).map(Some),
        Err(error) if is_absent(&error) => Ok(None),
        Err(error) => Err(refused(path, error)),
    }
}

/// The first `limit` bytes of a regular file, through links.
pub(crate) fn head(path: &Path, limit: u64) -> Result<Vec<u8>, Error> {
    let file = open(path, Links::Follow)?;
    if !file.metadata()?.is_file() {
        return Err(Error::NotRegular);
    }
    let mut bytes = Vec::new();
    file.take(limit).read_to_end(&mut bytes)?;
    Ok(bytes)
}

/// As [`read`], for a file that decides about security: never through a link, and only if no
/// other user than root could have written it.
pub(crate) fn read_private(path: &Path, limit: u64) -> Result<Option<Vec<u8>>, Error> {
    match open(path, Links::Refuse) {
        Ok(file) if is_shared(&file.metadata()?) => Err(Error::Shared),
        Ok(file) => contents(file, limit).map(Some),
        Err(error) if is_absent(&error) => Ok(None),
        Err(error) => Err(refused(path, error)),
    }
}

/// Whether `path` is there and is a folder that only this user or root can change.
pub(crate) fn is_private_folder(path: &Path) -> Result<bool, Error> {
    let meta = match fs::symlink_metadata(path) {
        Ok(meta) => meta,
        Err(error) if is_absent(&error) => return Ok(false),
        Err(error) => return Err(error.into()),
    };
    if !meta.is_dir() {
        return Err(Error::NotFolder);
    }
    if is_shared(&meta) {
        return Err(Error::Shared);
    }
    Ok(true)
}

/// Whether `path` leads to a program that no other user than root could have written.
pub(crate) fn is_trusted_program(path: &Path) -> bool {
    fs::metadata(path).is_ok_and(|meta| meta.is_file() && !is_shared(&meta))
}

/// Makes the folder and those above it; what is made is private.
pub(crate) fn make_private_folder(path: &Path) -> io::Result<()> {
    let mut builder = fs::DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.create(path)
}

/// Replaces `path` in one step by a private file with these contents.
pub(crate) fn replace(path: &Path, contents: &[u8]) -> io::Result<()> {
    let aside = aside(path);
    let written = write_new(&aside, contents).and_then(|()| fs::rename(&aside, path));
    if written.is_err() {
        let _ = fs::remove_file(&aside);
    }
    written
}

/// Makes a whole private file or none: it gets its name only when it is on the disk.
///
/// # Errors
///
/// [`io::ErrorKind::AlreadyExists`] if it is there, which leaves it as it is.
pub(crate) fn create_once(path: &Path, contents: &[u8]) -> io::Result<()> {
    let aside = aside(path);
    let made = write_new(&aside, contents).and_then(|()| fs::hard_link(&aside, path));
    let _ = fs::remove_file(&aside);
    made
}

/// A name beside `path` that no other writer has, in this process or another.
fn aside(path: &Path) -> PathBuf {
    static COUNT: AtomicU32 = AtomicU32::new(0);
    let count = COUNT.fetch_add(1, Ordering::Relaxed);
    path.with_extension(format!("new.{}.{count}", std::process::id()))
}

fn write_new(path: &Path, contents: &[u8]) -> io::Result<()> {
    let mut options = OpenOptions::new();
    options.write(true).create_new(true);
    let mut file = private(&mut options).open(path)?;
    file.write_all(contents)?;
    file.sync_all()
}

/// Appends one line to a private file, moving the file to `FILE.1` first if it would grow beyond
/// `limit` bytes. A line is one write to the end of the file, so lines of several processes never
/// mix; of several that want to move the file, the one that holds the folder's lock does.
pub(crate) fn append(path: &Path, line: &[u8], limit: u64) -> Result<(), Error> {
    let (mut file, length) = open_to_append(path)?;
    let mut moved = Ok(());
    if length + line.len() as u64 > limit {
        moved = move_away(path, limit.saturating_sub(line.len() as u64));
        (file, _) = open_to_append(path)?;
    }
    file.write_all(line)?;
    moved.map_err(Error::Io)
}

/// The file and its length.
fn open_to_append(path: &Path) -> Result<(File, u64), Error> {
    let mut options = OpenOptions::new();
    options.append(true).create(true);
    let file = private(&mut options)
        .open(path)
        .map_err(|error| refused(path, error))?;
    let meta = file.metadata()?;
    if !meta.is_file() {
        return Err(Error::NotRegular);
    }
    keep_private(&file, &meta)?;
    Ok((file, meta.len()))
}

fn move_away(path: &Path, limit: u64) -> io::Result<()> {
    let folder = File::open(path.parent().unwrap_or(path))?;
    if folder.try_lock().is_err() {
        return Ok(());
    }
    match fs::symlink_metadata(path) {
        Ok(meta) if meta.len() > limit => {}
        Err(error) if !is_absent(&error) => return Err(error),
        _ => return Ok(()),
    }
    let mut old = path.as_os_str().to_owned();
    old.push(".1");
    fs::rename(path, old)
}

fn contents(file: File, limit: u64) -> Result<Vec<u8>, Error> {
    let meta = file.metadata()?;
    if !meta.is_file() {
        return Err(Error::NotRegular);
    }
    let mut bytes = Vec::with_capacity(usize::try_from(meta.len().min(limit)).unwrap_or(0) + 1);
    file.take(limit + 1).read_to_end(&mut bytes)?;
    if bytes.len() as u64 > limit {
        return Err(Error::TooLong(limit));
    }
    Ok(bytes)
}

fn is_absent(error: &io::Error) -> bool {
    matches!(
        error.kind(),
        io::ErrorKind::NotFound | io::ErrorKind::NotADirectory
    )
}

/// A link that was not followed is reported as what it is; the system calls it a loop.
fn refused(path: &Path, error: io::Error) -> Error {
    match fs::symlink_metadata(path) {
        Ok(meta) if !meta.is_file() => Error::NotRegular,
        _ => Error::Io(error),
    }
}

#[cfg(unix)]
fn open(path: &Path, links: Links) -> io::Result<File> {
    use rustix::fs::OFlags;
    use std::os::unix::fs::OpenOptionsExt;
    let mut flags = OFlags::NONBLOCK | OFlags::NOCTTY;
    if links == Links::Refuse {
        flags |= OFlags::NOFOLLOW;
    }
    OpenOptions::new()
        .read(true)
        .custom_flags(flags.bits() as i32)
        .open(path)
}

#[cfg(unix)]
fn private(options: &mut OpenOptions) -> &mut OpenOptions {
    use rustix::fs::OFlags;
    use std::os::unix::fs::OpenOptionsExt;
    let flags = OFlags::NONBLOCK | OFlags::NOCTTY | OFlags::NOFOLLOW;
    options.mode(0o600).custom_flags(flags.bits() as i32)
}

#[cfg(unix)]
fn is_shared(meta: &fs::Metadata) -> bool {
    use std::os::unix::fs::MetadataExt;
    let us = rustix::process::geteuid().as_raw();
    (meta.uid() != us && meta.uid() != 0) || meta.mode() & 0o022 != 0
}

#[cfg(unix)]
fn keep_private(file: &File, meta: &fs::Metadata) -> io::Result<()> {
    use std::os::unix::fs::PermissionsExt;
    if meta.permissions().mode() & 0o077 == 0 {
        return Ok(());
    }
    file.set_permissions(fs::Permissions::from_mode(0o600))
}

#[cfg(not(unix))]
fn open(path: &Path, links: Links) -> io::Result<File> {
    if links == Links::Refuse && fs::symlink_metadata(path)?.is_symlink() {
        return Err(io::Error::other("a symbolic link"));
    }
    File::open(path)
}

#[cfg(not(unix))]
fn private(options: &mut OpenOptions) -> &mut OpenOptions {
    options
}

#[cfg(not(unix))]
fn is_shared(_: &fs::Metadata) -> bool {
    false
}

#[cfg(not(unix))]
fn keep_private(_: &File, _: &fs::Metadata) -> io::Result<()> {
    Ok(())
}

#[cfg(all(test, unix))]
mod tests {
    use super::*;
    use std::os::unix::fs::{PermissionsExt, symlink};

    fn folder() -> tempfile::TempDir {
        tempfile::tempdir().expect("a folder")
    }

    fn set_mode(path: &Path, mode: u32) {
        fs::set_permissions(path, fs::Permissions::from_mode(mode)).expect("chmod");
    }

    #[test]
    fn what_is_not_there_is_no_error() {
        let folder = folder();
        for path in [folder.path().join("no"), folder.path().join("no/no")] {
            assert!(matches!(read(&path, 9, Links::Refuse), Ok(None)));
            assert!(matches!(read_private(&path, 9), Ok(None)));
        }
    }

    #[test]
    fn a_fifo_or_folder_is_refused_without_waiting_for_it() {
        let folder = folder();
        let fifo = folder.path().join("fifo");
        rustix::fs::mknodat(
            rustix::fs::CWD,
            &fifo,
            rustix::fs::FileType::Fifo,
            rustix::fs::Mode::RWXU,
            0,
        )
        .expect("a FIFO");

        for path in [fifo.as_path(), folder.path()] {
            assert!(matches!(
                read(path, 9, Links::Follow),
                Err(Error::NotRegular)
            ));
        }
    }

    #[test]
    fn a_link_is_followed_only_on_request() {
        let folder = folder();
        let (target, link) = (folder.path().join("t"), folder.path().join("l"));
        fs::write(&target, "x").expect("a file");
        symlink(&target, &link).expect("a link");

        assert!(matches!(read(&link, 9, Links::Follow), Ok(Some(_))));
        assert!(matches!(
            read(&link, 9, Links::Refuse),
            Err(Error::NotRegular)
        ));
        assert!(append(&link, b"y\n", 99).is_err());
        assert_eq!(fs::read(&target).expect("the file"), b"x");
    }

    #[test]
    fn a_longer_file_than_allowed_is_refused_whole() {
        let folder = folder();
        let path = folder.path().join("f");
        fs::write(&path, "12345").expect("a file");

        assert!(matches!(read(&path, 5, Links::Refuse), Ok(Some(_))));
        assert!(matches!(
            read(&path, 4, Links::Refuse),
            Err(Error::TooLong(4))
        ));
    }

    #[test]
    fn a_file_or_folder_that_others_can_write_is_not_private() {
        let folder = folder();
        let path = folder.path().join("f");
        fs::write(&path, "x").expect("a file");
        set_mode(&path, 0o620);
        assert!(matches!(read_private(&path, 9), Err(Error::Shared)));
        set_mode(&path, 0o644);
        assert!(matches!(read_private(&path, 9), Ok(Some(_))));

        assert!(matches!(is_private_folder(folder.path()), Ok(true)));
        set_mode(folder.path(), 0o707);
        assert!(matches!(
            is_private_folder(folder.path()),
            Err(Error::Shared)
        ));
    }

    #[test]
    fn a_log_is_made_private_and_kept_so() {
        let folder = folder();
        let path = folder.path().join("log");
        append(&path, b"1\n", 99).expect("a line");
        let mode = |path: &Path| fs::metadata(path).expect("a file").permissions().mode() & 0o777;
        assert_eq!(mode(&path), 0o600);

        set_mode(&path, 0o644);
        append(&path, b"2\n", 99).expect("a line");
        assert_eq!(mode(&path), 0o600);
        assert_eq!(fs::read(&path).expect("the log"), b"1\n2\n");
    }

    #[test]
    fn a_full_log_moves_aside_and_no_line_is_lost() {
        let folder = folder();
        let path = folder.path().join("log");
        for line in [b"1\n", b"2\n", b"3\n"] {
            append(&path, line, 4).expect("a line");
        }
        assert_eq!(
            fs::read(folder.path().join("log.1")).expect("old"),
            b"1\n2\n"
        );
        assert_eq!(fs::read(&path).expect("new"), b"3\n");
    }

    #[test]
    fn writers_at_the_same_time_lose_no_line_and_mix_none() {
        let folder = folder();
        let path = folder.path().join("log");
        let line = |i: usize| format!("{i:09}\n");
        std::thread::scope(|scope| {
            for worker in 0..4 {
                let path = &path;
                scope.spawn(move || {
                    for i in 0..50 {
                        // 200 lines of 10 bytes move the file once
                        append(path, line(worker * 50 + i).as_bytes(), 1_200).expect("a line");
                    }
                });
            }
        });

        let mut all = fs::read_to_string(folder.path().join("log.1")).expect("old");
        all.push_str(&fs::read_to_string(&path).expect("new"));
        let mut lines: Vec<_> = all.lines().map(String::from).collect();
        lines.sort();
        let expected: Vec<_> = (0..200).map(|i| line(i).trim_end().to_owned()).collect();
        assert_eq!(lines, expected);
    }

    #[test]
    fn a_replaced_file_is_private_and_leaves_nothing_beside_it() {
        let folder = folder();
        let path = folder.path().join("f.json");
        replace(&path, b"1").expect("written");
        replace(&path, b"2").expect("written");

        assert_eq!(fs::read(&path).expect("the file"), b"2");
        assert_eq!(fs::read_dir(folder.path()).expect("the folder").count(), 1);
    }
}
