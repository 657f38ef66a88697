// The least a hook can be: it reads its input. Compiled by the bench as the hook is linked.

use std::io::Read;

fn main() {
    let mut input = Vec::new();
    let _ = std::io::stdin().read_to_end(&mut input);
    std::hint::black_box(&input);
}
