# Read by the scripts beside it: where things are, how to speak, how to install a system package.
# shellcheck shell=bash

root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
venv=$root/.venv
cd "$root" || exit 1

say() { printf '• %s\n' "$*" >&2; }
fail() {
    printf 'zegel: %s\n' "$*" >&2
    exit 1
}

# Installs Debian or Ubuntu packages as root or by passwordless sudo; says what to do where neither is possible.
system_packages() {
    local as=()
    command -v apt-get >/dev/null || fail "needs the system package(s) $*, and this system has no apt-get: install them by hand, then run the same command again."
    if [ "$(id -u)" != 0 ]; then
        sudo -n true 2>/dev/null || fail "needs the system package(s) $*. Install them once: sudo apt-get install $*"
        as=(sudo -n)
    fi
    say "installing $* (system)"
    "${as[@]}" env DEBIAN_FRONTEND=noninteractive apt-get update -qq >/dev/null ||
        fail "the package lists could not be fetched: check the network, then run the same command again."
    "${as[@]}" env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "$@" >/dev/null ||
        fail "could not install $*: run 'apt-get install $*' to see why."
}

# The first Python on this machine that is new enough.
find_python() {
    local name
    for name in python3 python3.14 python3.13 python3.12 python3.11; do
        if command -v "$name" >/dev/null && "$name" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; then
            command -v "$name"
            return
        fi
    done
    fail "needs Python 3.11 or newer: on Debian 12 and Ubuntu 24.04, apt-get install python3 python3-venv"
}

# One hash over the files that are named on standard input, one a line: names and contents.
fingerprint() { LC_ALL=C sort | xargs -r -d '\n' sha256sum | sha256sum | cut -d ' ' -f 1; }
