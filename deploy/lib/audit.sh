# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=bash
# audit: reads what the services recorded. deploy/local does the work.

verb_audit() {
  [ "${1:-}" = verify ] || usage_error "audit needs: verify"
  local options=(verify)
  shift
  while [ $# -gt 0 ]; do
    case $1 in
      --json | --quiet | --request=?* | --grace-seconds=?* | --unsealed-seconds=?*) options+=("$1") ;;
      --seal-key=?*) options+=(--seal-key "$(absolute_path "${1#*=}")") ;;
      --request | --grace-seconds | --unsealed-seconds | --seal-key)
        [ -n "${2:-}" ] || usage_error "$1 needs a value"
        if [ "$1" = --seal-key ]; then options+=("$1" "$(absolute_path "$2")"); else options+=("$1" "$2"); fi
        shift
        ;;
      *) usage_error "audit verify does not know '$1'" ;;
    esac
    shift
  done
  require_node
  exec node deploy/local/cli.mjs audit "${options[@]}"
}
