"""Train the static student on cached teacher vectors: python train.py VECTORS_DIR OUT.npz [--option value]...

The student is one vector a token; a text is their mean, normalised. Losses: cosine distance to the teacher's vector,
and the teacher's similarity distribution over the batch (KL at a temperature), which is what ranking uses. A running average of
the weights over the last part of the training is kept; then rows of rare tokens are smoothed. OUT.npz: matrix float32 [vocab, 384] and axes, its PCA rotation applied.
Sources marked holdout in sources.json are only measured. Deterministic for a seed and thread count.
"""
import argparse
import json
import time
from pathlib import Path

import numpy as np
import torch
import torch.nn.functional as F

from evaluate import spearman


class Passages:
    """Token bags and teacher vectors of several sources, one after another."""

    def __init__(self, folder, names):
        files = [np.load(Path(folder) / f"{name}.npz") for name in names]
        self.vectors = np.concatenate([f["vectors"] for f in files])
        self.ids = np.concatenate([f["ids"] for f in files])
        lengths = np.concatenate([np.diff(f["starts"]) for f in files])
        self.starts = np.concatenate([[0], np.cumsum(lengths)])
        self.keep = np.flatnonzero(lengths > 0)

    def batch(self, rows, drop=0.0, rng=None):
        """(ids, offsets, teacher vectors) of some rows; drop: share of tokens left out of the bag."""
        bags = [self.ids[self.starts[i]:self.starts[i + 1]] for i in rows]
        if drop:
            bags = [b[m] if (m := rng.random(len(b)) >= drop).any() else b for b in bags]
        offsets = np.cumsum([0] + [len(b) for b in bags[:-1]])
        return torch.from_numpy(np.concatenate(bags)), torch.from_numpy(offsets.astype(np.int32)), torch.from_numpy(self.vectors[rows].astype(np.float32))


def shuffled(keep, block, rng):
    """keep in random order, but block neighbors at a time: a text's near variants, a gloss and its examples, a sentence
    and its paragraph stand next to each other in their files, and the ranking loss should see them side by side."""
    offset = int(rng.integers(block))
    blocks = np.split(keep, np.arange(offset or block, len(keep), block))
    return np.concatenate([blocks[i] for i in rng.permutation(len(blocks))])


def features(passages, table, rows):
    """Mean of table's rows over each passage's tokens, float32 [n, dims]."""
    ids, offsets, target = passages.batch(rows)
    return F.embedding_bag(ids, table, offsets, mode="mean"), target


def initial(folder, passages, power):
    """Start of the training, and token counts: the teacher's vector of each token alone, weighted by smooth inverse
    frequency (power), through the linear map that best sends passage means to the teacher's passage vectors."""
    tokens = np.load(Path(folder) / "tokens.npy")
    count = np.bincount(passages.ids, minlength=len(tokens))
    table = torch.from_numpy(np.c_[tokens, np.ones(len(tokens))] * (power / (power + (count + 1) / (count + 1).sum()))[:, None]).float()
    gram, cross = torch.zeros(table.shape[1], table.shape[1], dtype=torch.double), torch.zeros(table.shape[1], tokens.shape[1], dtype=torch.double)
    rows = np.sort(np.random.default_rng(0).permutation(passages.keep)[:200_000])
    for part in np.array_split(rows, 20):
        means, target = (m.double() for m in features(passages, table, part))
        gram, cross = gram + means.T @ means, cross + means.T @ target
    gram += 1e-4 * gram.diagonal().mean() * torch.eye(len(gram))
    return table @ torch.linalg.solve(gram, cross).float(), count


def smoothed(folder, weight, count, trust, power):
    """Rows of rarely seen tokens pulled to what their teacher vector predicts, and common tokens made lighter.

    trust: occurrences at which a row counts as much as its prediction. power: smooth inverse frequency again, since
    training leaves the commonest tokens heavier than held-out text wants them."""
    tokens = torch.from_numpy(np.c_[np.load(Path(folder) / "tokens.npy"), np.ones(len(count))]).double()
    seen = torch.from_numpy(count >= 20)
    known = tokens[seen]
    predicted = tokens @ torch.linalg.solve(known.T @ known + 0.1 * torch.eye(known.shape[1]), known.T @ weight[seen].double())
    share = torch.from_numpy(count / (count + trust))[:, None]
    frequency = torch.from_numpy((count + 1) / (count + 1).sum())[:, None]
    return ((share * weight.double() + (1 - share) * predicted) * (power / (power + frequency))).float()


@torch.no_grad()
def measure(weight, held):
    """Agreement with the teacher on held-out text: cosine, Spearman of similarities, overlap of the ten nearest."""
    ids, offsets, target = held.batch(held.keep)
    vectors = F.normalize(F.embedding_bag(ids, weight, offsets, mode="mean"))
    student, teacher = (vectors @ vectors.T).numpy(), (target @ target.T).numpy()
    upper = np.triu_indices(len(student), 1)
    pick = np.random.default_rng(0).choice(len(upper[0]), 300_000, replace=False)
    pick = (upper[0][pick], upper[1][pick])
    np.fill_diagonal(student, -1), np.fill_diagonal(teacher, -1)
    top = lambda m: np.argpartition(-m, 10, axis=1)[:, :10]
    overlap = np.mean([len(set(a) & set(b)) / 10 for a, b in zip(top(student), top(teacher))])
    return {"cosine": float((vectors * target).sum(1).mean()), "spearman": spearman(student[pick], teacher[pick]), "top10": float(overlap)}


