#!/bin/sh
# Prints the path of a Prometheus tool, `promtool` or `amtool`. One that is installed is taken; with `install` as the
# second word, it is taken out of Debian's package into a folder of the virtual environment: nothing is installed on the
# machine, no daemon is started, and nobody needs to be root.
set -eu

APT_SECONDS_MAX=120
TRIES_MAX=12
PAUSE_SECONDS=5
tool=$1
case $tool in
    promtool) package=prometheus ;;
    amtool) package=prometheus-alertmanager ;;
    *) echo "promtool or amtool, not $tool" >&2; exit 2 ;;
esac
here=$(cd "$(dirname "$0")/../.." && pwd)/.venv/monitoring

found() {
    [ -x "$here/$tool" ] && echo "$here/$tool" && return
    command -v "$tool"
}

fetched() {
    command -v apt-get >/dev/null && command -v dpkg-deb >/dev/null || return 1
    mkdir -p "$here" && cd "$here"
    as=$([ "$(id -u)" = 0 ] || echo "sudo -n")
    tries=0
    until timeout "$APT_SECONDS_MAX" apt-get -qq download "$package" >/dev/null 2>&1; do
        # The lists may be missing or older than the package; or somebody else is bringing them up to date just now.
        tries=$((tries + 1))
        [ "$tries" -le "$TRIES_MAX" ] || return 1
        timeout "$APT_SECONDS_MAX" $as apt-get -qq update >/dev/null 2>&1 || sleep "$PAUSE_SECONDS"
    done
    dpkg-deb --fsys-tarfile "$package"_*.deb | tar -x -O "./usr/bin/$tool" >"$tool.part"
    rm -f "$package"_*.deb
    chmod +x "$tool.part" && mv "$tool.part" "$tool"
}

found && exit
[ "${2:-}" = install ] && fetched && found && exit
echo "Alert rules are tested with $tool, and there is none: sudo apt-get install $package" >&2
exit 1
