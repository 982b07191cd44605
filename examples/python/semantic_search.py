"""Searches a folder of text files by meaning.

pip install sutra-embedder
python semantic_search.py ../texts "How do plants make food?"
"""

import sys
from pathlib import Path

from sutra_embedder import SutraEmbedder, find_most_similar


def passages(folder: Path) -> list[tuple[str, str]]:
    """Every paragraph of every file, with where it is."""
    return [
        (f"{path.name}, paragraph {number}", paragraph.strip())
        for path in sorted(folder.glob("*.txt"))
        for number, paragraph in enumerate(path.read_text(encoding="utf-8").split("\n\n"), start=1)
        if paragraph.strip()
    ]


def main() -> None:
    if len(sys.argv) != 3:
        sys.exit('usage: semantic_search.py FOLDER "QUESTION"')
    found = passages(Path(sys.argv[1]))
    if not found:
        sys.exit(f"{sys.argv[1]} holds no .txt file with text in it")
    with SutraEmbedder() as embedder:
        vectors = embedder.embed_many([text for _, text in found])
        question = embedder.embed(sys.argv[2]).vectors[0]
    for index, score in find_most_similar(question, vectors, top_k=3):
        place, text = found[index]
        print(f"{score:.3f}  {place}\n       {' '.join(text.split())}\n")


if __name__ == "__main__":
    main()
