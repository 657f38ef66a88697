//! What the fuzz targets assert, as plain functions: `cargo fuzz` feeds them bytes that it makes
//! up, `tests/replay.rs` the seeds and regressions.
//!
//! A function returns if everything that is promised holds for its input, and panics with what
//! does not.

mod audit_entry;
mod audit_note;
mod gate_command;
mod gate_injection;
mod gate_ioc;
mod gate_secret;
mod gate_shell;
mod gate_views;
mod hooks_event;
mod integrity_manifest;
mod plain;
mod vault_format;
mod verdict;

pub use audit_entry::audit_entry;
pub use audit_note::audit_note;
pub use gate_command::gate_command;
pub use gate_injection::gate_injection;
pub use gate_ioc::gate_ioc;
pub use gate_secret::gate_secret;
pub use gate_shell::gate_shell;
pub use gate_views::gate_views;
pub use hooks_event::hooks_event;
pub use integrity_manifest::integrity_manifest;
pub use vault_format::vault_format;

/// Bytes beyond this are not looked at: what long texts cost is a question for the benches.
const MAX_TEXT: usize = 2 << 10;

/// The input as text, cut to [`MAX_TEXT`].
fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(&bytes[..bytes.len().min(MAX_TEXT)]).into_owned()
}
