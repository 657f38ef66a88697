#![doc = include_str!("../README.md")]

pub mod alerts;
mod calls;
mod config;
mod config_change;
mod expansion;
mod failure;
mod files;
mod import;
pub mod install;
mod judge;
pub mod lockdown;
mod log;
mod panic;
mod permission;
mod permission_request;
mod place;
mod pre_tool_use;
mod prompt_expansion;
pub mod protocol;
mod record;
mod redact;
mod resolve;
mod run;
mod session_start;
mod settings;
pub mod time;
pub mod trail;

pub use files::Error as FileError;
pub use panic::stop_on_panic;
pub use place::{Surroundings, default_state, user_home};
pub use run::run;

/// The most bytes of one event: 16 MiB. The largest the client was seen to send is 5 MB.
pub const MAX_INPUT: u64 = 16 << 20;
