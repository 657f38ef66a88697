//! Host names and addresses that mean somebody out there.

use std::net::{Ipv4Addr, Ipv6Addr};

/// Endings of files that are also endings of host names.
const FILE_ENDINGS: &[&str] = &[
    "ai", "app", "as", "bz", "cc", "cs", "do", "gl", "gn", "id", "in", "is", "it", "js", "md",
    "ml", "mm", "mo", "mov", "name", "ph", "pl", "pm", "pro", "ps", "py", "rs", "sc", "sh", "so",
    "st", "tf", "to", "ts", "vi", "zip",
];

/// Names that are reserved for examples and for what is not on the internet.
const NOBODY: &[&str] = &[
    "example",
    "invalid",
    "localhost",
    "test",
    "local",
    "internal",
    "onion.example",
];

/// Whether `name` is a host name under a public suffix. `sure` says that it was written as one:
/// within a URL, behind an `@`, or made unclickable.
pub(super) fn is_domain(name: &str, sure: bool) -> bool {
    let labels: Vec<&str> = name.split('.').collect();
    let [.., second, last] = labels.as_slice() else {
        return false;
    };
    if name.len() > 253 || !labels.iter().all(|label| is_label(label)) || is_nobody(second, last) {
        return false;
    }
    let known = psl::suffix(name.as_bytes()).is_some_and(|suffix| suffix.is_known())
        && psl::domain(name.as_bytes()).is_some();
    known && (sure || (!FILE_ENDINGS.contains(last) && !is_code(&labels)) || labels[0] == "www")
}

fn is_nobody(second: &str, last: &str) -> bool {
    NOBODY.contains(&last) || (second == "example" && matches!(last, "com" | "org" | "net"))
}

fn is_label(label: &str) -> bool {
    let bytes = label.as_bytes();
    let inner = bytes
        .iter()
        .all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || matches!(b, b'-' | b'_'));
    (1..=63).contains(&bytes.len()) && inner && bytes[0] != b'-' && bytes[bytes.len() - 1] != b'-'
}

/// `self.name`, `e.g`: parts of programs and abbreviations.
fn is_code(labels: &[&str]) -> bool {
    let short = labels.iter().all(|label| label.len() < 3);
    short
        || matches!(
            labels[0],
            "self"
                | "this"
                | "console"
                | "window"
                | "document"
                | "os"
                | "sys"
                | "np"
                | "pd"
                | "math"
        )
}

/// Whether packets to the address leave for the internet. Addresses of documentation do not.
pub(super) fn is_public_v4(address: Ipv4Addr) -> bool {
    let [a, b, ..] = address.octets();
    let shared = a == 100 && (64..128).contains(&b);
    let benchmark = a == 198 && matches!(b, 18 | 19);
    let reserved = a == 0 || a >= 224;
    let own = address.is_private() || address.is_loopback() || address.is_link_local();
    !(shared || benchmark || reserved || own || address.is_documentation())
}

/// The same for IPv6.
pub(super) fn is_public_v6(address: Ipv6Addr) -> bool {
    let [first, second, ..] = address.segments();
    let global = (0x2000..0x4000).contains(&first);
    let documentation = first == 0x2001 && second == 0xdb8 || first == 0x3fff;
    global && !documentation
}
