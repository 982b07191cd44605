#!/usr/bin/env bash
# Other products' Python clients, as they are on PyPI, against the real server. Needs Python >= 3.10, PyPI, and the server
# built before (npm run build). PYTHON chooses the interpreter. Leaves nothing behind.
set -euo pipefail
cd "$(dirname "$0")"
temp=$(mktemp -d)
trap 'rm -rf "$temp"' EXIT
export PIP_DISABLE_PIP_VERSION_CHECK=1 PYTHONDONTWRITEBYTECODE=1
# None of them is to report that it was used, nor to take every core from the server beside it.
export HAYSTACK_TELEMETRY_ENABLED=false ANONYMIZED_TELEMETRY=false OMP_NUM_THREADS=1 OPENBLAS_NUM_THREADS=1
"${PYTHON:-python3}" -m venv "$temp/venv"
"$temp/venv/bin/pip" install -q --no-compile -r requirements.txt
printf 'installed after %s s\n' "$SECONDS"
"$temp/venv/bin/python" -m pytest -q -p no:cacheprovider "$@"
printf 'done after %s s\n' "$SECONDS"
