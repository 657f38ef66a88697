//! Canonical bytes: numbers big endian, everything else after its length.

use std::borrow::Cow;
use std::path::{Path, PathBuf};

use super::Untrusted;

/// The bytes of a path: as the system has them, and UTF-8 where it has none.
pub(super) fn of_path(path: &Path) -> Cow<'_, [u8]> {
    #[cfg(unix)]
    {
        use std::os::unix::ffi::OsStrExt;
        Cow::Borrowed(path.as_os_str().as_bytes())
    }
    #[cfg(not(unix))]
    {
        Cow::Owned(path.to_string_lossy().into_owned().into_bytes())
    }
}

fn to_path(bytes: &[u8]) -> Option<PathBuf> {
    #[cfg(unix)]
    {
        use std::os::unix::ffi::OsStrExt;
        Some(PathBuf::from(std::ffi::OsStr::from_bytes(bytes)))
    }
    #[cfg(not(unix))]
    {
        std::str::from_utf8(bytes).ok().map(PathBuf::from)
    }
}

#[derive(Default)]
pub(super) struct Output(Vec<u8>);

impl Output {
    pub(super) fn bytes(&self) -> &[u8] {
        &self.0
    }

    pub(super) fn into_bytes(self) -> Vec<u8> {
        self.0
    }

    pub(super) fn u8(&mut self, number: u8) {
        self.0.push(number);
    }

    pub(super) fn u32(&mut self, number: u32) {
        self.0.extend(number.to_be_bytes());
    }

    pub(super) fn u64(&mut self, number: u64) {
        self.0.extend(number.to_be_bytes());
    }

    pub(super) fn fixed<const N: usize>(&mut self, bytes: &[u8; N]) {
        self.0.extend(bytes);
    }

    pub(super) fn field(&mut self, bytes: &[u8]) {
        self.u32(u32::try_from(bytes.len()).expect("no path or pattern has four gigabytes"));
        self.0.extend(bytes);
    }

    pub(super) fn path(&mut self, path: &Path) {
        self.field(&of_path(path));
    }

    pub(super) fn list<T>(&mut self, items: &[T], write: impl Fn(&T, &mut Output)) {
        self.u32(u32::try_from(items.len()).expect("a manifest has less than 64 MiB"));
        items.iter().for_each(|item| write(item, self));
    }
}

/// Where and why bytes are not what they should be.
#[derive(Debug)]
pub(super) struct Bad {
    offset: usize,
    what: &'static str,
}

impl From<Bad> for Untrusted {
    fn from(bad: Bad) -> Self {
        Untrusted::Damaged {
            offset: bad.offset,
            what: bad.what,
        }
    }
}

pub(super) struct Input<'a> {
    bytes: &'a [u8],
    offset: usize,
}

impl<'a> Input<'a> {
    pub(super) fn new(bytes: &'a [u8]) -> Self {
        Input { bytes, offset: 0 }
    }

    pub(super) fn offset(&self) -> usize {
        self.offset
    }

    pub(super) fn at_end(&self) -> bool {
        self.offset == self.bytes.len()
    }

    pub(super) fn bad(&self, what: &'static str) -> Bad {
        Bad {
            offset: self.offset,
            what,
        }
    }

    pub(super) fn end(&self) -> Result<(), Bad> {
        if self.at_end() {
            return Ok(());
        }
        Err(self.bad("nothing may follow"))
    }

    fn take(&mut self, count: usize) -> Result<&'a [u8], Bad> {
        let rest = &self.bytes[self.offset..];
        let taken = rest.get(..count).ok_or(self.bad("the bytes end here"))?;
        self.offset += count;
        Ok(taken)
    }

    pub(super) fn fixed<const N: usize>(&mut self) -> Result<[u8; N], Bad> {
        let bytes = self.take(N)?;
        Ok(bytes.try_into().expect("N bytes were taken"))
    }

    pub(super) fn u8(&mut self) -> Result<u8, Bad> {
        Ok(self.fixed::<1>()?[0])
    }

    pub(super) fn u32(&mut self) -> Result<u32, Bad> {
        Ok(u32::from_be_bytes(self.fixed()?))
    }

    pub(super) fn u64(&mut self) -> Result<u64, Bad> {
        Ok(u64::from_be_bytes(self.fixed()?))
    }

    pub(super) fn field(&mut self) -> Result<&'a [u8], Bad> {
        let length = self.u32()?;
        self.take(usize::try_from(length).unwrap_or(usize::MAX))
    }

    pub(super) fn path(&mut self) -> Result<PathBuf, Bad> {
        let bytes = self.field()?;
        if bytes.is_empty() || bytes.contains(&0) {
            return Err(self.bad("this is not a path"));
        }
        to_path(bytes).ok_or(self.bad("this is not a path"))
    }

    pub(super) fn text(&mut self) -> Result<String, Bad> {
        let bytes = self.field()?;
        let text = std::str::from_utf8(bytes).map_err(|_| self.bad("this is not UTF-8"))?;
        Ok(text.to_owned())
    }

    /// Takes no memory before the items are there, however many are announced.
    pub(super) fn list<T>(
        &mut self,
        read: impl Fn(&mut Self) -> Result<T, Bad>,
    ) -> Result<Vec<T>, Bad> {
        let count = self.u32()?;
        let mut items = Vec::new();
        for _ in 0..count {
            items.push(read(self)?);
        }
        Ok(items)
    }
}
