#!/usr/bin/env bash
# Runs the tests by other clocks and in another time zone: what depends on the day fails in one.
# Needs a C compiler (Debian: apt install gcc libc6-dev).
# Arguments go to pytest: scripts/clocks.sh tests/unit
set -euo pipefail
cd "$(dirname "$0")/.."

made=$(mktemp -d)
trap 'rm -rf "$made"' EXIT
cc -shared -fPIC -O1 -o "$made/clocks.so" scripts/clocks.c

# A distance, not a moment: processes that start later in a run must agree about the time.
until_() { echo "$(($(date -u -d "$1" +%s) - $(date -u +%s)))"; }
year=$(date -u +%Y)

failed=()
by() { # what it is called, seconds ahead, pytest's arguments
  local name=$1 ahead=$2
  shift 2
  echo "== $name"
  HINODE_CLOCK_AHEAD=$ahead LD_PRELOAD="$made/clocks.so" \
    .venv/bin/pytest -n auto --dist loadscope --no-loadscope-reorder "$@" || failed+=("$name")
}
by "1 day ahead" 86400 "$@"
by "40 days ahead" $((40 * 86400)) "$@"
by "400 days ahead" $((400 * 86400)) "$@"
by "23:59:30" "$(until_ "tomorrow 00:00 30 seconds ago")" "$@"
by "31 December" "$(until_ "$year-12-31 12:00")" "$@"
by "New Year's Eve, 23:59:30" "$(until_ "$year-12-31 23:59:30")" "$@"
echo "== TZ=Asia/Shanghai"
TZ=Asia/Shanghai .venv/bin/pytest -n auto --dist loadscope --no-loadscope-reorder "$@" || failed+=("TZ=Asia/Shanghai")

[ ${#failed[@]} -eq 0 ] || { printf 'failed: %s\n' "${failed[@]}"; exit 1; }
echo "All clocks agree."
