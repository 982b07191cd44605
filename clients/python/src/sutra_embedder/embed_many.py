"""Any number of texts, by several requests: order kept, each text exactly once, also across a restart of the server."""

from __future__ import annotations

from collections import deque
from collections.abc import AsyncGenerator, AsyncIterable, Awaitable, Callable, Iterable, Iterator, Sized
from concurrent.futures import Future
from contextlib import aclosing
from dataclasses import dataclass

import numpy as np

from .batches import DEFAULT_TEXTS, Batch, async_batches_of, batches_of
from .codes import FloatMatrix
from .in_order import in_order
from .request import EmbedOptions
from .result import EmbeddingResult


@dataclass(frozen=True)
class Progress:
    """How far embedding many texts has come."""

    done: int
    """Texts whose vectors have been handed over."""
    total: int | None
    """Texts in all, where they came as a list."""
    requests: int
    """Requests that were answered."""
    retries: int
    """Requests that had to be sent again."""


@dataclass(frozen=True)
class ManyOptions:
    """How many texts become requests."""

    embed: EmbedOptions
    texts_per_request: int = DEFAULT_TEXTS
    concurrency: int = 4
    on_progress: Callable[[Progress], None] | None = None

    def __post_init__(self) -> None:
        if self.concurrency < 1:
            raise ValueError(f"concurrency must be 1 or more, not {self.concurrency}")


@dataclass(frozen=True)
class EmbeddedBatch:
    """One answered request of many."""

    start: int
    """Place of its first text in what was given."""
    texts: list[str]
    result: EmbeddingResult

    @property
    def vectors(self) -> FloatMatrix:
        """float32, shape (texts, dimensions)."""
        return self.result.vectors


class _Counter:
    def __init__(self, texts: object, on_progress: Callable[[Progress], None] | None) -> None:
        self.total = len(texts) if isinstance(texts, Sized) else None
        self.on_progress = on_progress
        self.done = self.requests = self.retries = 0

    def retried(self) -> None:
        self.retries += 1

    def took(self, batch: EmbeddedBatch) -> EmbeddedBatch:
        self.done += len(batch.texts)
        self.requests += 1
        if self.on_progress:
            self.on_progress(Progress(self.done, self.total, self.requests, self.retries))
        return batch


EmbedBatch = Callable[[Batch, Callable[[], None]], Awaitable[EmbeddingResult]]
"""Makes one request; the second argument is told of each retry."""


async def embed_async_batches(
    texts: Iterable[str] | AsyncIterable[str], options: ManyOptions, embed: EmbedBatch
) -> AsyncGenerator[EmbeddedBatch, None]:
    """In the order of the texts; at most `concurrency` requests at once, 2 x that many ahead of the reader."""
    counter = _Counter(texts, options.on_progress)

    async def request(batch: Batch) -> EmbeddedBatch:
        return EmbeddedBatch(batch.start, batch.texts, await embed(batch, counter.retried))

    source = async_batches_of(texts, options.texts_per_request)
    async with aclosing(in_order(source, request, options.concurrency)) as results:
        async for batch in results:
            yield counter.took(batch)


def embed_batches(
    texts: Iterable[str],
    options: ManyOptions,
    submit: Callable[[Batch, Callable[[], None]], Future[EmbeddingResult]],
) -> Iterator[EmbeddedBatch]:
    """The same, blocking. The source is read in the caller's thread, as cursors and the like demand."""
    counter = _Counter(texts, options.on_progress)
    window: deque[tuple[Batch, Future[EmbeddingResult]]] = deque()

    def first() -> EmbeddedBatch:
        batch, future = window[0]
        result = future.result()
        window.popleft()
        return counter.took(EmbeddedBatch(batch.start, batch.texts, result))

    try:
        for batch in batches_of(texts, options.texts_per_request):
            if len(window) == options.concurrency:
                yield first()
            window.append((batch, submit(batch, counter.retried)))
        while window:
            yield first()
    finally:
        for _, future in window:
            future.cancel()


def stacked(parts: list[FloatMatrix], dimensions: int | None) -> FloatMatrix:
    """All vectors in one array; of no texts an empty one."""
    return np.concatenate(parts) if parts else np.empty((0, dimensions or 0), np.float32)
