#!/usr/bin/env bash
# Runs the tests by other clocks and in another time zone: what depends on the day fails in one.
# Needs a C compiler and libfaketime (Debian: apt install gcc libc6-dev libfaketime).
# Arguments go to pytest: scripts/clocks.sh tests/unit
set -euo pipefail
cd "$(dirname "$0")/.."

library=${LIBFAKETIME:-$(find /usr/lib /usr/local/lib -name libfaketime.so.1 2>/dev/null | head -n 1)}
[ -n "$library" ] || { echo "libfaketime is not here; on Debian and Ubuntu: apt install libfaketime"; exit 1; }
made=$(mktemp -d)
trap 'rm -rf "$made"' EXIT
cc -shared -fPIC -O1 -o "$made/clocks.so" scripts/clocks.c

# A distance, not a moment: processes that start later in a run must agree about the time.
until_() { printf '%+ds' "$(($(date -u -d "$1" +%s) - $(date -u +%s)))"; }
year=$(date -u +%Y)

failed=()
by() { # what it is called, how far the clock is ahead, pytest's arguments
  local name=$1 ahead=$2
  shift 2
  echo "== $name"
  FAKETIME=$ahead FAKETIME_DONT_FAKE_MONOTONIC=1 NO_FAKE_STAT=1 LD_PRELOAD="$made/clocks.so $library" \
    .venv/bin/pytest -n auto --dist loadgroup "$@" || failed+=("$name")
}
by "1 day ahead" +1d "$@"
by "40 days ahead" +40d "$@"
by "400 days ahead" +400d "$@"
by "23:59:30" "$(until_ "tomorrow 00:00 30 seconds ago")" "$@"
by "31 December" "$(until_ "$year-12-31 12:00")" "$@"
by "New Year's Eve, 23:59:30" "$(until_ "$year-12-31 23:59:30")" "$@"
echo "== TZ=Asia/Shanghai"
TZ=Asia/Shanghai .venv/bin/pytest -n auto --dist loadgroup "$@" || failed+=("TZ=Asia/Shanghai")

[ ${#failed[@]} -eq 0 ] || { printf 'failed: %s\n' "${failed[@]}"; exit 1; }
echo "All clocks agree."
