#!/bin/sh
# Prints the path of the Chromium that drives the phone page in tests. With `install`, gets Debian's where it may:
# as root, or with a sudo that asks for no password. NAMJAI_CHROMIUM names another one.
set -eu

APT_SECONDS_MAX=420
TRIES_MAX=3
PAUSE_SECONDS=5
# What the page is written in: Thai, Chinese, and the signs on its buttons.
PACKAGES="chromium fonts-noto-core fonts-noto-cjk fonts-noto-color-emoji"

found() {
    for name in ${NAMJAI_CHROMIUM:-chromium chromium-browser google-chrome google-chrome-stable}; do
        command -v "$name" && return
    done
    return 1
}

administrator() { # "" for root, "sudo -n" for whoever may become root without a password
    [ "$(id -u)" = 0 ] || { command -v sudo && sudo -n true; } >/dev/null 2>&1 || return 1
    [ "$(id -u)" = 0 ] || echo "sudo -n"
}

installed() {
    command -v apt-get >/dev/null || return 1
    as=$(administrator) || return 1
    echo "Installing Debian's Chromium for the tests of the phone page: $PACKAGES" >&2
    said=$(mktemp)
    # A package source that is away is no reason to stop: what we need may come from another.
    apt="timeout $APT_SECONDS_MAX $as env DEBIAN_FRONTEND=noninteractive apt-get -qq -o DPkg::Lock::Timeout=120"
    tries=1
    until { $apt update || true; $apt install -y --no-install-recommends $PACKAGES; } >"$said" 2>&1; do
        # Somebody else may be bringing apt's lists up to date just now.
        [ "$tries" -lt "$TRIES_MAX" ] || { tail -n 5 "$said" >&2; break; }
        tries=$((tries + 1))
        sleep "$PAUSE_SECONDS"
    done
    rm -f "$said"
}

found && exit
[ "${1:-}" = install ] && [ -z "${NAMJAI_CHROMIUM:-}" ] && installed && found && exit
echo "The phone page is tested in Chromium, and there is none: sudo apt-get install $PACKAGES" \
    "(or name one: NAMJAI_CHROMIUM=/path/to/chromium)" >&2
exit 1
