"""The linear layers in int8: static activation ranges, smoothed channels, one weight scale per output channel.

Dynamic ranges would be taken over the whole batch and make a text's vector depend on its batch-mates; static ones do
not. A few channels of BERT's layer norms and GELU outputs are far larger than the rest; dividing the activations by a
scale per channel and multiplying the weights' rows by it moves that burden to the weights, which carry it better
(SmoothQuant, Xiao et al., 2022, arXiv:2211.10438).
"""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np

from graphs import Builder
from weights import Weights


@dataclass(frozen=True)
class Site:
    """A tensor that feeds linear layers, and how it is quantized: q = round(x / smooth / step) + zero, uint8."""

    smooth: np.ndarray
    step: float
    zero: int


@dataclass
class Int8Plan:
    """`sites` by tensor name, `corrections` by layer name: what to add to a layer's bias."""

    sites: dict[str, Site]
    corrections: dict[str, np.ndarray] = field(default_factory=dict)


def site(low: np.ndarray, high: np.ndarray, weights: list[np.ndarray], alpha: float) -> Site:
    """Chooses smoothing and range from per-channel minima and maxima, shape [channels] each.

    `weights` are the [channels, out] matrices of every layer that reads the tensor. `alpha`, 0 to 1, is the share of
    the difficulty that moves from the activations to the weights.
    """
    largest = np.maximum(np.maximum(-low, high), 1e-3)
    weight_largest = np.maximum(np.max([np.abs(w).max(axis=1) for w in weights], axis=0), 1e-5)
    smooth = largest**alpha / weight_largest ** (1 - alpha)
    smooth = (smooth / np.exp(np.log(smooth).mean())).astype(np.float32)
    bottom, top = min(float((low / smooth).min()), 0.0), max(float((high / smooth).max()), 0.0)
    step = (top - bottom) / 255
    return Site(smooth, step, int(np.clip(round(-bottom / step), 0, 255)))


def weight_scale(weight: np.ndarray, smooth: np.ndarray) -> np.ndarray:
    return (np.abs(weight * smooth[:, None]).max(axis=0) / 127).astype(np.float32)


def round_trip(value: np.ndarray, chosen: Site) -> np.ndarray:
    """`value`, float32 [..., channels], as it is after quantizing and decoding."""
    codes = np.clip(np.rint(value / chosen.smooth / np.float32(chosen.step)) + chosen.zero, 0, 255)
    return (codes - chosen.zero) * np.float32(chosen.step) * chosen.smooth


def weight_round_trip(weight: np.ndarray, smooth: np.ndarray) -> np.ndarray:
    """A layer's matrix, [channels, out], as the int8 graph holds it, in the float layer's units."""
    scale = weight_scale(weight, smooth)
    codes = np.clip(np.rint(weight * smooth[:, None] / scale), -127, 127)
    return codes * scale / smooth[:, None]


class Int8Linear:
    """Adds y = x W + b as one integer product; see graphs.Linear."""

    def __init__(self, weights: Weights, plan: Int8Plan) -> None:
        self.weights = weights
        self.plan = plan
        self.quantized: set[str] = set()

    def __call__(self, builder: Builder, x: str, layer: str) -> str:
        chosen = self.plan.sites[x]
        if x not in self.quantized:
            self.quantized.add(x)
            self._quantize_input(builder, x, chosen)
        weight = f"{layer}.weight"
        scale = weight_scale(self.weights[weight], chosen.smooth)
        builder.constant(f"{weight}.scale", scale)
        builder.constant(f"{weight}.zero", np.zeros(scale.shape, np.int8))
        smoothed = builder.node("Mul", [builder.weight(weight), f"{x}.smooth"], f"{weight}.smoothed")
        builder.node("QuantizeLinear", [smoothed, f"{weight}.scale", f"{weight}.zero"], f"{weight}.int8", axis=1)
        inputs = [f"{x}.uint8", f"{weight}.int8", f"{x}.step", f"{weight}.scale", f"{x}.zero", f"{weight}.zero"]
        return builder.node("MatMulIntegerToFloat", [*inputs, self._bias(builder, layer)], layer, domain="com.microsoft")

    def _quantize_input(self, builder: Builder, x: str, chosen: Site) -> None:
        builder.constant(f"{x}.smooth", chosen.smooth[:, None])
        builder.constant(f"{x}.inverse", (1 / chosen.smooth).astype(np.float32))
        builder.constant(f"{x}.step", np.array(chosen.step, np.float32))
        builder.constant(f"{x}.zero", np.array(chosen.zero, np.uint8))
        even = builder.node("Mul", [x, f"{x}.inverse"], f"{x}.smoothed")
        builder.node("QuantizeLinear", [even, f"{x}.step", f"{x}.zero"], f"{x}.uint8")

    def _bias(self, builder: Builder, layer: str) -> str:
        correction = self.plan.corrections.get(layer)
        if correction is None:
            return builder.weight(f"{layer}.bias")
        return builder.constant(f"{layer}.bias.corrected", self.weights[f"{layer}.bias"] + correction)
