"""Quality of a static model folder or matrix: python evaluate.py MODEL_DIR [--sts FILE.tsv]... [--beir DIR]... [--dims N]...

--sts: score<TAB>sentence<TAB>sentence; prints Spearman x 100. --beir: corpus.jsonl, queries.jsonl, qrels.tsv; prints
nDCG@10 x 100. --dims N: only the first N dimensions. No data is shipped with the project: bring your own.
"""
import argparse
import json
from pathlib import Path

import numpy as np
from safetensors.numpy import load_file
from scipy.stats import rankdata
from tokenizers import Tokenizer


def load(folder):
    """(matrix float32 [vocab, dims], tokenizer) of a model2vec-format folder."""
    tensors = load_file(Path(folder) / "model.safetensors")
    tokenizer = Tokenizer.from_file(str(Path(folder) / "tokenizer.json"))
    tokenizer.no_padding()
    tokenizer.no_truncation()
    return tensors["embeddings"].astype(np.float32) * tensors["weights"][:, None].astype(np.float32), tokenizer


def embed(matrix, tokenizer, texts, dims=None):
    """Normalised mean vectors, float32 [n, dims]; a text without known tokens gives zeros."""
    out = np.zeros((len(texts), dims or matrix.shape[1]), np.float32)
    for row, encoding in zip(out, tokenizer.encode_batch(texts, add_special_tokens=False)):
        if encoding.ids:
            row[:] = matrix[encoding.ids, :dims].mean(0)
    return out / np.maximum(np.linalg.norm(out, axis=1, keepdims=True), 1e-12)


def spearman(a, b):
    """Spearman's rank correlation, ties averaged."""
    return float(np.corrcoef(rankdata(a), rankdata(b))[0, 1])


def sts(path, encode):
    """Spearman x 100 of cosine with the human score."""
    rows = [line.split("\t") for line in Path(path).read_text("utf-8").rstrip("\n").split("\n")]
    left, right = encode([r[1] for r in rows]), encode([r[2] for r in rows])
    return 100 * spearman((left * right).sum(1), [float(r[0]) for r in rows])


def beir(folder, encode):
    """nDCG@10 x 100, binary or graded gains, mean over judged queries."""
    read = lambda name: [json.loads(line) for line in (Path(folder) / name).read_text("utf-8").splitlines()]
    corpus, queries = read("corpus.jsonl"), read("queries.jsonl")
    judged = {}
    for line in (Path(folder) / "qrels.tsv").read_text("utf-8").splitlines()[1:]:
        query, document, score = line.split("\t")
        judged.setdefault(query, {})[document] = float(score)
    queries = [q for q in queries if q["_id"] in judged]
    documents = encode([f"{d.get('title', '')} {d['text']}".strip() for d in corpus])
    scores = encode([q["text"] for q in queries]) @ documents.T
    discount, total = 1 / np.log2(np.arange(2, 12)), 0.0
    for query, row in zip(queries, scores):
        gains = judged[query["_id"]]
        got = np.array([gains.get(corpus[i]["_id"], 0) for i in np.argsort(-row, kind="stable")[:10]])
        best = np.sort(list(gains.values()))[::-1][:10]
        total += (got * discount[:len(got)]).sum() / (best * discount[:len(best)]).sum()
    return 100 * total / len(queries)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("model")
    parser.add_argument("--sts", action="append", default=[])
    parser.add_argument("--beir", action="append", default=[])
    parser.add_argument("--dims", type=int, action="append", default=[])
    options = parser.parse_args()
    matrix, tokenizer = load(options.model)
    for dims in options.dims or [matrix.shape[1]]:
        encode = lambda texts: embed(matrix, tokenizer, texts, dims)
        results = [f"{Path(p).name} {sts(p, encode):.2f}" for p in options.sts] + [f"{Path(p).name} {beir(p, encode):.2f}" for p in options.beir]
        print(f"{dims} dimensions:", ", ".join(results), flush=True)
