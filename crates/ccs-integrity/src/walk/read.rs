//! One file, described by what was opened.

use std::fs::{File, Metadata, OpenOptions};
use std::io::{self, Read};
use std::path::Path;

use sha2::{Digest as _, Sha256};

use crate::manifest::{Digest, What};

/// Opens, describes and hashes a regular file; `buffer` is only there to be used again.
pub(super) fn describe(path: &Path, buffer: &mut [u8]) -> io::Result<What> {
    let mut file = open(path)?;
    let metadata = file.metadata()?;
    if !metadata.is_file() {
        return Ok(What::Other);
    }
    let (size, digest) = hash(&mut file, metadata.len(), buffer)?;
    Ok(What::File {
        mode: mode(&metadata),
        owner: super::owner(&metadata),
        size,
        digest,
    })
}

fn mode(metadata: &Metadata) -> u32 {
    crate::file::mode(metadata)
}

/// Never waits for a pipe, never follows a link.
fn open(path: &Path) -> io::Result<File> {
    let mut options = OpenOptions::new();
    options.read(true);
    #[cfg(unix)]
    {
        use rustix::fs::OFlags;
        use std::os::unix::fs::OpenOptionsExt;
        let flags = OFlags::NOFOLLOW | OFlags::NONBLOCK | OFlags::NOCTTY;
        options.custom_flags(flags.bits().cast_signed());
    }
    options.open(path)
}

/// The size is what was read, so that it and the digest are of the same bytes. Reading ends with
/// the file, or with the `expected` size if one piece brought exactly that: asking again would
/// cost as much as the rest together for the many small files.
fn hash(file: &mut File, expected: u64, buffer: &mut [u8]) -> io::Result<(u64, Digest)> {
    let mut hasher = Sha256::new();
    let mut size = 0;
    loop {
        match file.read(buffer) {
            Ok(0) => break,
            Ok(count) => {
                hasher.update(&buffer[..count]);
                let first = size == 0;
                size += count as u64;
                if first && size == expected && count < buffer.len() {
                    break;
                }
            }
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => return Err(error),
        }
    }
    Ok((size, Digest::from(<[u8; 32]>::from(hasher.finalize()))))
}
