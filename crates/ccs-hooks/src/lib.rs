#![doc = include_str!("../README.md")]

pub mod alerts;
pub mod approvals;
mod calls;
mod carried;
mod clean;
mod clipboard;
mod config;
mod config_change;
mod edit;
mod expansion;
mod failure;
mod files;
mod filter;
mod guarded;
mod import;
pub mod install;
pub mod integrity;
mod judge;
mod left;
pub mod lockdown;
mod log;
mod open_sessions;
mod panic;
mod permission;
mod permission_request;
mod place;
mod post_tool_use;
mod pre_tool_use;
mod prompt;
mod prompt_expansion;
pub mod protocol;
pub mod quality;
mod record;
mod redact;
mod resend;
mod resolve;
mod run;
mod scrub;
mod secrets;
mod session_start;
mod settings;
mod shell_env;
mod shell_filter;
pub mod time;
mod tool_results;
pub mod trail;

pub use files::Error as FileError;
pub use panic::stop_on_panic;
pub use place::{Surroundings, default_state, user_home};
pub use run::run;

/// The most bytes of one event: 16 MiB. The largest the client was seen to send is 5 MB.
pub const MAX_INPUT: u64 = 16 << 20;
