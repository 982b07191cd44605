"""What the int8 graph gives on an x86 CPU without VNNI.

There the runtime multiplies uint8 by int8 with an instruction (vpmaddubsw) that adds two products into 16 bits and
clips the sum: wrong vectors without an error. This evaluates the graph that way, so that the self-check's threshold is
known to catch it, and exactly, so that the evaluation itself is known to be right.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
import onnx
from onnx.reference import ReferenceEvaluator
from onnx.reference.op_run import OpRun

from encoder import Encoder, pool


def _decode(sums: np.ndarray, x_scale: np.ndarray, w_scale: np.ndarray, bias: np.ndarray) -> np.ndarray:
    return (sums * (x_scale * w_scale) + bias).astype(np.float32)


class _Exact(OpRun):
    op_domain = "com.microsoft"

    def _run(self, x, w, x_scale, w_scale, x_zero, w_zero, bias):  # type: ignore[no-untyped-def]
        sums = (x.astype(np.int32) - np.int32(x_zero)) @ w.astype(np.int32)
        return (_decode(sums, x_scale, w_scale, bias),)


class _Saturating(OpRun):
    op_domain = "com.microsoft"

    def _run(self, x, w, x_scale, w_scale, x_zero, w_zero, bias):  # type: ignore[no-untyped-def]
        left, right = x.astype(np.int32), w.astype(np.int32)
        sums = np.zeros((*left.shape[:-1], right.shape[1]), np.int32)
        for k in range(0, left.shape[-1], 2):
            pair = left[..., k, None] * right[k] + left[..., k + 1, None] * right[k + 1]
            sums += np.clip(pair, -32768, 32767)
        sums -= np.int32(x_zero) * right.sum(axis=0)
        return (_decode(sums, x_scale, w_scale, bias),)


def vectors(graph: Path, encoder: Encoder, texts: list[str], saturating: bool) -> np.ndarray:
    """Pooled unit vectors, float32 [texts, hidden]. `encoder` only tokenizes."""
    kernel = _Saturating if saturating else _Exact
    # The evaluator finds an operator by its class's name.
    operator = type("MatMulIntegerToFloat", (kernel,), {"op_domain": kernel.op_domain})
    evaluator = ReferenceEvaluator(onnx.load(graph), new_ops=[operator])
    found = []
    for text in texts:
        feed = encoder.feed([text])
        found.append(pool(evaluator.run(["last_hidden_state"], feed)[0], feed["attention_mask"])[0])
    return np.stack(found)
