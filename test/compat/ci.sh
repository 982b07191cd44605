#!/usr/bin/env bash
# Other products' clients from their registries against the real server, built before (npm run build).
set -euo pipefail
cd "$(dirname "$0")"
bash node/ci.sh
bash python/ci.sh
