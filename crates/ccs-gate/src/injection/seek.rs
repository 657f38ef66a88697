//! Bytes that are rare in a text. The searches of other crates ask the processor first what it can
//! do, which takes longer than a scan of a short text where a hypervisor answers.

/// The first byte that is `wanted`.
pub(crate) fn seek(bytes: &[u8], wanted: impl Fn(u8) -> bool) -> Option<usize> {
    let near = bytes.iter().take(8).position(|byte| wanted(*byte));
    if near.is_some() || bytes.len() <= 8 {
        return near;
    }
    // without an end in between the compiler looks at many bytes at once
    let has_none = |part: &&[u8]| !part.iter().fold(false, |any, byte| any | wanted(*byte));
    let passed = 32 * bytes.chunks_exact(32).take_while(has_none).count();
    let found = bytes[passed..].iter().position(|byte| wanted(*byte));
    found.map(|at| passed + at)
}

/// Where `wanted` begins.
pub(crate) fn find(bytes: &[u8], wanted: &[u8]) -> Option<usize> {
    let first = *wanted.first()?;
    let mut at = 0;
    loop {
        at += seek(&bytes[at..], |byte| byte == first)?;
        if bytes[at..].starts_with(wanted) {
            return Some(at);
        }
        at += 1;
    }
}

#[cfg(test)]
mod tests {
    use super::{find, seek};

    #[test]
    fn a_byte_is_found_wherever_it_stands() {
        let mut bytes = [b'a'; 100];
        assert_eq!(seek(&bytes, |byte| byte == b'x'), None);
        for at in (0..bytes.len()).rev() {
            bytes[at] = b'x';
            assert_eq!(seek(&bytes, |byte| byte == b'x'), Some(at));
            assert_eq!(find(&bytes, b"x"), Some(at));
        }
    }

    #[test]
    fn a_word_is_found_behind_its_own_beginning() {
        assert_eq!(find(b"a <- <!- <!-- b -- -->", b"-->"), Some(19));
        assert_eq!(find(b"a <- <!-", b"<!--"), None);
    }
}
