# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=bash
# Progress lines and errors. Everything a verb says about its own work goes to standard error, so that
# `status --json` and the like keep standard output for the answer.

# say TEXT: one progress line with the seconds since the verb began.
say() {
  printf '[%4ds] %s\n' "$SECONDS" "$*" >&2
}

# fail TEXT...: prints each argument on a line of its own and ends the verb with status 1.
fail() {
  printf 'deploy/dev: %s\n' "$1" >&2
  shift
  local line
  for line in "$@"; do printf '  %s\n' "$line" >&2; done
  exit 1
}

# usage_error TEXT: for a wrong command line; status 2.
usage_error() {
  printf 'deploy/dev: %s\n  See: deploy/dev --help\n' "$1" >&2
  exit 2
}

# run_logged LOG COMMAND...: runs COMMAND quietly, with a sign of life every 15 seconds; on failure prints the end of
# its output and returns its status.
run_logged() {
  local log=$1 status=0 ticker
  shift
  mkdir -p -- "$(dirname -- "$log")"
  : >"$log"
  tick_while_writing "$log" &
  ticker=$!
  "$@" >>"$log" 2>&1 </dev/null || status=$?
  kill "$ticker" 2>/dev/null || true
  wait "$ticker" 2>/dev/null || true
  if [ "$status" -ne 0 ]; then
    printf -- '--- the end of %s\n' "$log" >&2
    tail -n 30 -- "$log" >&2
    printf -- '---\n' >&2
  fi
  return "$status"
}

# tick_while_writing LOG: until killed, repeats the log's last line now and then. The read waits for input that never
# comes, so that no other process outlives the kill.
tick_while_writing() {
  local silence
  exec {silence}<> <(:)
  while ! read -r -t 15 -u "$silence"; do
    say "... $(tail -n 1 -- "$1" | cut -c -100)"
  done
}
