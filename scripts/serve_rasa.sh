#!/bin/bash
# Trains a Rasa project that `tributary export rasa` made, unless it is trained, and serves it here.
#
#   scripts/serve_rasa.sh ENVIRONMENT PROJECT [PORT [ADDRESS]]
#
# PROJECT/config.yml, domain.yml and data/nlu.yml are read, PROJECT/models/nlu.tar.gz is written.
# Without PORT it trains only. The server listens on this machine alone unless ADDRESS says otherwise:
# it asks nobody who he is. Rasa is told to tell its makers nothing.
set -euo pipefail
python=$(realpath --no-symlinks "$1")/bin/python
cd "$2"
port=${3:-}

export RASA_TELEMETRY_ENABLED=false TF_CPP_MIN_LOG_LEVEL=2 SQLALCHEMY_SILENCE_UBER_WARNING=1
export PYTHONWARNINGS=ignore
unset PYTHONPATH
model=models/nlu.tar.gz
if [ ! -e "$model" ] || [ -n "$(find config.yml domain.yml data -newer "$model" -print -quit)" ]; then
    "$python" -m rasa train nlu --nlu data --domain domain.yml --config config.yml \
        --out models --fixed-model-name nlu
fi
[ -n "$port" ] || exit 0
exec "$python" -m rasa run --enable-api --interface "${4:-127.0.0.1}" --port "$port" --model "$model"
