# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=bash
# One sanitized build, then every layer on it.

verb_test() {
  local layers=() sanitizer=address
  while [ $# -gt 0 ]; do
    case $1 in
      --layer) [ $# -ge 2 ] || usage_error "--layer needs unit, contract, integration or e2e"; layers+=("$2"); shift 2 ;;
      --layer=*) layers+=("${1#*=}"); shift ;;
      --sanitizer) [ $# -ge 2 ] || usage_error "--sanitizer needs address or thread"; sanitizer=$2; shift 2 ;;
      --sanitizer=*) sanitizer=${1#*=}; shift ;;
      *) usage_error "test does not know '$1'" ;;
    esac
  done
  local preset all_layers=(unit contract integration e2e)
  case $sanitizer in
    address) preset=asan ;;
    thread) preset=tsan; all_layers=(unit contract integration) ;;
    *) usage_error "there is no sanitizer '$sanitizer'; the sanitizers are address and thread" ;;
  esac
  [ ${#layers[@]} -gt 0 ] || layers=("${all_layers[@]}")
  local layer
  for layer in "${layers[@]}"; do
    case " ${all_layers[*]} " in
      *" $layer "*) ;;
      *) usage_error "there is no layer '$layer' under the $sanitizer sanitizer; the layers are ${all_layers[*]}" ;;
    esac
  done

  # shellcheck disable=SC2046
  ensure_packages "${build_packages[@]}" "${run_packages[@]}" "${test_packages[@]}" $(kubectl_packages) $(test_node_packages)
  ensure_localhost
  ensure_test_node
  build_preset "$preset"
  exec node deploy/local/testing/run.mjs --preset "$preset" "${layers[@]}"
}

# kubectl_packages: renders the manifests in a test; any kubectl that is there already will do.
kubectl_packages() {
  command -v kubectl >/dev/null 2>&1 || printf 'kubernetes-client\n'
}
