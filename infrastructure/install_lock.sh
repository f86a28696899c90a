#!/bin/sh
# Installs a lock file with its hashes into a virtual environment.
#   install_lock.sh FOLDER LOCK
# uv does it in seconds, so it comes first, alone, with its own hashes; a machine whose package
# index is only known to pip gets the same lock through pip (about a minute).
set -eu
folder=$1
lock=$2
python=$folder/bin/python
export PIP_DISABLE_PIP_VERSION_CHECK=1

wanted=$(sed -n 's/^uv==\([^ ]*\).*/\1/p' "$lock")
if [ "$("$folder/bin/uv" --version 2>/dev/null | cut -d ' ' -f 2)" != "$wanted" ]; then
    only_uv=$folder/uv.txt
    awk '/^uv==/ { take = 1; print; next } /^[^ ]/ { take = 0 } take && !/#/' "$lock" >"$only_uv"
    "$python" -m pip install --quiet --require-hashes --no-deps -r "$only_uv"
    rm -f "$only_uv"
fi

echo "installing $lock"
if ! "$folder/bin/uv" pip install --quiet --python "$python" --require-hashes -r "$lock"; then
    echo "uv could not install it; trying pip (slower)" >&2
    "$python" -m pip install --quiet --require-hashes --no-deps -r "$lock"
fi
