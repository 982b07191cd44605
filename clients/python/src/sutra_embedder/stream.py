"""A stream of texts over a WebSocket: bounded, taken up again when the connection breaks, each vector exactly once."""

from __future__ import annotations

import asyncio
from binascii import Error as Base64Error
from binascii import a2b_base64
from collections.abc import AsyncGenerator, AsyncIterable, Callable, Coroutine, Iterable, Mapping
from contextlib import aclosing
from typing import Any
from uuid import uuid4

import aiohttp
import numpy as np

from . import ws_messages as messages
from .config import StreamingConfig
from .errors import APIError, BufferFullError, ConnectionFailedError, UnexpectedResponseError
from .http import Connection
from .request import check_text
from .retry import RetryPolicy, delay_before_next
from .stream_config import stream_config
from .stream_result import StreamedEmbedding
from .stream_source import with_last
from .stream_window import Chunk, Window
from .ws_link import Link, open_link

_BUFFER_WAIT = 0.1
"""Seconds before a chunk that found the buffer full is sent again, where the server names no time."""
_SUMMARY_WAIT = 5.0

OnSummary = Callable[[Mapping[str, Any]], None]


class EmbeddingStream:
    """One stream; iterate `vectors` once.

    A connection that breaks is followed by another session, to which everything unanswered is sent again: what the
    server had in work is computed twice, at most `buffer_size` texts, and handed out once.
    """

    def __init__(
        self,
        connection: Connection,
        session: aiohttp.ClientSession,
        config: StreamingConfig,
        policy: RetryPolicy,
        *,
        ordered: bool,
        on_summary: OnSummary | None,
    ) -> None:
        self._connection = connection
        self._session = session
        self._policy = policy
        self._on_summary = on_summary
        self._config = stream_config(config)
        self._window = Window(config.buffer_size, ordered)
        self._link: Link | None = None
        self._tasks: set[asyncio.Task[None]] = set()
        self._complete = False
        """Whether the source has ended."""
        self._summary_due = False
        self._answers = 0

    async def vectors(self, texts: Iterable[str] | AsyncIterable[str]) -> AsyncGenerator[StreamedEmbedding, None]:
        """Leaving early ends the stream on the server too."""
        self._begin(self._feed(texts))
        try:
            while result := await self._window.take():
                yield result
        finally:
            for task in (left := list(self._tasks)):
                task.cancel()
            await asyncio.gather(*left, return_exceptions=True)

    async def _feed(self, texts: Iterable[str] | AsyncIterable[str]) -> None:
        index = 0
        async with aclosing(with_last(texts)) as source:
            async for text, last in source:
                check_text(index, text)
                chunk = Chunk(f"chunk_{index}", index, text, last)
                await self._window.add(chunk)
                self._summary_due = last
                if index == 0:
                    self._begin(self._serve())
                await self._send(chunk)
                index += 1
        self._complete = True
        if not self._window.unanswered and not self._summary_due:
            self._window.end()

    async def _serve(self) -> None:
        made = 0
        while True:
            before = self._answers
            try:
                await self._serve_once()
                break
            except APIError as error:
                if self._all_answered:
                    # Only the summary was missing.
                    break
                # Each vector that arrives earns new attempts.
                made = 1 if self._answers > before else made + 1
                wait = delay_before_next(error, made, self._policy, self._connection.random())
                if wait is None:
                    raise
            finally:
                self._link = None
            await self._connection.sleep(wait)
        self._window.end()

    async def _serve_once(self) -> None:
        session_id = f"session_{uuid4().hex}"
        async with open_link(self._connection, self._session, session_id) as link:
            await link.send(messages.request("stream_embed", config=self._config, metadata={"session_id": session_id}))
            self._link = link
            for chunk in list(self._window.unanswered.values()):
                await self._send(chunk)
            while not self._finished:
                message = await self._receive(link)
                if message.kind == "error":
                    self._refused(message.payload)
                else:
                    self._received(message.payload)

    async def _receive(self, link: Link) -> messages.Message:
        limit = _SUMMARY_WAIT if self._all_answered else None
        try:
            return await asyncio.wait_for(link.receive(), limit)
        except asyncio.TimeoutError as error:
            raise ConnectionFailedError("The server sent no summary") from error

    async def _send(self, chunk: Chunk, again: bool = False) -> None:
        """Over the connection there is, once; without one, the next connection carries it."""
        link = self._link
        if link is None or (chunk.sent_over is link and not again) or chunk.id not in self._window.unanswered:
            return
        chunk.sent_over = link
        message = messages.request(
            "add_chunk",
            chunk_id=chunk.id,
            text=chunk.text,
            position=chunk.index,
            is_final=chunk.final or None,
        )
        try:
            await link.send(message)
        except ConnectionFailedError:
            # The receiving side finds the same and connects anew.
            chunk.sent_over = None

    def _received(self, payload: Mapping[str, Any]) -> None:
        if "chunk_id" in payload and "embedding" in payload:
            chunk = self._window.unanswered.pop(payload["chunk_id"], None)
            if chunk is None:
                return
            self._answers += 1
            vector = _vector(payload["embedding"])
            self._window.give(StreamedEmbedding(chunk.index, chunk.text, vector, payload.get("metadata") or {}))
        elif "summary" in payload:
            # A server that shuts down sums up before it has had everything; then the next one's summary is the last.
            self._summary_due = self._summary_due and bool(self._window.unanswered)
            if self._on_summary:
                self._on_summary(payload["summary"])

    def _refused(self, payload: Mapping[str, Any]) -> None:
        error = messages.error_in(payload)
        chunk = self._window.unanswered.get(payload.get("chunk_id") or "")
        if chunk is None:
            if payload.get("chunk_id"):
                return
            raise error
        if isinstance(error, BufferFullError):
            wait: float | None = _BUFFER_WAIT if error.retry_after is None else error.retry_after
        else:
            chunk.refusals += 1
            wait = delay_before_next(error, chunk.refusals, self._policy, self._connection.random())
        if wait is None:
            self._window.end(error)
        else:
            self._begin(self._send_later(chunk, wait))

    async def _send_later(self, chunk: Chunk, wait: float) -> None:
        await self._connection.sleep(wait)
        await self._send(chunk, again=True)

    @property
    def _all_answered(self) -> bool:
        return (self._complete or self._summary_due) and not self._window.unanswered

    @property
    def _finished(self) -> bool:
        return self._complete and not self._window.unanswered and not self._summary_due

    def _begin(self, work: Coroutine[Any, Any, None]) -> None:
        task = asyncio.ensure_future(work)
        self._tasks.add(task)
        task.add_done_callback(self._on_end)

    def _on_end(self, task: asyncio.Task[None]) -> None:
        self._tasks.discard(task)
        if not task.cancelled() and (error := task.exception()):
            self._window.end(error)


def _vector(wire: Any) -> Any:
    try:
        return np.frombuffer(bytearray(a2b_base64(wire)), "<f4")
    except (TypeError, ValueError, Base64Error) as error:
        raise UnexpectedResponseError("The server sent a vector that could not be decoded") from error
