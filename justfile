# The tasks of this workspace; docs/TESTING.md says what each needs. `just` lists them.

_default:
    @just --list --unsorted

# Formatting, lints, documentation and dependencies
check:
    cargo fmt --all --check
    cargo clippy --workspace --all-targets --locked -- -D warnings
    RUSTDOCFLAGS="-D warnings" cargo doc --workspace --no-deps --locked --quiet
    cargo deny check bans licenses sources

# Unit, property and table tests, transcripts of both programs, and what fuzzing found
test *ARGS:
    cargo test --workspace --locked {{ ARGS }}

# The real Claude Code client against an installed ccs, for instance `just client --only deny`
client *ARGS:
    cargo build --release --locked -p ccs-cli -p ccs-hooks
    crates/ccs-cli/tests/client/run --ccs target/release {{ ARGS }}

# The audit report in Chromium, for instance `just browser --shots /tmp/shots`
browser *ARGS:
    cargo build --release --locked -p ccs-cli -p ccs-hooks
    crates/ccs-cli/tests/browser/run --ccs target/release {{ ARGS }}

# One fuzz target for so many seconds, or each of them
fuzz TARGET="" SECONDS="60":
    #!/usr/bin/env bash
    set -euo pipefail
    for target in {{ if TARGET == "" { "$(cargo +nightly fuzz list)" } else { TARGET } }}; do
        cargo +nightly fuzz run "$target" -- -max_total_time={{ SECONDS }} -rss_limit_mb=4096
    done

# What things cost: all benches, or for instance `just bench --bench gate_hostile`
bench *ARGS:
    cargo bench --locked -p ccs-benches {{ ARGS }}

# The crates as a registry would get them, each built from its package
package:
    cargo package --workspace --locked --exclude ccs-cli --exclude ccs-benches --exclude ccs-fuzz-bodies

# What a change must pass
ci:
    .ci/run
