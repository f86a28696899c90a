#!/bin/sh
# The journeys drive a real Chromium. As root on Debian it is installed; elsewhere we say how.
set -eu
for name in chromium chromium-browser google-chrome; do
    if command -v "$name" >/dev/null 2>&1; then
        exit 0
    fi
done
if [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null 2>&1; then
    echo "installing chromium"
    apt-get update -qq </dev/null
    DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends chromium \
        </dev/null >/dev/null
    exit 0
fi
echo "The journeys need Chromium." >&2
echo "  Debian:  apt-get install chromium" >&2
echo "  Ubuntu:  apt-get install chromium-browser" >&2
echo "  macOS:   brew install --cask chromium" >&2
exit 1