def train(options):
    """The averaged matrix, float32 [vocab, 384]."""
    torch.manual_seed(options.seed), torch.set_num_threads(options.threads)
    sources = {s["id"]: s["role"] for s in json.loads((Path(__file__).parent / "sources.json").read_text())["sources"]}
    ready = {p.stem for p in Path(options.vectors).glob("*.npz")}
    names = sorted(n for n in ready if sources.get(n, "train") == "train" and (not options.only or n in options.only.split(",")))
    text = Passages(options.vectors, names)
    held = {n: Passages(options.vectors, [n]) for n in sorted(ready) if sources.get(n) == "holdout"}
    start, count = initial(options.vectors, text, options.sif)
    if options.init:
        earlier = np.load(options.init)
        start = torch.from_numpy(earlier["matrix"] @ earlier["axes"].T)
    for name, passages in held.items():
        print("start", name, measure(start, passages), flush=True)
    weight = start.clone().requires_grad_(True)
    optimiser = torch.optim.Adam([weight], lr=options.lr, fused=True)
    steps = options.epochs * (len(text.keep) // options.batch)
    average, averaged, step, began = torch.zeros_like(start), 0, 0, time.time()
    print(f"{len(text.keep)} passages, {len(text.ids)} tokens of {', '.join(names)}; {steps} steps; {(count == 0).sum()} tokens unseen", flush=True)
    for epoch in range(options.epochs):
        rng = np.random.default_rng(options.seed * 1000 + epoch)
        order = shuffled(text.keep, options.block, rng)
        totals = np.zeros(2)
        for at in range(0, len(order) - options.batch + 1, options.batch):
            for group in optimiser.param_groups:
                group["lr"] = options.lr * min(1, (step + 1) / 100) * max(0.02, 1 - step / steps)
            ids, offsets, target = text.batch(np.sort(order[at:at + options.batch]), options.drop, rng)
            vectors = F.normalize(F.embedding_bag(ids, weight, offsets, mode="mean"))
            cosine = (1 - (vectors * target).sum(1)).mean()
            loss = cosine
            if options.rank:
                diagonal = torch.eye(len(target), dtype=torch.bool)
                with torch.autocast("cpu", dtype=torch.bfloat16):
                    student, teacher = vectors @ vectors.T, target @ target.T
                student = (student.float() / options.temperature).masked_fill(diagonal, -1e4)
                teacher = (teacher.float() / options.temperature).masked_fill(diagonal, -1e4)
                kl = F.kl_div(F.log_softmax(student, 1), F.log_softmax(teacher, 1), reduction="batchmean", log_target=True)
                loss = cosine + options.rank * kl
                totals[1] += kl.item()
            optimiser.zero_grad()
            loss.backward()
            optimiser.step()
            totals[0] += cosine.item()
            step += 1
            if step > 0.7 * steps and step % 10 == 0:
                average += weight.detach()
                averaged += 1
        final = average / averaged if averaged else weight.detach()
        if not averaged:
            continue
        print(f"epoch {epoch} {time.time() - began:.0f}s cosine distance {totals[0] / (len(order) // options.batch):.4f} kl {totals[1] / (len(order) // options.batch):.4f}",
              {n: {k: round(v, 4) for k, v in measure(final, h).items()} for n, h in held.items()}, flush=True)
    final = smoothed(options.vectors, final, count, options.trust, options.post)
    print("smoothed", {n: {k: round(v, 4) for k, v in measure(final, h).items()} for n, h in held.items()}, flush=True)
    return final, text, count


def rotate(weight, text):
    """The matrix turned to the principal axes of the training texts' vectors, so that any prefix is a model."""
    rows = np.sort(np.random.default_rng(0).permutation(text.keep)[:100_000])
    ids, offsets, _ = text.batch(rows)
    vectors = F.normalize(F.embedding_bag(ids, weight, offsets, mode="mean")).numpy().astype(np.float64)
    _, axes = np.linalg.eigh(vectors.T @ vectors)
    return (weight.numpy() @ axes[:, ::-1]).astype(np.float32), axes[:, ::-1].astype(np.float32)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("vectors")
    parser.add_argument("out")
    parser.add_argument("--only", default="", help="comma-separated sources; all that are ready otherwise")
    parser.add_argument("--init", default="", help="start from another run's OUT.npz")
    for name, value in {"epochs": 6, "batch": 1024, "seed": 1, "threads": 2, "block": 4}.items():
        parser.add_argument(f"--{name}", type=int, default=value)
    for name, value in {"lr": 2e-3, "rank": 0.5, "temperature": 0.1, "drop": 0.0, "sif": 1e-3, "trust": 20, "post": 1e-2}.items():
        parser.add_argument(f"--{name}", type=float, default=value)
    options = parser.parse_args()
    weight, text, count = train(options)
    matrix, axes = rotate(weight, text)
    np.savez(options.out, matrix=matrix, axes=axes, count=count)
