"""English text under an open licence: the glosses of WordNet 3.0, from Debian's package wordnet-base.

WordNet 3.0 may be used, copied and modified for any purpose (licence: usr/share/doc/wordnet-base/copyright in the
package). The files are checked by content, so the package's revision does not matter.
"""

from __future__ import annotations

import subprocess
from dataclasses import dataclass
from pathlib import Path

from checkpoint import sha256

PACKAGE = "wordnet-base"
FOLDER = "usr/share/wordnet"
FILES = {
    "data.adj": "c89120dfc1f046ddff4a631bf9b7e9fa1a36b5e86565a23bf82dbe14f30b88a7",
    "data.adv": "444a63bf3955080ab7524f5079cfc07ff9bc682cb98bdb1db73b0fb9829f1139",
    "data.noun": "fea17d2f9656611334eac790e5d69e47645fa180c4aa481fb4cd9b3520754ca2",
    "data.verb": "adcf43e35b581e8036d8b5a52d63d9cd3d3b4870b2720d3c03c799df44777bc2",
}


class WordNetError(Exception):
    """WordNet's files could not be had, or are not those of WordNet 3.0."""


@dataclass(frozen=True)
class Entry:
    """One meaning: the words that carry it, what they mean, sentences that use them, and the next wider meaning."""

    words: tuple[str, ...]
    definition: str
    examples: tuple[str, ...]
    wider: str | None


def fetch(cache: Path) -> dict[str, Entry]:
    """All entries by key, in the files' order. Uses /usr/share/wordnet if present, else downloads the package."""
    installed = Path("/") / FOLDER
    folder = installed if (installed / "data.noun").exists() else cache / "wordnet" / FOLDER
    if not (folder / "data.noun").exists():
        _download(cache / "wordnet")
    entries: dict[str, Entry] = {}
    for name, expected in FILES.items():
        if sha256(folder / name) != expected:
            raise WordNetError(f"{folder / name} is not the file of WordNet 3.0; delete it and run again.")
        entries.update(_read(folder / name))
    return entries


def _download(target: Path) -> None:
    target.mkdir(parents=True, exist_ok=True)
    try:
        subprocess.run(["apt-get", "download", "--quiet", PACKAGE], cwd=target, check=True)
        archive = next(target.glob(f"{PACKAGE}_*.deb"))
        subprocess.run(["dpkg-deb", "--extract", str(archive), str(target)], check=True)
    except (OSError, subprocess.CalledProcessError, StopIteration) as cause:
        raise WordNetError(
            f"could not download Debian's package {PACKAGE}. On Debian or Ubuntu run `apt-get update` and try again; "
            f"elsewhere put WordNet 3.0's data files into {target / FOLDER}."
        ) from cause


def _read(path: Path) -> dict[str, Entry]:
    """Parses a data file as described in wndb(5WN)."""
    entries = {}
    for line in path.read_text("utf-8").splitlines():
        if line.startswith("  "):
            continue
        facts, gloss = line.split(" | ", 1)
        fields = facts.split()
        count = int(fields[3], 16)
        words = tuple(fields[4 + 2 * i].split("(")[0].replace("_", " ") for i in range(count))
        pointers = fields[5 + 2 * count :]
        parents = [pointers[i + 2] + pointers[i + 1] for i in range(0, len(pointers) - 3, 4) if pointers[i] in ("@", "@i")]
        parts = gloss.strip().split('"')
        kind = "a" if fields[2] == "s" else fields[2]
        entries[kind + fields[0]] = Entry(
            words=words,
            definition=parts[0].strip(" ;:"),
            examples=tuple(part.strip() for part in parts[1::2] if part.strip()),
            wider=parents[0] if parents else None,
        )
    return entries
