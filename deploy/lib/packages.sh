# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=bash
# Installs what is missing, asks nothing, starts no service and leaves none enabled.

readonly package_log="$root/.local/log/packages.log"

# missing_packages NAME...: the names that are not installed, one a line.
missing_packages() {
  local installed name
  installed=$(dpkg-query -W -f '${db:Status-Status} ${Package}\n' "$@" 2>/dev/null | sed -n 's/^installed //p') || true
  for name in "$@"; do
    grep -qxF -- "$name" <<<"$installed" || printf '%s\n' "$name"
  done
}

# ensure_packages NAME...: returns at once when all are there.
ensure_packages() {
  local missing=()
  mapfile -t missing < <(missing_packages "$@")
  [ ${#missing[@]} -gt 0 ] || return 0

  command -v apt-get >/dev/null 2>&1 ||
    fail "these packages are missing, and this is not a Debian system: ${missing[*]}" \
      "Install their equivalents, or use Debian 12."
  require_root "${#missing[@]} packages have to be installed"
  say "installing ${#missing[@]} Debian packages: ${missing[*]}"
  apt_step "refresh the package lists" apt-get -q update
  # apt calls it a success when a server could not be reached.
  grep -m 3 '^[WE]:' "$package_log" >&2 || true
  install_without_services "${missing[@]}"
  say "packages installed"
}

# apt_step TITLE COMMAND...: one apt command as root, its output in the package log.
apt_step() {
  local title=$1 status=0
  shift
  run_logged "$package_log" as_root env DEBIAN_FRONTEND=noninteractive LC_ALL=C.UTF-8 "$@" || status=$?
  [ "$status" -eq 0 ] && return
  fail "could not $title (status $status)." \
    "The lines above say why; the whole output is in $package_log." \
    "Check the network and /etc/apt/sources.list*, then run the same command again."
}

apt_install() {
  apt_step "install $*" apt-get -q install -y --no-install-recommends \
    -o Dpkg::Options::=--force-confold -o DPkg::Lock::Timeout=300 "$@"
}

# The packaged PostgreSQL and Redis would start at once, make a cluster and come back at each boot. The stack runs
# its own, so a policy forbids the start and what the installation enabled is disabled again; a service that was
# installed before is left as it was.
install_without_services() {
  local -r policy=/usr/sbin/policy-rc.d
  local own_policy=no unit new_units=()
  for unit in postgresql redis-server; do
    [ -n "$(missing_packages "$unit")" ] && new_units+=("$unit")
  done
  if [ ! -e "$policy" ]; then
    own_policy=yes
    trap 'as_root rm -f /usr/sbin/policy-rc.d' EXIT
    printf '#!/bin/sh\nexit 101\n' | as_root tee "$policy" >/dev/null
    as_root chmod 755 "$policy"
  fi

  case " $* " in *' postgresql '*) install_postgresql_common ;; esac
  case " $* " in *' libphonenumber-dev '*) install_boost_thread_provider ;; esac
  apt_install "$@"

  case " $* " in *' postgresql '*) restore_cluster_settings ;; esac
  for unit in "${new_units[@]}"; do disable_unit "$unit"; done
  if [ "$own_policy" = yes ]; then
    as_root rm -f "$policy"
    trap - EXIT
  fi
}

readonly cluster_settings=/etc/postgresql-common/createcluster.conf

# The common package comes first, because its settings decide whether the server package makes a cluster.
install_postgresql_common() {
  apt_install postgresql-common
  as_root cp -p -- "$cluster_settings" "$cluster_settings.before-shodan"
  as_root sed -i -E 's/^#?[[:space:]]*create_main_cluster.*/create_main_cluster = false/' "$cluster_settings"
}

restore_cluster_settings() {
  as_root mv -f -- "$cluster_settings.before-shodan" "$cluster_settings"
}

# Both kinds of init: the runlevel links, and systemd's links to the unit (its alias among them).
disable_unit() {
  as_root update-rc.d "$1" disable >/dev/null 2>&1 || true
  [ ! -d /etc/systemd/system ] || as_root find /etc/systemd/system -type l -lname "*/$1.service" -delete
}

# libphonenumber-dev depends on libboost-thread-dev, which is Boost 1.74's and conflicts with Boost 1.81. Its headers
# need no thread library, so an empty package that provides the name satisfies it.
install_boost_thread_provider() {
  [ -n "$(missing_packages shodan-boost181-thread)" ] || return 0
  local directory
  directory=$(mktemp -d)
  chmod 755 "$directory"
  mkdir -p "$directory/package/DEBIAN"
  cat >"$directory/package/DEBIAN/control" <<'CONTROL'
Package: shodan-boost181-thread
Version: 1.0
Architecture: all
Section: libdevel
Priority: optional
Maintainer: Shodan Pro <maintainer@shodan.example>
Provides: libboost-thread-dev
Depends: libboost1.81-dev
Description: lets libphonenumber-dev be installed beside Boost 1.81
 Provides the name libboost-thread-dev and holds no files.
CONTROL
  dpkg-deb --build "$directory/package" "$directory/provider.deb" >/dev/null
  apt_install "$directory/provider.deb"
  rm -rf -- "$directory"
}

# A minimal root has no /etc/hosts, and then no program but a browser can resolve localhost.
ensure_localhost() {
  getent hosts localhost >/dev/null 2>&1 && return
  [ -e /etc/hosts ] && fail "the name localhost does not resolve." "Add the line '127.0.0.1 localhost' to /etc/hosts."
  require_root "/etc/hosts has to be made"
  say "making /etc/hosts with localhost"
  printf '127.0.0.1 localhost\n::1 localhost ip6-localhost\n' | as_root tee /etc/hosts >/dev/null
}
