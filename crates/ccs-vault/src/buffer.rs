//! Bytes that are collected one after the other and leave nothing behind.

use std::ops::Deref;

use zeroize::Zeroizing;

/// A growing buffer. It is wiped when it drops; when it grows, what it was copied from is wiped
/// too, which a `Vec` leaves to the allocator as it is.
pub(crate) struct Buffer(Zeroizing<Vec<u8>>);

impl Buffer {
    pub(crate) fn new() -> Self {
        Self(Zeroizing::new(Vec::with_capacity(64)))
    }

    pub(crate) fn push(&mut self, byte: u8) {
        self.extend(&[byte]);
    }

    pub(crate) fn extend(&mut self, bytes: &[u8]) {
        self.make_room(bytes.len());
        self.0.extend_from_slice(bytes);
    }

    /// Zeros up to a length.
    pub(crate) fn pad_to(&mut self, length: usize) {
        let length = length.max(self.0.len());
        self.make_room(length - self.0.len());
        self.0.resize(length, 0);
    }

    /// Takes what was collected; the buffer is empty then.
    pub(crate) fn take(&mut self) -> Zeroizing<Vec<u8>> {
        std::mem::take(&mut self.0)
    }

    fn make_room(&mut self, more: usize) {
        if self.0.capacity() - self.0.len() >= more {
            return;
        }
        let room = (self.0.len() + more).max(self.0.capacity() * 2);
        let mut larger = Zeroizing::new(Vec::with_capacity(room));
        larger.extend_from_slice(&self.0);
        self.0 = larger;
    }
}

impl Deref for Buffer {
    type Target = [u8];

    fn deref(&self) -> &[u8] {
        &self.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_collected_is_there_however_it_came() {
        let mut buffer = Buffer::new();
        for byte in 0..100 {
            buffer.push(byte);
        }
        buffer.extend(&[7; 300]);
        buffer.pad_to(500);
        buffer.pad_to(10);
        let expected = [&(0..100).collect::<Vec<u8>>()[..], &[7; 300], &[0; 100]].concat();
        assert_eq!(buffer[..], expected);
        assert_eq!(buffer.take()[..], expected);
        assert!(buffer.is_empty());
    }

    #[test]
    fn it_grows_by_doubling() {
        let mut buffer = Buffer::new();
        let mut moved = 0;
        for _ in 0..100_000 {
            let room = buffer.0.capacity();
            buffer.push(1);
            moved += usize::from(buffer.0.capacity() != room);
        }
        assert!(moved < 16, "{moved} times");
    }
}
