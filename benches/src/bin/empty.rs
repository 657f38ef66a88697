//! Does nothing, so that the cost of starting a process is known.

fn main() {}
