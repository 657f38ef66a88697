//! What the bench programs share.

pub mod audit;
pub mod child;
pub mod cpu;
