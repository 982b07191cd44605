"""Cutting many texts into requests."""

from __future__ import annotations

from collections.abc import AsyncIterable, AsyncIterator, Iterable, Iterator
from dataclasses import dataclass, field
from typing import Final

from .request import MAX_TEXTS, check_text

DEFAULT_TEXTS: Final = 250
CHARACTERS: Final = 1_000_000
"""Most in one request; a single longer text travels alone. Keeps bodies below what servers take."""


@dataclass(frozen=True)
class Batch:
    """Consecutive texts that travel in one request."""

    start: int
    """Place of the first text in the whole."""
    texts: list[str]


@dataclass
class Cutter:
    """Takes texts one by one and gives a batch whenever one is full."""

    size: int = DEFAULT_TEXTS
    """Most texts in one request, 1 to 1000."""
    _texts: list[str] = field(default_factory=list)
    _start: int = 0
    _characters: int = 0

    def __post_init__(self) -> None:
        if not 1 <= self.size <= MAX_TEXTS:
            raise ValueError(f"texts_per_request must be between 1 and {MAX_TEXTS}, not {self.size}")

    def add(self, text: str) -> Batch | None:
        check_text(self._start + len(self._texts), text)
        full = len(self._texts) == self.size or self._characters + len(text) > CHARACTERS
        batch = self.rest() if full else None
        self._texts.append(text)
        self._characters += len(text)
        return batch

    def rest(self) -> Batch | None:
        """What has been added since the last batch; None where that is nothing."""
        if not self._texts:
            return None
        batch = Batch(self._start, self._texts)
        self._start += len(self._texts)
        self._texts, self._characters = [], 0
        return batch


def batches_of(texts: Iterable[str], size: int) -> Iterator[Batch]:
    """Reads no further than it must."""
    cutter = Cutter(size)
    for text in texts:
        if batch := cutter.add(text):
            yield batch
    if batch := cutter.rest():
        yield batch


async def async_batches_of(texts: Iterable[str] | AsyncIterable[str], size: int) -> AsyncIterator[Batch]:
    """The same for sources that may be asynchronous."""
    if isinstance(texts, Iterable):
        for batch in batches_of(texts, size):
            yield batch
        return
    cutter = Cutter(size)
    async for text in texts:
        if full := cutter.add(text):
            yield full
    if rest := cutter.rest():
        yield rest
