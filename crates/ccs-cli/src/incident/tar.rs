//! An archive that every `tar` reads (POSIX ustar), of files this program makes itself.

use std::io::{self, Write};

/// Archives are made of blocks of this length, in bytes.
const BLOCK: usize = 512;

/// An archive that is being written.
pub(crate) struct Tar<W: Write> {
    out: W,
    /// Seconds since 1970, for all files in it.
    modified: u64,
}

impl<W: Write> Tar<W> {
    pub(crate) fn new(out: W, modified: u64) -> Self {
        Tar { out, modified }
    }

    /// Adds a file, readable by its owner alone.
    ///
    /// # Errors
    ///
    /// If it cannot be written, or its name is longer than 100 bytes.
    pub(crate) fn file(&mut self, name: &str, bytes: &[u8]) -> io::Result<()> {
        let header = header(name, bytes.len() as u64, self.modified)?;
        self.out.write_all(&header)?;
        self.out.write_all(bytes)?;
        let rest = bytes.len().next_multiple_of(BLOCK) - bytes.len();
        self.out.write_all(&[0; BLOCK][..rest])
    }

    /// Ends the archive.
    pub(crate) fn finish(mut self) -> io::Result<W> {
        self.out.write_all(&[0; 2 * BLOCK])?;
        self.out.flush()?;
        Ok(self.out)
    }
}

fn header(name: &str, length: u64, modified: u64) -> io::Result<[u8; BLOCK]> {
    let mut header = [0; BLOCK];
    let fields = [
        (0, 100, name.to_owned()),
        (100, 8, "0000600\0".to_owned()),
        (108, 8, "0000000\0".to_owned()),
        (116, 8, "0000000\0".to_owned()),
        (124, 12, format!("{length:011o}\0")),
        (136, 12, format!("{modified:011o}\0")),
        (148, 8, " ".repeat(8)), // while the sum is worked out
        (156, 1, "0".to_owned()),
        (257, 8, "ustar\u{0}00".to_owned()),
    ];
    for (at, width, text) in fields {
        if text.len() > width {
            return Err(io::Error::other(format!(
                "`{name}` does not fit an archive"
            )));
        }
        header[at..at + text.len()].copy_from_slice(text.as_bytes());
    }
    let sum: u32 = header.iter().map(|&byte| u32::from(byte)).sum();
    header[148..156].copy_from_slice(format!("{sum:06o}\0 ").as_bytes());
    Ok(header)
}

#[cfg(all(test, unix))]
mod tests {
    use super::*;
    use std::process::Command;

    #[test]
    fn tar_unpacks_what_was_packed() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("a.tar");
        let file = std::fs::File::create(&path).expect("a file");
        let mut tar = Tar::new(file, 1_795_219_200);
        let files = [
            ("one", vec![]),
            ("two/three", vec![7; 512]),
            ("four", vec![1; 1_000]),
        ];
        for (name, bytes) in &files {
            tar.file(name, bytes).expect("written");
        }
        tar.finish().expect("written");

        let unpacked = Command::new("tar")
            .args(["-x", "-f", "a.tar"])
            .current_dir(&folder)
            .status();
        assert!(unpacked.expect("tar").success());
        for (name, bytes) in &files {
            assert_eq!(
                std::fs::read(folder.path().join(name)).expect("there"),
                *bytes
            );
        }
    }

    #[test]
    fn a_name_that_does_not_fit_is_refused() {
        let mut tar = Tar::new(Vec::new(), 0);
        assert!(tar.file(&"x".repeat(101), b"").is_err());
        assert!(tar.file(&"x".repeat(100), b"").is_ok());
    }
}
