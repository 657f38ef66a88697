//! Taking over a key that lies in a plaintext file.

use std::io::{Read, Seek, SeekFrom, Write};
use std::path::Path;

use zeroize::Zeroizing;

use crate::entry::{MAX_VALUE, NewEntry};
use crate::file::{self, Plain};
use crate::{Error, Name, Result, Secret, Vault};

/// How the bytes of a plaintext file are taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Take {
    /// As they are: a key of random bytes.
    Bytes,
    /// Without the line break at the end: a token that was written with an editor.
    Line,
}

impl Vault {
    /// Stores what is in a plaintext file under a free name, reads it back from the vault's file,
    /// and only then overwrites the plaintext with zeros and removes it. If it was cut off in
    /// between, doing it again completes it.
    ///
    /// Overwriting is best effort: a journal, a snapshot, a backup or the wear levelling of an SSD
    /// may keep the old bytes. What mattered should be rotated as well.
    ///
    /// # Errors
    ///
    /// [`Error::NameTaken`] by another value, [`Error::Insecure`] for a link or another user's file,
    /// [`Error::NotVerified`]; the plaintext is then as it was.
    pub fn migrate(&mut self, from: &Path, name: Name, take: Take, now: u64) -> Result<()> {
        let failed = |action| move |source| Error::file(from, action, source);
        let mut plain = Plain::open(from).map_err(|refusal| file::error(from, "open", refusal))?;
        let bytes = read(plain.file()).map_err(failed("read"))?;
        let secret = match take {
            Take::Bytes => Secret::copy_of(&bytes),
            Take::Line => Secret::copy_of(&bytes).without_line_end(),
        };
        let copy = Secret::copy_of(secret.expose());
        match self.add(NewEntry::value(name.clone(), copy)?, now) {
            // stored already, by a migration that was cut off
            Err(Error::NameTaken { .. }) if self.get(&name)? == secret => {}
            added => added?,
        }
        self.read_again()?;
        if self.get(&name)? != secret {
            let path = from.to_owned();
            return Err(Error::NotVerified { path });
        }
        wipe(plain.file(), bytes.len()).map_err(failed("overwrite"))?;
        plain.remove().map_err(failed("remove"))
    }
}

/// The whole file, or one byte more than a value has, which is refused later.
fn read(file: &mut std::fs::File) -> std::io::Result<Zeroizing<Vec<u8>>> {
    let mut bytes = Zeroizing::new(Vec::with_capacity(MAX_VALUE + 1));
    file.take(MAX_VALUE as u64 + 1).read_to_end(&mut bytes)?;
    Ok(bytes)
}

fn wipe(file: &mut std::fs::File, length: usize) -> std::io::Result<()> {
    file.seek(SeekFrom::Start(0))?;
    file.write_all(&vec![0; length])?;
    file.sync_all()
}
