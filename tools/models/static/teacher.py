"""The teacher's vectors of every passage: python teacher.py TEACHER_DIR TEXTS_DIR OUT_DIR [SOURCE ...]

TEACHER_DIR holds all-MiniLM-L6-v2 (config.json, model.safetensors, tokenizer.json). For each TEXTS_DIR/<source>.txt
writes OUT_DIR/<source>.npz: vectors float16 [n, 384] normalised, ids int32 (token ids without [CLS] and [SEP], joined)
and starts int64 [n + 1]; a source whose text is unchanged is not run again. Also OUT_DIR/tokens.npy float32 [vocab, 384]:
the teacher's vector of each token alone. Runs in bfloat16 where that is the faster (cosine to float32 above 0.999 is
checked first): processors without instructions for it take several times as long as in float32.
"""
import hashlib
import sys
import time
from pathlib import Path

import numpy as np
import torch
from tokenizers import Tokenizer
from transformers import AutoModel

MAX_TOKENS = 192
BATCH_TOKENS = 4096


def load(folder):
    """(model in float32 or bfloat16, whichever is faster here, tokenizer)"""
    tokenizer = Tokenizer.from_file(str(Path(folder) / "tokenizer.json"))
    tokenizer.no_padding()
    tokenizer.enable_truncation(MAX_TOKENS)
    exact = AutoModel.from_pretrained(folder).eval()
    fast = AutoModel.from_pretrained(folder).eval().to(torch.bfloat16)
    probes = [e.ids for e in tokenizer.encode_batch(["a man plays a guitar", "the boundary layer of a flat plate",
                                                     "unicode: naïve café", "to strive", "how do I reset my password?"])]
    cosines = (encode(exact, probes) * encode(fast, probes)).sum(1)
    drifts = cosines.min() < 0.999
    return (exact if drifts or seconds(exact, probes) < seconds(fast, probes) else fast), tokenizer


def seconds(model, rows):
    """CPU seconds for the rows many times over."""
    began = time.process_time()
    encode(model, rows * 20)
    return time.process_time() - began


@torch.inference_mode()
def encode(model, rows, progress=""):
    """Normalised mean-pooled vectors, float32 [n, 384], of rows of token ids (with [CLS] and [SEP])."""
    out = np.zeros((len(rows), model.config.hidden_size), np.float32)
    order = sorted(range(len(rows)), key=lambda i: len(rows[i]))
    at = 0
    while at < len(order):
        size = max(1, BATCH_TOKENS // len(rows[order[min(at + BATCH_TOKENS // 8, len(order) - 1)]]))
        batch = order[at:at + size]
        longest = len(rows[batch[-1]])
        ids = torch.zeros(len(batch), longest, dtype=torch.long)
        mask = torch.zeros(len(batch), longest, dtype=torch.long)
        for k, i in enumerate(batch):
            ids[k, :len(rows[i])] = torch.tensor(rows[i])
            mask[k, :len(rows[i])] = 1
        hidden = model(input_ids=ids, attention_mask=mask).last_hidden_state.float() * mask[:, :, None]
        out[batch] = torch.nn.functional.normalize(hidden.sum(1) / mask.sum(1, keepdim=True)).numpy()
        at += size
        if progress and at // 5000 != (at - size) // 5000:
            print(f"\r{progress} {at}/{len(order)}", end="", flush=True)
    return out


def main(teacher, texts, out, *names):
    torch.set_num_threads(1)  # run several processes on different sources instead: threads wait for each other on a busy machine
    model, tokenizer = load(teacher)
    Path(out).mkdir(parents=True, exist_ok=True)
    tokens = Path(out) / "tokens.npy"
    if not tokens.exists():
        cls, sep = tokenizer.token_to_id("[CLS]"), tokenizer.token_to_id("[SEP]")
        np.save(tokens, encode(model, [[cls, i, sep] for i in range(tokenizer.get_vocab_size())]))
    paths = [Path(texts) / f"{name}.txt" for name in names] or sorted(Path(texts).glob("*.txt"), key=lambda p: p.stat().st_size)
    for path in paths:
        digest = hashlib.sha256(path.read_bytes()).hexdigest()
        target = Path(out) / f"{path.stem}.npz"
        if target.exists() and str(np.load(target)["digest"]) == digest:
            continue
        rows = [e.ids for e in tokenizer.encode_batch(path.read_text("utf-8").splitlines())]
        vectors = encode(model, rows, path.stem).astype(np.float16)
        bags = [row[1:-1] for row in rows]
        starts = np.cumsum([0] + [len(bag) for bag in bags])
        np.savez(target, vectors=vectors, ids=np.concatenate(bags).astype(np.int32), starts=starts, digest=digest)
        print(f"\r{path.stem}: {len(rows)} passages, {starts[-1]} tokens", flush=True)


if __name__ == "__main__":
    main(*sys.argv[1:])
