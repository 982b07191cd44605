"""Request bodies. Only what was set is sent, so that the server's own defaults hold."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import Enum
from typing import Any

from .config import EmbeddingConfig, ModelPreset

MAX_TEXTS = 1000
"""Most texts that the server takes in one request."""

_CODED_PRESETS = frozenset({None, ModelPreset.EFFICIENT.value, ModelPreset.ULTRA_EFFICIENT.value})
"""Presets whose vectors are int8 coded unless something else is asked for; None is the server's default, efficient."""

_OF_CONFIG = ("quantization", "use_fp16", "batch_size", "hardware_profile", "binary_quantization")


@dataclass(frozen=True)
class EmbedOptions:
    """Arguments of a call; each wins over the field of the same name in `config`."""

    dimensions: int | None = None
    config: EmbeddingConfig | None = None
    model: ModelPreset | str | None = None
    input_type: str | None = None
    truncate: str | None = None
    packed: bool = False
    """Whether the caller wants the codes themselves."""

    def __post_init__(self) -> None:
        check_dimensions(self.resolved_dimensions)

    @property
    def resolved_dimensions(self) -> int | None:
        """From the argument, else from `config`."""
        return self.dimensions if self.dimensions is not None else getattr(self.config, "dimensions", None)

    @property
    def resolved_model(self) -> str | None:
        """From the argument, else from `config`."""
        model = self.model if self.model is not None or self.config is None else self.config.model
        return model.value if isinstance(model, ModelPreset) else model

    @property
    def coded(self) -> bool:
        """Whether the vectors are known to be coded. Then their codes can travel: a quarter of the bytes or less, and
        they stand for the same values to the bit.
        """
        config = self.config or EmbeddingConfig()
        if self.packed or config.binary_quantization:
            return True
        scheme = wire_value(config.quantization)
        return self.resolved_model in _CODED_PRESETS if scheme is None else scheme != "none"

    def body(self, texts: Sequence[str], packed: bool) -> bytes:
        """The body of one request."""
        config = self.config or EmbeddingConfig()
        fields = {
            "dimensions": self.resolved_dimensions,
            "model": self.resolved_model,
            "config": only_set({name: getattr(config, name) for name in _OF_CONFIG}) or None,
            "input_type": self.input_type,
            "truncate": self.truncate,
            "encoding_format": "packed" if packed else "base64",
        }
        return encode({"texts": texts, **only_set(fields)})


def check_dimensions(dimensions: int | None) -> None:
    """:raises ValueError: where no model could give vectors of this length"""
    if dimensions is not None and not 64 <= dimensions <= 4096:
        raise ValueError(f"dimensions must be between 64 and 4096, not {dimensions}")


def checked_texts(texts: str | Sequence[str]) -> Sequence[str]:
    """Texts of one request as a list.

    :raises ValueError: where there are none, or more than one request takes
    :raises TypeError: where one is no string
    """
    listed = [texts] if isinstance(texts, str) else list(texts)
    if not listed:
        raise ValueError("texts cannot be empty")
    if len(listed) > MAX_TEXTS:
        raise ValueError(f"maximum {MAX_TEXTS} texts per request, not {len(listed)}; embed_many takes any number")
    for index, text in enumerate(listed):
        check_text(index, text)
    return listed


def check_text(index: int, text: object) -> None:
    """:raises TypeError: where it is no string"""
    if not isinstance(text, str):
        raise TypeError(f"text {index} is no string but {type(text).__name__}")


def only_set(fields: Mapping[str, Any]) -> dict[str, Any]:
    """Fields that are not None, enums as what stands for them on the wire."""
    return {name: wire_value(value) for name, value in fields.items() if value is not None}


def wire_value(value: Any) -> Any:
    """An enum as what stands for it on the wire, anything else as it is."""
    return value.value if isinstance(value, Enum) else value


def encode(body: Mapping[str, Any]) -> bytes:
    """JSON in UTF-8.

    :raises ValueError: where a text holds half of a surrogate pair, which is no character
    """
    try:
        return json.dumps(body, ensure_ascii=False, separators=(",", ":")).encode()
    except UnicodeEncodeError as error:
        raise ValueError("a text holds a lone surrogate (half a character); clean it before embedding it") from error
