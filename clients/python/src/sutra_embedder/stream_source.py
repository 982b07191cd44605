"""The texts of a stream."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, AsyncIterable, AsyncIterator, Iterable
from contextlib import suppress


async def with_last(texts: Iterable[str] | AsyncIterable[str]) -> AsyncGenerator[tuple[str, bool], None]:
    """Texts, each with whether it is known to be the last.

    Nothing is held back for it: of a source that has to be waited for, the last text is not known to be it.
    """
    source = _iterated(texts)
    upcoming = asyncio.ensure_future(_next(source))
    try:
        while (text := await upcoming) is not None:
            upcoming = asyncio.ensure_future(_next(source))
            # One turn of the loop is enough for a source that has its next text at hand.
            await asyncio.sleep(0)
            last = upcoming.done() and not upcoming.exception() and upcoming.result() is None
            yield text, last
    finally:
        upcoming.cancel()
        with suppress(asyncio.CancelledError, Exception):
            await upcoming


async def _next(source: AsyncIterator[str]) -> str | None:
    return await anext(source, None)


async def _iterated(texts: Iterable[str] | AsyncIterable[str]) -> AsyncIterator[str]:
    if isinstance(texts, AsyncIterable):
        async for text in texts:
            yield text
    else:
        for text in texts:
            yield text
