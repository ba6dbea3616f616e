# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=bash
# Root where root is needed, and only there.

# as_root COMMAND...: runs COMMAND as root, through sudo for everybody else.
as_root() {
  if [ "$(id -u)" -eq 0 ]; then
    "$@"
  elif command -v sudo >/dev/null 2>&1; then
    sudo -- "$@"
  else
    return 126
  fi
}

# require_root REASON: ends with an explanation when there is no way to become root.
require_root() {
  [ "$(id -u)" -eq 0 ] && return
  command -v sudo >/dev/null 2>&1 ||
    fail "$1, which needs root, and sudo is not installed." \
      "Run deploy/dev as root, or install sudo and allow it for $(id -un)."
}
