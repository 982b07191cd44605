#!/usr/bin/env bash
# Runs every Python example as its README says: run-python.sh PYTHON FOLDER_FOR_OUTPUT, beside a running server.
set -euo pipefail
cd "$(dirname "$0")"
python=$1 output=$2
for example in python-*/; do
  printf '\n-- %s\n' "$example"
  # What each takes is in the first lines of its main.py.
  case $example in
    python-semantic-search/) "$python" "${example}main.py" "${example}texts" 'How do plants make food?' ;;
    python-clustering/) "$python" "${example}main.py" "$output/clusters.png" && test -s "$output/clusters.png" ;;
    *) "$python" "${example}main.py" ;;
  esac
done
