# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=bash
# The fault suite: this part brings the programs, deploy/local/faults.mjs runs the scenarios.

verb_faults() {
  local options=()
  while [ $# -gt 0 ]; do
    case $1 in
      --quick | --resume) options+=("$1") ;;
      --scenario=?* | --seed=?*) options+=("$1") ;;
      --json=?*) options+=(--json "$(absolute_path "${1#*=}")") ;;
      --scenario | --seed | --json)
        [ -n "${2:-}" ] || usage_error "$1 needs a value"
        if [ "$1" = --json ]; then options+=("$1" "$(absolute_path "$2")"); else options+=("$1" "$2"); fi
        shift
        ;;
      *) usage_error "faults does not know '$1'" ;;
    esac
    shift
  done
  # shellcheck disable=SC2046
  ensure_packages "${build_packages[@]}" "${run_packages[@]}" "${fault_packages[@]}" $(test_node_packages)
  ensure_localhost
  ensure_test_node
  # A wrong name should cost a second, not a build.
  node deploy/local/cli.mjs check-faults "${options[@]}"
  build_preset release "${services[@]}"
  SHODAN_PRESET=release exec node deploy/local/cli.mjs faults "${options[@]}"
}
