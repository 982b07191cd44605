"""Which texts of a stream are where: bounded between the source and the reader."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass

from .stream_result import StreamedEmbedding


@dataclass(eq=False)
class Chunk:
    """A text on its way."""

    id: str
    index: int
    text: str
    final: bool = False
    refusals: int = 0
    """How often the server refused it for a passing reason other than a full buffer."""
    sent_over: object = None
    """The connection that carried it last."""


class Window:
    """Takes no more than `size` texts from the source before the reader has taken their vectors."""

    def __init__(self, size: int, ordered: bool) -> None:
        self.unanswered: dict[str, Chunk] = {}
        """In the order of the texts."""
        self._room = asyncio.Semaphore(size)
        self._ordered = ordered
        self._ready: dict[int, StreamedEmbedding] = {}
        self._due = 0
        self._results: asyncio.Queue[StreamedEmbedding | BaseException | None] = asyncio.Queue()

    async def add(self, chunk: Chunk) -> None:
        """Waits until there is room."""
        await self._room.acquire()
        self.unanswered[chunk.id] = chunk

    def give(self, result: StreamedEmbedding) -> None:
        """Lets the reader have a vector, now or when those before it have come."""
        if not self._ordered:
            self._results.put_nowait(result)
            return
        self._ready[result.index] = result
        while due := self._ready.pop(self._due, None):
            self._results.put_nowait(due)
            self._due += 1

    def end(self, error: BaseException | None = None) -> None:
        """Nothing more comes."""
        self._results.put_nowait(error)

    async def take(self) -> StreamedEmbedding | None:
        """The next vector; None at the end.

        :raises BaseException: with which the stream ended
        """
        result = await self._results.get()
        if isinstance(result, BaseException):
            raise result
        if result is not None:
            self._room.release()
        return result
