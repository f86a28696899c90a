#!/bin/sh
# Makes the virtual environment with the machine's own Python, and says plainly what is missing.
#   make_venv.sh PYTHON FOLDER
# PYTHON is tried first, then the versioned names, so that an old "python3" (macOS) is no obstacle.
set -eu
folder=$2

python=
for candidate in "$1" python3 python3.13 python3.12 python3.11 python3.14; do
    if command -v "$candidate" >/dev/null 2>&1 &&
        "$candidate" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; then
        python=$candidate
        break
    fi
done
if [ -z "$python" ]; then
    found=$(command -v "$1" >/dev/null 2>&1 && "$1" --version 2>&1 || echo none)
    echo "Facteur needs Python 3.11 or newer; found: $found." >&2
    echo "  Debian, Ubuntu: apt-get install python3 python3-venv" >&2
    echo "  macOS:          brew install python@3.13" >&2
    echo "  then again, or: make setup PYTHON=/path/to/python3.13" >&2
    exit 1
fi

# An environment that works and is new enough is kept, whatever made it.
if [ -x "$folder/bin/python" ] &&
    "$folder/bin/python" -c 'import sys, pip; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; then
    exit 0
fi
if ! "$python" -c 'import ensurepip' 2>/dev/null &&
    [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null 2>&1; then
    echo "installing python3-venv"
    apt-get update -qq </dev/null
    DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends python3-venv \
        </dev/null >/dev/null
fi
if ! "$python" -c 'import ensurepip' 2>/dev/null; then
    version=$("$python" -c 'import sys; print("%d.%d" % sys.version_info[:2])')
    echo "This Python ($python) cannot make virtual environments: ensurepip is missing." >&2
    echo "  Debian, Ubuntu: apt-get install python3-venv    (or python$version-venv)" >&2
    exit 1
fi
echo "making $folder with $("$python" --version)"
rm -rf "$folder"
"$python" -m venv "$folder"
