# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=bash
# up, down, status, keys, ledger, import, rpc: this part brings the programs, deploy/local runs them.

verb_up() {
  local options=()
  while [ $# -gt 0 ]; do
    case $1 in
      --detach) options+=(--detach) ;;
      --zoom-config=?*) options+=(--zoom-config "$(absolute_path "${1#*=}")") ;;
      --zoom-config)
        [ -n "${2:-}" ] || usage_error "--zoom-config needs a file"
        options+=(--zoom-config "$(absolute_path "$2")")
        shift
        ;;
      *) usage_error "up does not know '$1'" ;;
    esac
    shift
  done
  # shellcheck disable=SC2046
  ensure_packages "${build_packages[@]}" "${run_packages[@]}" $(node_packages)
  ensure_localhost
  require_node
  # A wrong configuration should cost a second, not a build.
  node deploy/local/cli.mjs check "${options[@]}"
  build_preset release "${services[@]}"
  exec node deploy/local/cli.mjs up "${options[@]}"
}

# absolute_path FILE: a file named on the command line.
absolute_path() {
  case $1 in
    /*) printf '%s\n' "$1" ;;
    *) printf '%s\n' "$caller_directory/$1" ;;
  esac
}

verb_down() {
  [ $# -eq 0 ] || usage_error "down takes no arguments"
  if [ "$(node_major node)" -lt 18 ]; then
    [ ! -e .local/state.json ] || fail "Node.js is gone, and .local/state.json lists what still runs." "Install nodejs again."
    printf 'Nothing is running.\n'
    return
  fi
  exec node deploy/local/cli.mjs down
}

verb_status() {
  [ $# -eq 0 ] || [ "$*" = --json ] || usage_error "status takes only --json"
  if [ "$(node_major node)" -lt 18 ]; then
    if [ "$*" = --json ]; then printf '{"running":false,"url":null,"services":[]}\n'; else printf 'Nothing is running.\n'; fi
    return
  fi
  exec node deploy/local/cli.mjs status "$@"
}

verb_keys() {
  require_node
  exec node deploy/local/cli.mjs keys "$@"
}

verb_ledger() {
  require_node
  exec node deploy/local/cli.mjs ledger "$@"
}

verb_rpc() {
  require_node
  exec node deploy/local/cli.mjs rpc "$caller_directory" "$@"
}

verb_import() {
  require_node
  exec node deploy/local/cli.mjs import "$caller_directory" "$@"
}
