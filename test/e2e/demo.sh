#!/usr/bin/env bash
# Starts the program in demo mode, runs the curl line that it prints unchanged, and stops the program.
set -euo pipefail
binary=$1
log=$(mktemp)
"$binary" --demo --listen 127.0.0.1:0 >"$log" 2>&1 &
pid=$!
trap 'kill "$pid" 2>/dev/null || true; wait "$pid" 2>/dev/null || true; rm -f "$log"' EXIT

fail() { echo "e2e: $1" >&2; cat "$log" >&2; exit 1; }

for _ in $(seq 100); do
  grep -q '^  curl ' "$log" && break
  kill -0 "$pid" 2>/dev/null || fail "the program ended"
  sleep 0.1
done
line=$(grep '^  curl ' "$log") || fail "no curl line was printed"
answer=$(bash -c "$line -sS --max-time 10 -D ${log}.headers")
echo "$answer"
grep -qi '^x-atlas-mode: demo' "${log}.headers" || fail "the header X-Atlas-Mode: demo is missing"
rm -f "${log}.headers"
grep -q '"state":"SUCCEEDED"' <<<"$answer" || fail "the answer to the pasted query has no job"
grep -q '"errors"' <<<"$answer" && fail "the answer to the pasted query has errors"

# A static program runs on any Linux of its architecture, with any C library or none.
! ldd "$binary" 2>/dev/null | grep '=>' || fail "the program is not static"

kill -TERM "$pid"
wait "$pid" || fail "the program did not stop cleanly"
echo "1 passed, 0 failed"
