"""Several tasks at once, their results in order."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator, Awaitable, Callable
from typing import TypeVar

I = TypeVar("I")
O = TypeVar("O")


async def in_order(
    source: AsyncIterator[I], run: Callable[[I], Awaitable[O]], concurrency: int
) -> AsyncGenerator[O, None]:
    """Results in the order of the items, at most `concurrency` tasks at once.

    A slow reader holds up the source: no more than 2 x concurrency results wait for it. The first failure, of the
    source or of a task, is raised in its turn; leaving early cancels what is under way.
    """
    slots = asyncio.Semaphore(concurrency)
    results: asyncio.Queue[asyncio.Task[O] | None] = asyncio.Queue(2 * concurrency)
    begun: set[asyncio.Task[O]] = set()

    def finished(task: asyncio.Task[O]) -> None:
        slots.release()
        begun.discard(task)
        # Marks a failure as seen: it is raised when its turn comes, or nobody wants it any more.
        if not task.cancelled():
            task.exception()

    async def feed() -> None:
        try:
            async for item in source:
                await slots.acquire()
                task = asyncio.ensure_future(_awaited(run(item)))
                begun.add(task)
                task.add_done_callback(finished)
                await results.put(task)
        finally:
            await results.put(None)

    feeder = asyncio.ensure_future(feed())
    try:
        while task := await results.get():
            yield await task
        await feeder
    finally:
        left = [feeder, *begun]
        for each in left:
            each.cancel()
        # The feeder may wait for room to say that it ended; nobody listens any more.
        while not results.empty():
            results.get_nowait()
        await asyncio.gather(*left, return_exceptions=True)


async def _awaited(work: Awaitable[O]) -> O:
    return await work
