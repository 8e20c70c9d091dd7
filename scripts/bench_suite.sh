#!/bin/sh
# The whole suite with one command; --help says what it runs.
set -u
cd "$(dirname "$0")/.." || exit 1

usage() {
    cat <<'TEXT'
usage: scripts/bench_suite.sh [--quick] [--against REF] [--no-variants] [--dry-run] [ARGUMENT...]

Runs, one after the other, and goes on where one of them finds something:
  1. cargo xtask bench run --full     everything, held against the committed baseline
  2. cargo xtask bench variants       the same over an arena and over mimalloc
  3. cargo xtask bench compare REF    times against another commit, with --against alone
  4. cargo xtask bench report         the report again, with all that lies beside it
Each leaves a folder results/<UTC time>-<commit>[-dirty].

  --quick          run --quick, which takes minutes
  --against REF    also compare with this commit, branch or tag
  --no-variants    leave step 2 out
  --dry-run        print the commands and run none
  ARGUMENT...      for steps 1 to 3, for instance: --category http11 --seed 7

Ends with the worst of their exit codes: 1 or 2 the harness failed, 3 regression,
4 the machine could not tell, 0 pass.
TEXT
}

profile=--full against='' variants=yes dry=no
while [ $# -gt 0 ]; do
    case "$1" in
    --help | -h) usage && exit 0 ;;
    --quick) profile=--quick ;;
    --no-variants) variants=no ;;
    --dry-run) dry=yes ;;
    --against)
        [ $# -ge 2 ] || { echo "bench_suite: --against needs a commit" >&2 && exit 2; }
        against=$2 && shift ;;
    *) break ;;
    esac
    shift
done

# The worst so far: a broken harness before a regression before noise.
worst=0
worse() {
    case "$1:$worst" in
    0:* | *:1 | *:2) ;;
    1:* | 2:* | 3:* | *:0) worst=$1 ;;
    4:*) ;;
    *) worst=1 ;;
    esac
}

step() {
    echo "+ cargo xtask bench $*"
    [ "$dry" = yes ] && return
    cargo xtask bench "$@"
    worse $?
}

[ "$dry" = yes ] || command -v valgrind >/dev/null ||
    echo "valgrind is not installed: instruction counts will be skipped (apt-get install valgrind)"

step run "$profile" "$@"
[ "$variants" = yes ] && step variants "$@"
[ -n "$against" ] && step compare "$against" "$@"
step report
exit "$worst"
