"""Finds the int8 plan: ranges and smoothing from the float graph, then a correction of each layer's bias.

Rounding shifts the mean of a layer's outputs a little. Mean pooling averages the other errors of the tokens away but
not this one, so its expected value is taken off the bias (bias correction, Nagel et al., 2019, arXiv:1906.04721).
"""

from __future__ import annotations

from pathlib import Path

import numpy as np

import quantization
from checkpoint import Checkpoint
from encoder import Encoder
from quantization import Int8Plan, Site
from weights import Weights

# The share of an outlier channel's burden that moves to the weights; chosen on WordNet texts that set no range.
ALPHA = 0.8


def readers(checkpoint: Checkpoint) -> dict[str, list[str]]:
    """Each tensor that feeds linear layers, with the layers it feeds."""
    found, x = {}, "embeddings.norm"
    for index in range(checkpoint.layers):
        name = f"layer.{index}"
        found[x] = [f"{name}.{part}" for part in ("query", "key", "value")]
        found[f"{name}.context"] = [f"{name}.attention_out"]
        found[f"{name}.attention_norm"] = [f"{name}.expand"]
        found[f"{name}.gelu"] = [f"{name}.contract"]
        x = f"{name}.output_norm"
    return found


def ranges(probe: Encoder, sites: list[str], texts: list[str]) -> dict[str, tuple[np.ndarray, np.ndarray]]:
    """Per-channel minimum and maximum of each site over all tokens of all texts."""
    low: dict[str, np.ndarray] = {}
    high: dict[str, np.ndarray] = {}
    for text in texts:
        for name, value in zip(sites, probe.session.run(sites, probe.feed([text])), strict=True):
            low[name] = np.minimum(low.get(name, np.inf), value[0].min(axis=0))
            high[name] = np.maximum(high.get(name, -np.inf), value[0].max(axis=0))
    return {name: (low[name], high[name]) for name in sites}


def means(probe: Encoder, sites: dict[str, Site], texts: list[str]) -> dict[str, tuple[np.ndarray, np.ndarray]]:
    """Per-channel means of each site, as it is and as int8 keeps it. Each text weighs the same, whatever its length."""
    exact = {name: np.zeros(len(site.smooth)) for name, site in sites.items()}
    kept = {name: np.zeros(len(site.smooth)) for name, site in sites.items()}
    for text in texts:
        for name, value in zip(sites, probe.session.run(list(sites), probe.feed([text])), strict=True):
            exact[name] += value[0].mean(axis=0, dtype=np.float64)
            kept[name] += quantization.round_trip(value[0], sites[name]).mean(axis=0, dtype=np.float64)
    return {name: (exact[name] / len(texts), kept[name] / len(texts)) for name in sites}


def plan(checkpoint: Checkpoint, weights: Weights, probe: Encoder, texts: list[str]) -> Int8Plan:
    """`probe` runs the float graph with every site as an output."""
    feeding = readers(checkpoint)
    found = ranges(probe, list(feeding), texts)
    matrices = {layer: weights[f"{layer}.weight"] for layers in feeding.values() for layer in layers}
    sites = {
        name: quantization.site(*found[name], [matrices[layer] for layer in layers], ALPHA)
        for name, layers in feeding.items()
    }
    corrections = {}
    for name, (exact, kept) in means(probe, sites, texts).items():
        for layer in feeding[name]:
            coded = quantization.weight_round_trip(matrices[layer], sites[name].smooth)
            corrections[layer] = (exact @ matrices[layer] - kept @ coded).astype(np.float32)
    return Int8Plan(sites, corrections)
