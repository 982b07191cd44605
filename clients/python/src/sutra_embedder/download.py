"""Waiting for a model to be fetched."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

from .errors import DownloadFailedError

_DONE = frozenset({"ready", "loaded"})
_UNDER_WAY = frozenset({"downloading", "queued", "verifying"})

Ask = Callable[[], Awaitable[dict[str, Any]]]


async def await_download(
    model_id: str,
    begin: Ask,
    look: Ask,
    on_progress: Callable[[dict[str, Any]], None] | None,
    poll_interval: float,
) -> dict[str, Any]:
    """Wait until the download is over.

    :param begin: asks for it. Only once: asked again, a download that failed would begin anew
    :param look: how far it is
    :raises DownloadFailedError: where the model will not be ready
    """
    status = await begin()
    while True:
        if on_progress:
            on_progress(status)
        state = status.get("status")
        if state in _DONE:
            return status
        if state not in _UNDER_WAY:
            reason = status.get("reason") or "the server's log has more"
            raise DownloadFailedError(f'The download of {model_id} ended as "{state}": {reason}')
        await asyncio.sleep(poll_interval)
        status = await look()
