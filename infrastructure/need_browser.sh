#!/bin/sh
# The journeys drive a real Chromium through Playwright. As root on Debian what is missing is
# installed; elsewhere we say how.
#   need_browser.sh FOLDER     of the virtual environment
set -eu
missing=
found=
for name in chromium chromium-browser google-chrome; do
    if command -v "$name" >/dev/null 2>&1; then
        found=$name
    fi
done
[ -n "$found" ] || missing=chromium
# Playwright's own driver needs a library that a bare Debian does not have.
"$1/bin/python" -m playwright --version >/dev/null 2>&1 || missing="$missing libatomic1"
[ -n "$missing" ] || exit 0

if [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null 2>&1; then
    echo "installing $missing"
    apt-get update -qq </dev/null
    # shellcheck disable=SC2086 # a list of packages
    DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends $missing \
        </dev/null >/dev/null
    exit 0
fi
echo "The journeys need: $missing" >&2
echo "  Debian:  apt-get install $missing" >&2
echo "  Ubuntu:  apt-get install chromium-browser libatomic1" >&2
echo "  macOS:   brew install --cask chromium" >&2
exit 1
