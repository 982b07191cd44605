"""Builds models/all-MiniLM-L6-v2: `python build.py`. What it does and needs: README.md beside this file."""

from __future__ import annotations

import argparse
import os
import shutil
import sys
import tempfile
from pathlib import Path

import numpy as np
import onnx

import calibration
import card
import checkpoint
import graphs
import manifest
import reference
import rotation
import texts
import verify
import weights
import wordnet
from encoder import Encoder, tokenizer
from layouts import Padded, Ragged
from probes import PROBES
from quantization import Int8Linear

HERE = Path(__file__).resolve().parent
MODEL = "all-MiniLM-L6-v2"


def build(cache: Path, target: Path) -> verify.Fidelity:
    """Writes a complete, verified model into the empty folder `target`."""
    step("checkpoint")
    source = checkpoint.fetch(cache)
    entries = wordnet.fetch(cache)
    packed = weights.pack(source)
    (target / weights.FILE_NAME).write_bytes(packed.blob)
    shutil.copyfile(source.folder / "tokenizer.json", target / manifest.TOKENIZER)
    shutil.copyfile(HERE / "apache-2.0.txt", target / manifest.LICENSE)
    tokens = tokenizer(target / manifest.TOKENIZER)

    step("float graph")
    onnx.save(graphs.build(source, packed, Ragged(), graphs.float_linear), target / manifest.FLOAT_GRAPH)

    step("calibration")
    calibrating = texts.calibration(entries)
    probe = target / "probe.onnx"
    onnx.save(graphs.build(source, packed, Padded(), graphs.float_linear, list(calibration.readers(source))), probe)
    plan = calibration.plan(source, packed, Encoder(probe, tokens), calibrating)
    probe.unlink()
    onnx.save(graphs.build(source, packed, Padded(), Int8Linear(packed, plan)), target / manifest.INT8_GRAPH)

    step("rotation")
    fitting = texts.rotation(entries)
    axes = rotation.fit(Encoder(target / manifest.FLOAT_GRAPH, tokens).encode(fitting))
    (target / rotation.FILE_NAME).write_bytes(rotation.to_bytes(axes))

    step("reference vectors")
    checking = texts.verification(entries)
    np.random.default_rng(20).shuffle(checking)
    expected = reference.encode(source, [*PROBES, *checking])
    probe_vectors, expected = expected[: len(PROBES)], expected[len(PROBES) :]

    step("verification")
    fidelity = verify.verify(target, axes, checking, expected, probe_vectors)
    fitted_on = f"WordNet 3.0: {len(fitting)} passages of definitions and examples"
    manifest.write(target, manifest.describe(target, source.hidden, probe_vectors, fitted_on))
    card.write(target, fidelity, len(calibrating), len(fitting), verify.BATCH)
    return fidelity


def step(name: str) -> None:
    print(f"- {name}", flush=True)


def put(built: Path, place: Path) -> None:
    """Moves the finished folder into place by two renames, so that no half-written model is ever seen."""
    old = place.with_name(f".{place.name}.old")
    shutil.rmtree(old, ignore_errors=True)
    if place.exists():
        os.rename(place, old)
    os.rename(built, place)
    shutil.rmtree(old, ignore_errors=True)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--out", type=Path, default=HERE.parents[1] / "models", help="folder that gets the model's folder")
    parser.add_argument("--cache", type=Path, default=HERE / ".cache", help="where downloads are kept")
    arguments = parser.parse_args()
    arguments.out.mkdir(parents=True, exist_ok=True)
    arguments.cache.mkdir(parents=True, exist_ok=True)
    # Beside its final place: a rename is atomic within one file system only.
    with tempfile.TemporaryDirectory(dir=arguments.out, prefix=f".{MODEL}.") as scratch:
        built = Path(scratch) / MODEL
        built.mkdir()
        try:
            fidelity = build(arguments.cache, built)
        except (checkpoint.CheckpointError, wordnet.WordNetError, verify.VerificationError) as error:
            print(f"error: {error}", file=sys.stderr)
            return 1
        put(built, arguments.out / MODEL)
    print(f"{arguments.out / MODEL}: {fidelity}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
