//! What the bench programs share: CPU time, and the programs they start.

pub mod cpu;
pub mod process;
