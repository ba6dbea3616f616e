# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=bash
# CMake presets; each builds into build/PRESET.

readonly services=(gateway token-vault call-link account-link zoom-api automation)

# build_preset PRESET [TARGET...]: configures once and builds; without targets, everything of the preset.
build_preset() {
  local preset=$1 started=$SECONDS targets=()
  shift
  [ $# -eq 0 ] || targets=(--target "$@")
  if [ ! -f "build/$preset/build.ninja" ]; then
    say "configuring build/$preset"
    run_logged "$root/.local/log/configure-$preset.log" cmake --preset "$preset" ||
      fail "CMake could not configure the preset '$preset'; the lines above say why."
  fi
  say "building build/$preset${*:+ ($*)}"
  cmake --build --preset "$preset" "${targets[@]}" >&2 || fail "the build of the preset '$preset' failed."
  say "built build/$preset in $((SECONDS - started)) s"
}

verb_build() {
  [ $# -ge 1 ] || usage_error "build needs a preset: dev, asan, tsan, release, fuzz or lint"
  ensure_packages "${build_packages[@]}" "${run_packages[@]}" "${test_packages[@]}"
  build_preset "$@"
}
