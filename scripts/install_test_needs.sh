#!/bin/bash
# Installs what the tests need beside Python packages: PostgreSQL, Redis, Chromium and a Chinese font.
# As root on Debian they come from apt, without starting any service; elsewhere PostgreSQL and Redis
# come from the development group's wheels and Chromium has to be there.
set -euo pipefail

has() { command -v "$1" >/dev/null 2>&1; }
has_postgres() { has postgres || compgen -G '/usr/lib/postgresql/*/bin/postgres' >/dev/null; }
has_chromium() { has chromium || has chromium-browser || has google-chrome; }
has_font() { has dpkg-query && dpkg-query -W -f='${db:Status-Status}' "$1" 2>/dev/null | grep -qx installed; }

missing=()
has_postgres || missing+=(postgresql)
has redis-server || missing+=(redis-server)
has_chromium || missing+=(chromium)
if has apt-get; then has_font fonts-noto-cjk || missing+=(fonts-noto-cjk); fi
[ ${#missing[@]} -eq 0 ] && exit 0

if [ "$(id -u)" -eq 0 ] && has apt-get; then
    echo "installing ${missing[*]}" >&2
    # Debian starts a server as soon as it is installed, unless this policy forbids it.
    policy=/usr/sbin/policy-rc.d
    if [ ! -e "$policy" ]; then
        trap 'rm -f "$policy"' EXIT
        printf '#!/bin/sh\nexit 101\n' >"$policy"
        chmod 755 "$policy"
    fi
    export DEBIAN_FRONTEND=noninteractive
    apt-get update -q >&2 || echo "apt-get update failed, trying with the lists at hand" >&2
    apt-get install -q -y --no-install-recommends "${missing[@]}" >&2 || echo "apt-get install failed" >&2
fi

if ! has_chromium; then
    echo "Chromium is missing and the browser tests need it: install the package chromium." >&2
    [ "${CI:-}" = true ] && exit 1
fi
has_postgres || echo "no PostgreSQL on this machine: the wheel's is used" >&2
has redis-server || echo "no Redis on this machine: the wheel's is used" >&2
