#!/usr/bin/env bash
# Runs every Python example as its first lines say, beside a running server: run.sh PYTHON FOLDER_FOR_OUTPUT.
# What each found is compared with what it must find.
set -euo pipefail
cd "$(dirname "$0")"
python=$1 output=$2

expect() { grep -q -- "$2" <<<"$1" || { printf '%s\nis without: %s\n' "$1" "$2" >&2; exit 1; }; }

found=$("$python" semantic_search.py ../texts 'How do plants make food?')
expect "$(head -1 <<<"$found")" 'nature.txt, paragraph 1'
expect "$("$python" streaming.py)" '50 lines embedded .* nearest to trains: .*locomotive'
clusters=$("$python" clustering.py "$output/clusters.png")
# Each of the three subjects alone in its cluster.
for words in penalty.marathon.cup.serves telescope.probe.Astronomers.comet Simmer.Knead.Roast.salt; do
  expect "$(tr -d '\n' <<<"$clusters")" "cluster .:[^:]*${words//./[^:]*}"
done
test -s "$output/clusters.png"
printf '%s\n%s\n' "$found" "$clusters"
