//! Appends one entry to the log in the folder it is given, as a hook does, and ends.

use std::path::Path;

use ccs_audit::{Durability, Log};

fn main() {
    let arguments: Vec<String> = std::env::args().collect();
    let number = arguments.get(2).and_then(|number| number.parse().ok());
    let mut options = ccs_benches::audit::options();
    if arguments.get(3).is_some_and(|word| word == "full") {
        options.durability = Durability::Full;
    }
    let mut log = Log::open(Path::new(&arguments[1]), options).expect("a log");
    let entry = ccs_benches::audit::entry(number.unwrap_or(0));
    log.append(entry).expect("kept");
}
