#!/bin/sh
# Plays a bench binary for xtask's tests: every mode of the kit's protocol and criterion's files.
# BROKEN names what is to go wrong: verify, differ, crash, control, serve, timing.
ours=http11/parse/get-37/shockwave
peer=http11/parse/get-37/httparse
set -eu

if [ "$1" = --kit ]; then
    case "$2" in
    list)
        for engine in shockwave httparse; do
            printf '{"id":"http11/parse/get-37/%s","category":"http11","operation":"parse",' $engine
            printf '"case":"get-37","engine":"%s","throughput":{"bytes":37},' $engine
            printf '"budget":{"allocs":0,"bytes":0},"source":"5e"}\n'
        done ;;
    verify)
        echo "{\"id\":\"$ours\",\"group\":\"http11/parse/get-37\",\"accepts\":\"9f\",\"rejects\":null}"
        [ "${BROKEN:-}" = crash ] && exit 134
        if [ "${BROKEN:-}" = verify ]; then
            echo "{\"id\":\"$peer\",\"error\":\"the answer is wrong\"}"
            echo "kit: $peer: the answer is wrong" >&2
            exit 1
        fi
        printf '{"id":"%s","group":"http11/parse/get-37","accepts":"9f","rejects":null,' "$peer"
        echo '"checks":"lenient","accepts_malformed":["bare-cr"]}'
        if [ "${BROKEN:-}" = differ ]; then
            echo "kit: the engines of http11/parse/get-37 differ: first at octet 5" >&2
            exit 1
        fi ;;
    alloc)
        control=1
        [ "${BROKEN:-}" = control ] && control=0
        for line in "$ours 0" "$peer 2" "kit/control/allocates-once/kit $control"; do
            set -- $line
            printf '{"id":"%s","allocs":%s,"bytes":0,"reallocs":0,"frees":0,' "$1" "$2"
            printf '"peak_live":0,"linear":true}\n'
        done
        # As the kit does where a budget is exceeded, and the peer's is.
        exit 1 ;;
    once)
        [ "$3" = "$ours" ] || [ "$3" = "$peer" ]
        echo "$4" ;;
    serve)
        echo '{"protocol":1}'
        while read -r id calls; do
            case "${BROKEN:-} $id" in
            " $ours" | "serve $ours") echo "$((calls * 20)) $calls" ;;
            " $peer") echo "$((calls * 40)) $calls" ;;
            *) echo "error it broke" ;;
            esac
        done ;;
    *) exit 2 ;;
    esac
    exit 0
fi

# criterion: --bench --noplot --exact ID ...
[ "$1" = --bench ] && [ "$3" = --exact ]
if [ "${BROKEN:-}" = timing ] && [ "$4" = "$peer" ]; then
    echo "thread main panicked at the benchmark" >&2
    exit 101
fi
new="$CRITERION_HOME/http11_parse/cut-name/new"
mkdir -p "$new" "$CRITERION_HOME/report"
echo "{\"full_id\":\"$4\",\"group_id\":\"http11/parse\"}" >"$new/benchmark.json"
echo '{"sampling_mode":"Flat","iters":[10,10,10],"times":[400,200,300]}' >"$new/sample.json"
