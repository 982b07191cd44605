"""Waiting for a model to be fetched."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

from .errors import DownloadFailedError

_DONE = frozenset({"ready", "loaded", "completed"})
_OVER = frozenset({"failed", "cancelled", "canceled"})


async def await_download(
    model_id: str,
    ask: Callable[[], Awaitable[dict[str, Any]]],
    on_progress: Callable[[dict[str, Any]], None] | None,
    poll_interval: float,
) -> dict[str, Any]:
    """Ask until the download is over: asked again, the server reports the same one.

    :raises DownloadFailedError: where the model will not be ready
    """
    while True:
        status = await ask()
        if on_progress:
            on_progress(status)
        state = status.get("status")
        if state in _DONE:
            return status
        if state in _OVER:
            raise DownloadFailedError(
                f'The download of {model_id} ended as "{state}"; the server\'s log has the reason'
            )
        await asyncio.sleep(poll_interval)
