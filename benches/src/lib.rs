//! What the bench programs share.

pub mod cpu;
