"""Holds what tools/fuzz-tokenizer.mjs --write left in a directory against the reference tokenizer.

    pip install tokenizers==0.23.3
    node tools/fuzz-tokenizer.mjs 30000 --write /tmp/fuzz && python tools/compare-tokenizer.py /tmp/fuzz
"""

import json
import pathlib
import sys

from tokenizers import Tokenizer

failed = False
for path in sorted(pathlib.Path(sys.argv[1]).glob("*.jsonl")):
    reference = Tokenizer.from_file(str(path.with_suffix(".tokenizer.json")))
    rows = [json.loads(line) for line in path.read_text("utf-8").split("\n")]
    wrong = {"fast": 0, "general": 0, "decoded": 0}
    for row in rows:
        ids = reference.encode(row["text"]).ids
        checks = {"fast": ids, "general": ids, "decoded": reference.decode(row["fast"])}
        for name, expected in checks.items():
            if row[name] != expected:
                wrong[name] += 1
                if wrong[name] <= 3:
                    print(path.stem, name, ascii(row["text"]), "got", row[name], "expected", expected)
    failed |= any(wrong.values())
    print(f"{path.stem}: {len(rows)} strings, wrong: {wrong}")
sys.exit(failed)
