#!/usr/bin/env bash
# Runs every fuzz target of the module for the given time, one after the other.
set -euo pipefail
cd "$(dirname "$0")/.."
time=${1:-20s}
out=$(mktemp)
trap 'rm -f "$out"' EXIT

# Before 1.27 Go sometimes calls it a failure that the time is over, and says nothing but
# "context deadline exceeded" (go.dev/issue/75804). What a target finds has a failing input.
only_late() {
  grep -q '^    context deadline exceeded$' "$out" && ! grep -qE 'Failing input|panic:|_test\.go:' "$out"
}

grep -rlE '^func Fuzz' --include='*_test.go' --exclude-dir=node_modules . | xargs -n1 dirname | sort -u | while read -r dir; do
  (cd "$dir" && grep -hoE '^func Fuzz[A-Za-z0-9_]+' ./*_test.go | sed 's/^func //') | sort | while read -r target; do
    echo "== $dir $target"
    go test -run '^$' -fuzz "^${target}\$" -fuzztime "$time" "$dir" 2>&1 | tee "$out" || only_late
  done
done
