#!/usr/bin/env bash
# Runs every fuzz target of the module for the given time, one after the other.
set -euo pipefail
cd "$(dirname "$0")/.."
time=${1:-20s}
out=$(mktemp)
trap 'rm -f "$out"' EXIT

# Before 1.27 Go sometimes reports the end of the fuzz time as a failure, with "context deadline exceeded" and nothing
# else (go.dev/issue/75804). A real finding has a failing input.
time_is_over() {
  grep -q '^    context deadline exceeded$' "$out" && ! grep -qE 'Failing input|panic:|_test\.go:' "$out"
}

grep -rlE '^func Fuzz' --include='*_test.go' --exclude-dir=node_modules . | xargs -n1 dirname | sort -u | while read -r dir; do
  (cd "$dir" && grep -hoE '^func Fuzz[A-Za-z0-9_]+' ./*_test.go | sed 's/^func //') | sort | while read -r target; do
    echo "== $dir $target"
    go test -run '^$' -fuzz "^${target}\$" -fuzztime "$time" "$dir" 2>&1 | tee "$out" || time_is_over
  done
done
