#!/bin/bash
# Makes Rasa's own virtual environment, named by the argument, with Python 3.10; 3 GB, once.
# Python 3.10 is taken from RASA_PYTHON, the path, or pyenv's versions.
set -euo pipefail
cd "$(dirname "$0")/.."
venv=$1
requirements=scripts/rasa-requirements.txt
stamp=$venv/.installed

if [ -x "$venv/bin/python" ] && cmp -s "$requirements" "$stamp"; then
    exit 0
fi

shopt -s nullglob
python=
for candidate in ${RASA_PYTHON:-} python3.10 "${PYENV_ROOT:-$HOME/.pyenv}"/versions/3.10.*/bin/python3.10; do
    # Run it: a version manager's stand-in may be on the path without a Python behind it.
    if "$candidate" -c 'import sys, venv; raise SystemExit(sys.version_info[:2] != (3, 10))' >/dev/null 2>&1; then
        python=$candidate
        break
    fi
done
if [ -z "$python" ]; then
    echo "Rasa 3.6 needs Python 3.10, which is not on the path; install it, or say RASA_PYTHON=/path/to/python3.10 make …" >&2
    exit 1
fi

echo "making $venv with $("$python" --version) for Rasa; TensorFlow is large, this takes some minutes" >&2
"$python" -m venv --clear "$venv"
"$venv/bin/python" -m pip install -qq --disable-pip-version-check --no-compile --requirement "$requirements"
cp "$requirements" "$stamp"
