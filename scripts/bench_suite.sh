#!/usr/bin/env bash
# The whole suite with one command: says what is missing, then runs `cargo xtask bench run --full`.
# Further arguments go to it, for instance: scripts/bench_suite.sh --category http11 --seed 7
set -euo pipefail
cd "$(dirname "$0")/.."

if ! command -v valgrind >/dev/null; then
    echo "valgrind is not installed: instruction counts will be skipped (apt-get install valgrind)"
fi

exec cargo xtask bench run --full "$@"
