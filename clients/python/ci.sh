#!/usr/bin/env bash
# Lint, types, tests, build, the wheel in a clean environment, and the examples with it. Needs Python >= 3.10, PyPI, and
# the server built before (npm run build). PYTHON chooses the interpreter. Leaves nothing behind.
set -euo pipefail
cd "$(dirname "$0")"
python=${PYTHON:-python3}
temp=$(mktemp -d)
trap 'rm -rf "$temp"' EXIT
export PIP_DISABLE_PIP_VERSION_CHECK=1 PYTHONDONTWRITEBYTECODE=1 MPLBACKEND=Agg
# Math libraries would take every core from the server beside them.
export OMP_NUM_THREADS=1 OPENBLAS_NUM_THREADS=1

step() { printf '\n== Python client: %s (%s s)\n' "$1" "$SECONDS"; }

step 'install'
"$python" -m venv "$temp/dev"
"$temp/dev/bin/pip" install -q --no-compile -r requirements-dev.txt
dev=$temp/dev/bin

step 'lint'
"$dev/ruff" check --no-cache . ../../examples/python
"$dev/ruff" format --no-cache --check . ../../examples/python

step 'types'
PYTHONPATH=src "$dev/mypy" --cache-dir "$temp/mypy"

step 'build'
"$dev/python" -m build --no-isolation --outdir "$temp/dist"

step 'wheel in a clean environment'
"$python" -m venv "$temp/clean"
clean=$temp/clean/bin
"$clean/pip" install -q --no-compile -c requirements-dev.txt "$temp"/dist/*.whl
"$clean/pip" check
(cd "$temp" && "$clean/python" -W error -c '
import sutra_embedder, pathlib
folder = pathlib.Path(sutra_embedder.__file__).parent
assert (folder / "py.typed").exists(), "py.typed is not in the wheel"
print("installed", sutra_embedder.__version__, "in", folder)
')

step 'tests, with the wheel'
"$dev/pip" install -q --no-compile --no-deps "$temp"/dist/*.whl
"$dev/python" -m pytest -q -p no:cacheprovider

step 'examples'
"$clean/pip" install -q --no-compile -c requirements-dev.txt matplotlib
"$dev/python" -m tests.real_server bash ../../examples/python/run.sh "$clean/python" "$temp"

step 'done'
