#!/bin/bash
# Makes the virtual environment named by the argument, with Python 3.11 or 3.12.
set -euo pipefail
venv=$1

fits='import sys; raise SystemExit(sys.version_info[:2] not in ((3, 11), (3, 12)))'
python=
for candidate in ${PYTHON:-} python3.11 python3.12 python3 python; do
    # Run it: a version manager's stand-in may be on the path without a Python behind it.
    if "$candidate" -c "$fits" >/dev/null 2>&1; then
        python=$candidate
        break
    fi
done
if [ -z "$python" ]; then
    echo "Python 3.11 or 3.12 is needed and not on the path; install it, or say PYTHON=/path/to/python make …" >&2
    exit 1
fi

echo "making $venv with $("$python" --version)" >&2
# Debian packs ensurepip apart (python3-venv); without it, the machine's own pip installs pip.
if ! "$python" -m venv --clear "$venv" >/dev/null 2>&1; then
    "$python" -m venv --clear --without-pip "$venv"
    "$python" -m pip --python "$venv/bin/python" install --quiet pip
fi
