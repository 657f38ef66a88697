#!/usr/bin/env bash
# Builds ccs and puts Claude Code on this machine under its guard.
#
#   ./setup.sh [options of `ccs setup`]      for instance --dry-run, --scope managed
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")"

if ! command -v cargo >/dev/null; then
  echo "setup.sh: cargo was not found; install Rust first: https://rustup.rs" >&2
  exit 2
fi

cargo build --release --locked -p ccs-hooks -p ccs-cli

# beside cargo's own programs, which are on the PATH of everybody who has Rust
bin="${CARGO_HOME:-$HOME/.cargo}/bin"
for program in ccs ccs-hook; do
  case " $* " in
    *" --dry-run "*) ;;
    *) mkdir -p "$bin" && install -m 755 "target/release/$program" "$bin/$program" ;;
  esac
done

exec "target/release/ccs" setup "$@"
