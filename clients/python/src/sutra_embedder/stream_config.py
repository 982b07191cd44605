"""A StreamingConfig as it travels."""

from __future__ import annotations

from typing import Any

from .config import StreamingConfig
from .request import check_dimensions, only_set


def stream_config(config: StreamingConfig) -> dict[str, Any]:
    """Only what was set.

    :raises ValueError: where a number is out of range
    """
    check_dimensions(config.dimensions)
    if not 1 <= config.buffer_size <= 1000:
        raise ValueError(f"buffer_size must be between 1 and 1000, not {config.buffer_size}")
    if config.max_latency_ms is not None and not 10 <= config.max_latency_ms <= 5000:
        raise ValueError(f"max_latency_ms must be between 10 and 5000, not {config.max_latency_ms}")
    return {**only_set(vars(config)), "encoding_format": "base64"}
