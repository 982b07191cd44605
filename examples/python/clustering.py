"""Groups sentences by meaning and draws them.

pip install sutra-embedder matplotlib
python clustering.py clusters.png
"""

import sys

import matplotlib.pyplot as plt
import numpy as np
import numpy.typing as npt

from sutra_embedder import SutraEmbedder

Floats = npt.NDArray[np.float32]

SENTENCES = [
    "The goalkeeper saved a late penalty.",
    "Two runners broke the marathon record.",
    "The team won the cup after extra time.",
    "She serves faster than any player on the tour.",
    "Simmer the sauce until it coats a spoon.",
    "Knead the dough for ten minutes and let it rest.",
    "Roast the carrots with cumin and honey.",
    "A pinch of salt brings out the taste of chocolate.",
    "The telescope photographed a distant galaxy.",
    "The probe will orbit the moon of Jupiter.",
    "Astronomers found a planet around a red dwarf.",
    "A comet passes close to the sun this autumn.",
]


def farthest_apart(vectors: Floats, count: int) -> Floats:
    """Starting points: the first vector, then each time the one least like those chosen."""
    chosen = [0]
    while len(chosen) < count:
        chosen.append(int(np.argmin((vectors @ vectors[chosen].T).max(axis=1))))
    return vectors[chosen]


def k_means(vectors: Floats, count: int) -> npt.NDArray[np.int64]:
    """Which cluster each vector of unit length belongs to."""
    centers = farthest_apart(vectors, count)
    for _ in range(20):
        labels = np.argmax(vectors @ centers.T, axis=1)
        centers = np.stack([vectors[labels == label].mean(axis=0) for label in range(count)])
        centers /= np.linalg.norm(centers, axis=1, keepdims=True)
    return labels


def plane(vectors: Floats) -> Floats:
    """The two directions in which the vectors differ most."""
    centered = vectors - vectors.mean(axis=0)
    _, _, axes = np.linalg.svd(centered, full_matrices=False)
    return centered @ axes[:2].T


def main() -> None:
    target = sys.argv[1] if len(sys.argv) > 1 else "clusters.png"
    with SutraEmbedder() as embedder:
        vectors = embedder.embed(SENTENCES).vectors
    labels, points = k_means(vectors, 3), plane(vectors)
    for label in range(3):
        print(f"cluster {label}:", *(s for s, own in zip(SENTENCES, labels, strict=True) if own == label), sep="\n  ")
    figure, axes = plt.subplots(figsize=(9, 6), layout="constrained")
    axes.scatter(points[:, 0], points[:, 1], c=labels, cmap="viridis")
    right = points[:, 0] > points[:, 0].mean()
    for place, index in enumerate(np.argsort(points[:, 1])):
        # Words go toward the middle, in turns above and below their point, so that neighbors stay readable.
        offset, side = (-6 if right[index] else 6, 7 if place % 2 else -7), "right" if right[index] else "left"
        axes.annotate(
            SENTENCES[index], points[index], offset, textcoords="offset points", fontsize=8, ha=side, va="center"
        )
    axes.set(title="Sentences by meaning", xticks=[], yticks=[])
    axes.margins(0.3)
    figure.savefig(target, dpi=120)
    print(f"drawn to {target}")


if __name__ == "__main__":
    main()
