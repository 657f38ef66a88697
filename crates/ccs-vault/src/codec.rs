//! Canonical bytes: big-endian numbers, and length-prefixed strings. Every value has one encoding,
//! so what is authenticated can be read in one way only.

use zeroize::Zeroizing;

use crate::buffer::Buffer;

/// Collects fields.
pub(crate) struct Writer(Buffer);

impl Writer {
    pub(crate) fn new() -> Self {
        Self(Buffer::new())
    }

    pub(crate) fn u8(&mut self, value: u8) -> &mut Self {
        self.fixed(&[value])
    }

    pub(crate) fn u32(&mut self, value: u32) -> &mut Self {
        self.fixed(&value.to_be_bytes())
    }

    pub(crate) fn u64(&mut self, value: u64) -> &mut Self {
        self.fixed(&value.to_be_bytes())
    }

    /// Bytes whose number the format fixes.
    pub(crate) fn fixed(&mut self, bytes: &[u8]) -> &mut Self {
        self.0.extend(bytes);
        self
    }

    /// Bytes behind their length (32 bits).
    pub(crate) fn bytes(&mut self, bytes: &[u8]) -> &mut Self {
        let length = u32::try_from(bytes.len()).expect("every field has a limit below 4 GiB");
        self.u32(length).fixed(bytes)
    }

    pub(crate) fn text(&mut self, text: &str) -> &mut Self {
        self.bytes(text.as_bytes())
    }

    /// Zeros up to the next length that `round` names.
    pub(crate) fn pad(&mut self, round: fn(usize) -> usize) -> &mut Self {
        self.0.pad_to(round(self.0.len()));
        self
    }

    pub(crate) fn as_slice(&self) -> &[u8] {
        &self.0
    }

    pub(crate) fn finish(&mut self) -> Zeroizing<Vec<u8>> {
        self.0.take()
    }
}

/// The bytes end too early, or are not the one encoding of their value.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Malformed;

/// Takes fields off the front.
#[derive(Clone)]
pub(crate) struct Reader<'a>(&'a [u8]);

impl<'a> Reader<'a> {
    pub(crate) fn new(bytes: &'a [u8]) -> Self {
        Self(bytes)
    }

    pub(crate) fn take(&mut self, length: usize) -> Result<&'a [u8], Malformed> {
        let (taken, rest) = self.0.split_at_checked(length).ok_or(Malformed)?;
        self.0 = rest;
        Ok(taken)
    }

    pub(crate) fn fixed<const N: usize>(&mut self) -> Result<[u8; N], Malformed> {
        self.take(N)?.try_into().map_err(|_| Malformed)
    }

    pub(crate) fn u8(&mut self) -> Result<u8, Malformed> {
        Ok(u8::from_be_bytes(self.fixed()?))
    }

    pub(crate) fn u32(&mut self) -> Result<u32, Malformed> {
        Ok(u32::from_be_bytes(self.fixed()?))
    }

    pub(crate) fn u64(&mut self) -> Result<u64, Malformed> {
        Ok(u64::from_be_bytes(self.fixed()?))
    }

    pub(crate) fn bytes(&mut self) -> Result<&'a [u8], Malformed> {
        let length = self.u32()?;
        self.take(usize::try_from(length).map_err(|_| Malformed)?)
    }

    pub(crate) fn text(&mut self) -> Result<&'a str, Malformed> {
        std::str::from_utf8(self.bytes()?).map_err(|_| Malformed)
    }

    /// Nothing is left.
    pub(crate) fn end(&self) -> Result<(), Malformed> {
        if self.0.is_empty() {
            Ok(())
        } else {
            Err(Malformed)
        }
    }

    /// Nothing is left but the zeros that [`Writer::pad`] wrote.
    pub(crate) fn padding(&self) -> Result<(), Malformed> {
        if self.0.iter().all(|&byte| byte == 0) {
            Ok(())
        } else {
            Err(Malformed)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_written_is_read() {
        let bytes = Writer::new()
            .u8(1)
            .u32(2)
            .u64(3)
            .text("four")
            .fixed(&[5; 5])
            .finish();
        let mut reader = Reader::new(&bytes);
        assert_eq!(reader.u8(), Ok(1));
        assert_eq!(reader.u32(), Ok(2));
        assert_eq!(reader.u64(), Ok(3));
        assert_eq!(reader.text(), Ok("four"));
        assert_eq!(reader.fixed(), Ok([5; 5]));
        assert_eq!(reader.end(), Ok(()));
    }

    #[test]
    fn a_length_beyond_the_end_is_an_error() {
        let bytes = Writer::new().u32(u32::MAX).u8(0).finish();
        assert_eq!(Reader::new(&bytes).bytes(), Err(Malformed));
    }

    #[test]
    fn padding_is_zeros_and_nothing_else() {
        let bytes = Writer::new().u8(1).pad(|length| length + 3).finish();
        assert_eq!(Reader::new(&bytes[1..]).padding(), Ok(()));
        assert_eq!(Reader::new(&bytes).padding(), Err(Malformed));
    }
}
