"""Write the model folder: python export.py TRAINED.npz TEACHER_DIR OUT_DIR

Reads train.py's matrix; quantizes each row to int8 with its own scale; checks the result against the float matrix,
against model2vec's own loader and against the size limit; only then writes OUT_DIR: model.safetensors, config.json,
tokenizer.json, manifest.json. README.md and LICENSE there are written by hand and hashed (LICENSE) as found.
"""
import base64
import hashlib
import json
import shutil
import sys
import tempfile
from pathlib import Path

import numpy as np
from model2vec import StaticModel
from safetensors.numpy import save_file
from tokenizers import Tokenizer

from evaluate import embed, load

LIMIT_BYTES = 12_000_000
MAX_TOKENS = 8192
PREFIXES = [64, 128, 192, 256, 320, 384]
PROBES = [
    "The ferry to the island leaves every morning at half past seven.",
    "reset password without access to email",
    "Heat flow through the wall depends on the temperature difference and on the thickness of the insulation.",
    "ERROR 1045 (28000): access denied for user 'root'@'localhost'",
    "Crème brûlée, naïve café owners & déjà vu!",
    "Two children are chasing a yellow kite along the beach while their grandmother reads a newspaper. The wind is picking up, "
    "and by the time the tide turns they have all gone home to cook soup, argue about football and finish a jigsaw puzzle.",
]


def quantize(matrix):
    """(rows int8 [vocab, dims], scales float32 [vocab]); a zero row keeps scale 0."""
    scales = (np.abs(matrix).max(1) / 127).astype(np.float32)
    rows = np.rint(matrix / np.where(scales, scales, 1)[:, None]).clip(-127, 127).astype(np.int8)
    return rows, scales


def silence(matrix, tokenizer):
    """Zero the rows of special and unused tokens: they carry no meaning, and model2vec drops [UNK] altogether."""
    for token, index in tokenizer.get_vocab().items():
        if token in ("[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]") or token.startswith("[unused"):
            matrix[index] = 0
    return matrix


def check(condition, sentence):
    if not condition:
        raise SystemExit(f"not written: {sentence}")


def write_model(folder, matrix, tokenizer):
    """model.safetensors, config.json and tokenizer.json in the model2vec layout."""
    rows, scales = quantize(matrix)
    save_file({"embeddings": rows, "weights": scales}, folder / "model.safetensors", metadata={"format": "np"})
    tokenizer.no_padding()
    tokenizer.no_truncation()
    tokenizer.save(str(folder / "tokenizer.json"), pretty=False)
    config = {"model_type": "model2vec", "architectures": ["StaticModel"], "hidden_dim": matrix.shape[1], "normalize": True,
              "max_length": MAX_TOKENS, "embedding_dtype": "int8", "tokenizer_name": "sentence-transformers/all-MiniLM-L6-v2"}
    (folder / "config.json").write_text(json.dumps(config, indent=2) + "\n")


def verify(folder, matrix, sample):
    """Size, agreement with the float matrix and with model2vec's own encode."""
    size = (folder / "model.safetensors").stat().st_size
    check(size <= LIMIT_BYTES, f"model.safetensors has {size} bytes, above {LIMIT_BYTES}")
    dequantized, tokenizer = load(folder)
    ours, exact = embed(dequantized, tokenizer, sample), embed(matrix, tokenizer, sample)
    loss = (ours * exact).sum(1)
    check(np.isfinite(ours).all() and loss.min() > 0.999, f"int8 vectors drift from float (worst cosine {loss.min():.5f})")
    theirs = StaticModel.from_pretrained(folder).encode(sample)
    agreement = (ours * theirs).sum(1).min()
    check(agreement > 0.99999, f"model2vec gives other vectors (worst cosine {agreement:.6f})")
    print(f"{size} bytes; int8 to float cosine mean {loss.mean():.6f} worst {loss.min():.6f}; to model2vec's own worst {agreement:.7f}")
    return ours


def manifest(folder, dims):
    dequantized, tokenizer = load(folder)
    vectors = embed(dequantized, tokenizer, PROBES)
    names = sorted(p.name for p in folder.iterdir() if p.name not in ("manifest.json", "README.md"))
    files = {n: {"bytes": (folder / n).stat().st_size, "sha256": hashlib.sha256((folder / n).read_bytes()).hexdigest()} for n in names}
    return {
        "schema": 1, "id": "sutra-static-en", "name": "Sutra Static English", "family": "static", "dimensions": dims,
        "trained_dimensions": [p for p in PREFIXES if p <= dims], "max_tokens": MAX_TOKENS, "pooling": "mean", "normalize": True,
        "prompts": {}, "quality_score": None, "quality_source": None, "license": "Apache-2.0",
        "size_mb": round(sum(f["bytes"] for f in files.values()) / 1e6, 2), "hardware_tier": "minimal", "tokenizer": "tokenizer.json",
        "rotation": None,
        "artifacts": [{"id": "int8-static", "format": "model2vec", "precision": "int8", "graph": "model.safetensors",
                       "files": ["model.safetensors", "config.json"], "requires": [], "probe_cosine": 0.99999}],
        "files": files,
        "probes": [{"text": t, "vector": base64.b64encode(v.astype("<f4").tobytes()).decode()} for t, v in zip(PROBES, vectors)],
    }


def main(trained, teacher, out):
    out = Path(out)
    check((out / "LICENSE").is_file(), f"{out}/LICENSE is missing: a model never goes out without it")
    tokenizer = Tokenizer.from_file(str(Path(teacher) / "tokenizer.json"))
    matrix = silence(np.load(trained)["matrix"].astype(np.float32), tokenizer)
    check(matrix.shape[0] == tokenizer.get_vocab_size() and np.isfinite(matrix).all(), "the matrix does not fit the tokenizer")
    words = [w for w in tokenizer.get_vocab() if w.isalpha()]
    rng = np.random.default_rng(0)
    sample = PROBES + [" ".join(rng.choice(words, rng.integers(1, 40))) for _ in range(2000)]
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        write_model(folder, matrix, tokenizer)
        verify(folder, matrix, sample)
        shutil.copy(out / "LICENSE", folder / "LICENSE")
        (folder / "manifest.json").write_text(json.dumps(manifest(folder, matrix.shape[1]), indent=2) + "\n")
        for path in folder.iterdir():
            shutil.copyfile(path, out / path.name)


if __name__ == "__main__":
    main(*sys.argv[1:4])
