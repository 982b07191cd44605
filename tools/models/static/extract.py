"""Turn fetched packages into passages: python extract.py UNPACKED_DIR OUT_DIR

Writes OUT_DIR/<source>.txt, one passage a line: sentences, runs of sentences and whole paragraphs of 3 to 220 words,
mostly Latin letters, no repeats within or between sources. Deterministic.
"""
import hashlib
import json
import random
import re
import sys
from pathlib import Path

from readers import READERS

SENTENCE_END = re.compile(r"(?<=[.!?])\s+(?=[A-Z\"'(])")


def usable(text):
    """True for prose: enough words, mostly letters, no markup or code."""
    words = text.split()
    if not 3 <= len(words) <= 220 or len(text) > 1600:
        return False
    letters = sum(c.isalpha() or c == " " for c in text)
    ascii_letters = sum(c.isascii() for c in text)
    return letters > 0.8 * len(text) and ascii_letters > 0.9 * len(text) and not re.search(r"[{}<>\\|_]{2}|::|://", text)


def pieces(paragraph, rng):
    """A paragraph, or seeded runs of its sentences of mixed length, so that lengths vary as real queries and documents do."""
    sentences = SENTENCE_END.split(paragraph)
    if len(sentences) == 1:
        yield paragraph
        return
    at = 0
    while at < len(sentences):
        run = rng.choice((1, 1, 1, 2, 3, 5, 8))
        yield " ".join(sentences[at:at + run])
        at += run
    yield paragraph


def main(unpacked, out):
    seen = set()
    for source in json.loads((Path(__file__).parent / "sources.json").read_text())["sources"]:
        rng = random.Random(source["id"])
        kept = []
        root = Path(unpacked) / source["id"] / source["path"]
        if not root.exists():
            raise SystemExit(f"{root} is missing: run fetch.py, or correct the source's path in sources.json")
        for raw in READERS[source["reader"]](root):
            for text in pieces(re.sub(r"\s+", " ", raw).strip(), rng):
                key = hashlib.blake2b(text.lower().encode(), digest_size=12).digest()
                if usable(text) and key not in seen:
                    seen.add(key)
                    kept.append(text)
        if len(kept) > source["limit"]:
            kept = rng.sample(kept, source["limit"])
        if not kept:
            raise SystemExit(f"{source['id']} gave no passages: its package's layout has changed")
        (Path(out) / f"{source['id']}.txt").write_text("\n".join(kept) + "\n", "utf-8")
        print(f"{source['id']:18} {len(kept):7} passages {sum(len(t.split()) for t in kept):9} words", flush=True)


if __name__ == "__main__":
    main(*sys.argv[1:3])
