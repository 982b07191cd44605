"""What a caller may ask for. Every field left at None is not sent, so that the server's own default holds."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum


class ModelPreset(str, Enum):
    """Stable names of what the server runs. Wherever a preset goes, the id of a model goes too."""

    EFFICIENT = "efficient"
    HIGH_QUALITY = "high-quality"
    ULTRA_EFFICIENT = "ultra-efficient"
    CUSTOM = "custom"


class QuantizationType(str, Enum):
    """How the finished vector is coded."""

    NONE = "none"
    INT8 = "int8"
    INT4 = "int4"
    BINARY = "binary"


@dataclass
class EmbeddingConfig:
    """Options of a request. An argument given to the call itself wins over the field of the same name."""

    dimensions: int | None = None
    """64 to 4096. Default: the model's own, 384 for efficient."""
    model: ModelPreset | str | None = None
    quantization: QuantizationType | str | None = None
    """Default: the scheme of the preset."""
    use_fp16: bool | None = None
    """Compute in fp16 where the device does; noted in the result's metadata where it does not."""
    batch_size: int | None = None
    """1 to 256: most texts in any batch that holds one of these."""
    hardware_profile: str | None = None
    """auto, minimal, desktop, server or h100."""
    binary_quantization: bool | None = None
    """The same as quantization binary."""


@dataclass
class StreamingConfig:
    """Options of a stream."""

    dimensions: int | None = None
    """64 to 4096. Default: the model's own."""
    buffer_size: int = 100
    """Most texts in work, or finished and unread, 1 to 1000."""
    max_latency_ms: int | None = None
    """How long a text may wait for batch-mates, 10 to 5000. Default 100."""
    model: ModelPreset | str | None = None
    quantization: QuantizationType | str | None = None
    """Default: the scheme of the preset."""
