#!/usr/bin/env bash
# Other products' Node clients, as they are on npm, against the real server. Needs the npm registry, and the server built
# before (npm run build). Leaves nothing behind.
set -euo pipefail
cd "$(dirname "$0")"
root=$(cd ../../.. && pwd)
temp=$(mktemp -d)
trap 'rm -rf "$temp"' EXIT
cp package.json ./*.mjs "$temp"
printf 'export { BuiltServer } from %s;\nexport const root = %s;\n' \
  "'file://$root/test/load/server/built-server.mjs'" "'$root'" > "$temp/built-server.mjs"
cd "$temp"
npm install --no-audit --no-fund --ignore-scripts --loglevel=error
printf 'installed after %s s\n' "$SECONDS"
node --test --test-concurrency=1 "$temp"
printf 'done after %s s\n' "$SECONDS"
