# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=bash
# Formatting and static checks.

# tracked_sources PATTERN...: files git knows or would add, as NUL-terminated names.
tracked_sources() {
  git -c safe.directory="$root" ls-files -z --cached --others --exclude-standard -- "$@"
}

verb_fmt() {
  local mode=(-i)
  case ${*:-} in
    '') ;;
    --check) mode=(--dry-run -Werror) ;;
    *) usage_error "fmt takes only --check" ;;
  esac
  ensure_packages "${format_packages[@]}"
  tracked_sources '*.cc' '*.h' | xargs -0 -r clang-format-19 --style=file "${mode[@]}" ||
    fail "some files are not formatted." "Run: deploy/dev fmt"
  say "formatting is right"
}

# The lint preset compiles every header on its own and knows no precompiled header, so a missing include shows. The
# layering is enforced by link targets and by a unit test.
verb_lint() {
  [ $# -eq 0 ] || usage_error "lint takes no arguments"
  ensure_packages "${build_packages[@]}" "${run_packages[@]}" "${lint_packages[@]}"
  verb_fmt --check
  build_preset lint
  say "clang-tidy"
  tracked_sources 'services/*.cc' 'libs/*.cc' |
    xargs -0 -r -n 4 -P "$(nproc)" clang-tidy-19 -p build/lint --quiet --warnings-as-errors='*' ||
    fail "clang-tidy found problems; the lines above name them."
  say "nothing to complain about"
}
