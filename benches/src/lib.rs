//! What the bench programs share: CPU time, the programs they start, and logs to read.

pub mod audit;
pub mod cpu;
pub mod process;
