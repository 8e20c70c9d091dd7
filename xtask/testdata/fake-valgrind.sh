#!/bin/sh
# Plays valgrind for xtask's tests: runs the program and writes a callgrind file in which a call
# costs 20 instructions and the first one 5 more.
set -eu
[ "$1" = --tool=callgrind ] && [ "$2" = --toggle-collect=shockwave_bench_region ]
file=${3#--callgrind-out-file=}
shift 3
calls=$("$@")
total=$((calls * 20 + 5))
printf 'events: Ir\nsummary: %s\n\ntotals: %s\n' "$total" "$total" >"$file"
