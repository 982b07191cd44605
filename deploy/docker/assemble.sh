#!/bin/sh
# assemble.sh FOLDER: puts there what the service needs to run, and nothing that only builds or tests it.
set -eu
out=$1
mkdir -p "$out"
cp -R package.json LICENSE node_modules models proto "$out/"
cp deploy/docker/healthcheck.mjs "$out/"
for manifest in apps/api/package.json $(find libs -name package.json -not -path '*/node_modules/*' -not -path '*/dist/*'); do
  part=$(dirname "$manifest")
  [ -d "$part/dist" ] || continue
  mkdir -p "$out/$part"
  # node_modules: dependencies of a version that another part does not share.
  for one in package.json dist proto node_modules; do
    [ ! -e "$part/$one" ] || cp -R "$part/$one" "$out/$part/"
  done
done

cd "$out"
# ONNX Runtime comes for every platform at once.
case $(node -p process.arch) in x64) keep=linux/x64 ;; arm64) keep=linux/arm64 ;; *) echo 'no such platform' >&2; exit 1 ;; esac
for platform in node_modules/onnxruntime-node/bin/napi-v*/*/*; do
  case $platform in */"$keep") ;; *) rm -rf "$platform" ;; esac
done
# Links of workspaces that are not here, types, source maps, and the builds that a CommonJS program never loads.
find . -xtype l -delete
find . \( -name '*.map' -o -name '*.d.ts' -o -name '*.d.mts' -o -name '*.d.cts' -o -name '*.tsbuildinfo' \) -type f -delete
rm -rf node_modules/@opentelemetry/*/build/esm node_modules/@opentelemetry/*/build/esnext
# A first start leaves its compiled code beside the bundle, for all that follow.
SUTRA_HTTP_PORT=0 SUTRA_GRPC_PORT=0 SUTRA_LOG_LEVEL=silent node apps/api/dist/main.js &
server=$!
until ls apps/api/dist/bundle/compiled-* >/dev/null 2>&1; do
  kill -0 "$server"
  sleep 1
done
kill "$server"
wait "$server"
# What was copied under another umask is to be readable by any user.
chmod -R a+rX .
