"""The client."""

from __future__ import annotations

import os
from collections.abc import (
    AsyncGenerator,
    AsyncIterable,
    Awaitable,
    Callable,
    Iterable,
    Iterator,
    Mapping,
    Sequence,
)
from contextlib import aclosing
from dataclasses import replace
from functools import partial
from types import TracebackType
from typing import Any, TypeVar
from urllib.parse import quote

import aiohttp

from .base_url import resolve_base_url
from .batches import DEFAULT_TEXTS, Batch
from .codes import FloatMatrix
from .config import EmbeddingConfig, ModelPreset, StreamingConfig
from .download import await_download
from .embed_many import EmbeddedBatch, ManyOptions, Progress, embed_async_batches, embed_batches, stacked
from .errors import InvalidArgumentError
from .http import Call, Connection, send
from .request import EmbedOptions, checked_texts
from .response import parse_json, read_result
from .result import EmbeddingResult
from .retry import RetryPolicy
from .sessions import Sessions
from .stream import EmbeddingStream
from .stream_result import StreamedEmbedding

T = TypeVar("T")

_ATTEMPTS_OF_MANY = 9
"""embed_many outlives a restart of the server: these reach over about 40 seconds."""


class SutraEmbedder:
    """Client of a Sutra-Embedder server.

    Works anywhere: `embed` blocks, also inside a running event loop; `embed_async` needs no `async with`, which only
    keeps connections in the caller's own loop. One instance serves any number of threads and loops.

        embedder = SutraEmbedder()
        vectors = embedder.embed(["first text", "second text"]).vectors

    :param api_key: default SUTRA_API_KEY, else none
    :param base_url: where the server is, with or without /v1; default SUTRA_BASE_URL, else http://127.0.0.1:8080/v1
    :param timeout: seconds that one attempt may take
    :param retry_attempts: how often a request is sent at most while it fails for a passing reason
    :param headers: sent with every request
    :raises ValueError: where base_url is no URL, or a number is out of range
    """

    def __init__(
        self,
        api_key: str | None = None,
        base_url: str | None = None,
        timeout: float = 30,
        retry_attempts: int = 3,
        *,
        headers: Mapping[str, str] | None = None,
    ) -> None:
        if timeout <= 0 or retry_attempts < 1:
            raise ValueError("timeout must be above 0 and retry_attempts 1 or more")
        self.base_url = resolve_base_url(base_url)
        self.timeout = timeout
        self.retry_attempts = retry_attempts
        key = api_key or os.environ.get("SUTRA_API_KEY") or None
        retry = RetryPolicy(attempts=retry_attempts)
        self._connection = Connection(self.base_url, key, timeout, retry, headers or {})
        self._patient = replace(retry, attempts=max(retry_attempts, _ATTEMPTS_OF_MANY))
        self._sessions = Sessions(self._connection)
        self._uncoded: set[str | None] = set()
        """Presets that were found to give no codes."""

    def embed(
        self,
        texts: str | Sequence[str],
        dimensions: int | None = None,
        config: EmbeddingConfig | None = None,
        *,
        model: ModelPreset | str | None = None,
        input_type: str | None = None,
        truncate: str | None = None,
        packed: bool = False,
    ) -> EmbeddingResult:
        """Vectors of 1 to 1000 texts, by one request.

        :param dimensions: 64 to 4096
        :param config: further options; the other arguments win over its fields
        :param model: a preset or the id of a model
        :param input_type: query, passage or another prompt of the model
        :param truncate: which end of a text that is too long loses tokens: start, end, or none, which refuses it
        :param packed: also give the codes of quantized vectors
        :raises ValueError: where an argument is out of range
        :raises APIError: where the server did not serve the request
        """
        options = EmbedOptions(dimensions, config, model, input_type, truncate, packed)
        return self._sessions.run(self._request(checked_texts(texts), options))

    async def embed_async(
        self,
        texts: str | Sequence[str],
        dimensions: int | None = None,
        config: EmbeddingConfig | None = None,
        *,
        model: ModelPreset | str | None = None,
        input_type: str | None = None,
        truncate: str | None = None,
        packed: bool = False,
    ) -> EmbeddingResult:
        """`embed` for event loops."""
        options = EmbedOptions(dimensions, config, model, input_type, truncate, packed)
        return await self._sessions.use(self._request(checked_texts(texts), options))

    def embed_many(
        self,
        texts: Iterable[str],
        dimensions: int | None = None,
        config: EmbeddingConfig | None = None,
        *,
        model: ModelPreset | str | None = None,
        input_type: str | None = None,
        truncate: str | None = None,
        texts_per_request: int = DEFAULT_TEXTS,
        concurrency: int = 4,
        on_progress: Callable[[Progress], None] | None = None,
    ) -> FloatMatrix:
        """Vectors of any number of texts, by several requests: float32, shape (texts, dimensions), in their order.

        A server that is restarted meanwhile is waited for, about 40 seconds.

        :param texts_per_request: 1 to 1000
        :param concurrency: most requests at once
        """
        embed = EmbedOptions(dimensions, config, model, input_type, truncate)
        many = ManyOptions(embed, texts_per_request, concurrency, on_progress)
        return stacked([batch.vectors for batch in self._batches(texts, many)], embed.resolved_dimensions)

    async def embed_many_async(
        self,
        texts: Iterable[str] | AsyncIterable[str],
        dimensions: int | None = None,
        config: EmbeddingConfig | None = None,
        *,
        model: ModelPreset | str | None = None,
        input_type: str | None = None,
        truncate: str | None = None,
        texts_per_request: int = DEFAULT_TEXTS,
        concurrency: int = 4,
        on_progress: Callable[[Progress], None] | None = None,
    ) -> FloatMatrix:
        """`embed_many` for event loops."""
        embed = EmbedOptions(dimensions, config, model, input_type, truncate)
        many = ManyOptions(embed, texts_per_request, concurrency, on_progress)
        async with aclosing(self._async_batches(texts, many)) as batches:
            parts = [batch.vectors async for batch in batches]
        return stacked(parts, embed.resolved_dimensions)

    def embed_batches(
        self,
        texts: Iterable[str],
        dimensions: int | None = None,
        config: EmbeddingConfig | None = None,
        *,
        model: ModelPreset | str | None = None,
        input_type: str | None = None,
        truncate: str | None = None,
        packed: bool = False,
        texts_per_request: int = DEFAULT_TEXTS,
        concurrency: int = 4,
        on_progress: Callable[[Progress], None] | None = None,
    ) -> Iterator[EmbeddedBatch]:
        """`embed_many` request by request, for more texts than fit in memory. Nothing is sent before it is iterated."""
        embed = EmbedOptions(dimensions, config, model, input_type, truncate, packed)
        return self._batches(texts, ManyOptions(embed, texts_per_request, concurrency, on_progress))

    def embed_batches_async(
        self,
        texts: Iterable[str] | AsyncIterable[str],
        dimensions: int | None = None,
        config: EmbeddingConfig | None = None,
        *,
        model: ModelPreset | str | None = None,
        input_type: str | None = None,
        truncate: str | None = None,
        packed: bool = False,
        texts_per_request: int = DEFAULT_TEXTS,
        concurrency: int = 4,
        on_progress: Callable[[Progress], None] | None = None,
    ) -> AsyncGenerator[EmbeddedBatch, None]:
        """`embed_batches` for event loops."""
        embed = EmbedOptions(dimensions, config, model, input_type, truncate, packed)
        return self._async_batches(texts, ManyOptions(embed, texts_per_request, concurrency, on_progress))

    async def embed_stream(
        self, text_stream: Iterable[str] | AsyncIterable[str], config: StreamingConfig | None = None
    ) -> AsyncGenerator[list[float], None]:
        """Vectors of a stream of texts, in the order of the texts, while it goes on.

        No more than `config.buffer_size` texts are taken from the source before their vectors were taken from here.
        """
        async with aclosing(self.stream(text_stream, config, ordered=True)) as results:
            async for result in results:
                yield result.vector.tolist()

    async def stream(
        self,
        text_stream: Iterable[str] | AsyncIterable[str],
        config: StreamingConfig | None = None,
        *,
        ordered: bool = False,
        on_summary: Callable[[Mapping[str, Any]], None] | None = None,
    ) -> AsyncGenerator[StreamedEmbedding, None]:
        """`embed_stream` with numpy vectors, each with its text, place and metadata.

        A connection that breaks is opened anew; each vector comes exactly once.

        :param ordered: keep the order of the texts; else vectors come as they are ready
        :param on_summary: told what the server sums up at the end of a session, where the last text is known to be it
            when it is sent, as of a list; a stream that was opened anew has more than one session
        """
        async with self._sessions.here() as session:
            stream = EmbeddingStream(
                self._connection,
                session,
                config or StreamingConfig(),
                self._patient,
                ordered=ordered,
                on_summary=on_summary,
            )
            async with aclosing(stream.vectors(text_stream)) as vectors:
                async for vector in vectors:
                    yield vector

    async def get_models(
        self, dimensions: int | None = None, hardware_profile: str | None = None
    ) -> list[dict[str, Any]]:
        """The models that this server knows.

        :param dimensions: only models that give vectors of this length, 64 to 4096
        :param hardware_profile: only models that a machine of this tier carries: minimal, low, medium, high, extreme
        """
        given = {"dimensions": dimensions, "hardware_profile": hardware_profile}
        params = {name: str(value) for name, value in given.items() if value is not None}
        answer = await self._json(Call("GET", "/models", params=params))
        return list(answer["models"])

    async def download_model(
        self,
        model_id: str,
        *,
        on_progress: Callable[[dict[str, Any]], None] | None = None,
        poll_interval: float = 1.0,
    ) -> dict[str, Any]:
        """Have the server fetch a model, and wait until it is ready.

        :param on_progress: told each status: status, progress (0 to 1), estimated_time_remaining_ms
        :param poll_interval: seconds between two looks
        :raises DownloadFailedError: where it will not be ready
        """
        path = f"/models/{quote(model_id, safe='')}"

        async def look() -> dict[str, Any]:
            model = await self._json(Call("GET", path))
            return {**model, "status": model["state"]}

        begin = Call("POST", f"{path}/download")
        return await await_download(model_id, lambda: self._json(begin), look, on_progress, poll_interval)

    async def health_check(self) -> dict[str, Any]:
        """How the server is. An unhealthy one is an answer, not an error."""
        return dict(await self._json(Call("GET", "/health", also_fine=frozenset({503}))))

    def close(self) -> None:
        """Close connections that calls outside `async with` left open. Happens by itself at the end of the process."""
        self._sessions.close()

    async def __aenter__(self) -> SutraEmbedder:
        await self._sessions.enter()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self._sessions.leave()

    def __enter__(self) -> SutraEmbedder:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def __repr__(self) -> str:
        # Never the key.
        return f"SutraEmbedder(base_url={self.base_url!r})"

    def _batches(self, texts: Iterable[str], many: ManyOptions) -> Iterator[EmbeddedBatch]:
        return embed_batches(
            texts,
            many,
            lambda batch, retried: self._sessions.submit(self._patient_request(batch, many.embed, retried)),
        )

    async def _async_batches(
        self, texts: Iterable[str] | AsyncIterable[str], many: ManyOptions
    ) -> AsyncGenerator[EmbeddedBatch, None]:
        async with self._sessions.here() as session:
            embed = lambda batch, retried: self._patient_request(batch, many.embed, retried)(session)  # noqa: E731
            async with aclosing(embed_async_batches(texts, many, embed)) as batches:
                async for batch in batches:
                    yield batch

    def _patient_request(
        self, batch: Batch, options: EmbedOptions, retried: Callable[[], None]
    ) -> Callable[[aiohttp.ClientSession], Awaitable[EmbeddingResult]]:
        return self._request(batch.texts, options, policy=self._patient, on_retry=retried)

    def _request(
        self, texts: Sequence[str], options: EmbedOptions, **how: Any
    ) -> Callable[[aiohttp.ClientSession], Awaitable[EmbeddingResult]]:
        async def ask(session: aiohttp.ClientSession, packed: bool) -> EmbeddingResult:
            call = Call("POST", "/embeddings", options.body(texts, packed))
            body = await send(self._connection, session, call, **how)
            return read_result(body, len(texts), options.packed)

        async def request(session: aiohttp.ClientSession) -> EmbeddingResult:
            packed = options.packed or (options.coded and options.resolved_model not in self._uncoded)
            try:
                return await ask(session, packed)
            except InvalidArgumentError as error:
                if options.packed or not packed or error.details.get("field") != "encoding_format":
                    raise
            # This server does not code the vectors of this preset.
            self._uncoded.add(options.resolved_model)
            return await ask(session, False)

        return request

    async def _json(self, call: Call) -> Any:
        return parse_json(await self._sessions.use(partial(send, self._connection, call=call)))
