"""Streams, against a server that keeps the protocol and misbehaves within it."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import numpy as np
import pytest
import pytest_asyncio

from sutra_embedder import (
    APIError,
    InvalidArgumentError,
    NotFoundError,
    StreamedEmbedding,
    StreamingConfig,
    SutraEmbedder,
    UnauthenticatedError,
)

from .stub_server import StubServer, refused, vectors_for
from .stub_streams import Payload, Session, StubStreams, eventually

TEXTS = [f"text number {number}" for number in range(40)]


@pytest_asyncio.fixture
async def streams() -> AsyncIterator[StubStreams]:
    async with StubStreams() as streams:
        yield streams


async def collect(
    url: str, texts: Any, config: StreamingConfig | None = None, **options: Any
) -> list[StreamedEmbedding]:
    async with SutraEmbedder(base_url=url) as embedder:
        return [result async for result in embedder.stream(texts, config, **options)]


def check_each_once(results: list[StreamedEmbedding], texts: list[str]) -> None:
    assert sorted(result.index for result in results) == list(range(len(texts)))
    for result in results:
        assert result.text == texts[result.index]
        assert result.vector.tobytes() == vectors_for([result.text])[0]


async def test_each_text_gets_its_vector(streams: StubStreams) -> None:
    summaries: list[Any] = []
    results = await collect(streams.url, TEXTS, on_summary=summaries.append)
    check_each_once(results, TEXTS)
    assert results[0].metadata["model_used"] == "stub"
    assert summaries == [{"chunks": len(TEXTS)}]
    assert [chunk["position"] for chunk in streams.chunks] == list(range(len(TEXTS)))


async def test_the_specifications_method_gives_lists_in_order(streams: StubStreams) -> None:
    async def backwards(session: Session, chunk: Payload) -> bool:
        # Answers pairs the wrong way round.
        if chunk["position"] % 2 == 1:
            await session.answer(chunk)
            await session.answer(session.received[-2])
        return True

    streams.on_chunk = backwards
    embedder = SutraEmbedder(base_url=streams.url)
    vectors = [vector async for vector in embedder.embed_stream(TEXTS, StreamingConfig())]
    assert isinstance(vectors[0], list)
    assert np.asarray(vectors, np.float32).tobytes() == b"".join(vectors_for(TEXTS))


async def test_only_what_was_set_is_sent(streams: StubStreams) -> None:
    await collect(streams.url, ["a"])
    assert streams.sessions[-1].config == {"buffer_size": 100, "encoding_format": "base64"}
    await collect(
        streams.url, ["a"], StreamingConfig(dimensions=64, buffer_size=7, max_latency_ms=10, model="efficient")
    )
    assert streams.sessions[-1].config == {
        "dimensions": 64,
        "buffer_size": 7,
        "max_latency_ms": 10,
        "model": "efficient",
        "encoding_format": "base64",
    }


async def test_a_slow_reader_holds_up_the_source(streams: StubStreams) -> None:
    taken = 0

    async def source() -> AsyncIterator[str]:
        nonlocal taken
        while True:
            taken += 1
            yield f"text number {taken}"

    async with SutraEmbedder(base_url=streams.url) as embedder:
        results = embedder.stream(source(), StreamingConfig(buffer_size=5), ordered=True)
        await anext(results)
        await eventually(lambda: len(streams.chunks) == 6)
        await asyncio.sleep(0.1)
        # One that was read, five in the buffer, and what the source is asked for in advance.
        assert len(streams.chunks) == 6
        assert taken <= 8
        await results.aclose()
    await eventually(lambda: streams.sessions[0].socket.closed)


async def test_a_waiting_source_does_not_hold_up_vectors(streams: StubStreams) -> None:
    gate = asyncio.Event()

    async def source() -> AsyncIterator[str]:
        yield "first"
        await gate.wait()
        yield "second"
        await asyncio.sleep(0.05)

    async with SutraEmbedder(base_url=streams.url) as embedder:
        results = embedder.stream(source())
        assert (await asyncio.wait_for(anext(results), 5)).text == "first"
        gate.set()
        assert [result.text async for result in results] == ["second"]


async def test_no_texts_open_no_connection(streams: StubStreams) -> None:
    async def none() -> AsyncIterator[str]:
        return
        yield

    assert await collect(streams.url, []) == []
    assert await collect(streams.url, none()) == []
    assert streams.sessions == []


async def test_a_full_buffer_delays_and_loses_nothing(streams: StubStreams) -> None:
    refused: set[str] = set()

    async def full_at_first(session: Session, chunk: Payload) -> bool:
        if chunk["position"] % 3 or chunk["chunk_id"] in refused:
            return False
        refused.add(chunk["chunk_id"])
        await session.refuse("BUFFER_FULL", chunk, retry_after_ms=20)
        return True

    streams.on_chunk = full_at_first
    check_each_once(await collect(streams.url, TEXTS), TEXTS)
    assert len(streams.chunks) == len(TEXTS) + len(refused)


@pytest.mark.parametrize("ordered", [True, False])
async def test_a_broken_connection_loses_and_duplicates_nothing(streams: StubStreams, ordered: bool) -> None:
    async def breaks(session: Session, chunk: Payload) -> bool:
        if session.number < 3 and len(session.received) == 10:
            transport = session.socket._req.transport if session.socket._req else None
            assert transport
            transport.abort()
            return True
        await session.answer(chunk)
        # A server that says things twice, as one that replays may.
        await session.answer(chunk)
        return True

    streams.on_chunk = breaks
    texts = TEXTS * 2
    results = await collect(streams.url, texts, StreamingConfig(buffer_size=8), ordered=ordered)
    check_each_once(results, texts)
    if ordered:
        assert [result.index for result in results] == list(range(len(texts)))
    assert len(streams.sessions) == 4


async def test_a_server_going_away_is_followed_by_another(streams: StubStreams) -> None:
    async def goes(session: Session, chunk: Payload) -> bool:
        if session.number == 0 and chunk["position"] == 5:
            await session.socket.close(code=1001)
            return True
        return False

    streams.on_chunk = goes
    check_each_once(await collect(streams.url, TEXTS), TEXTS)
    assert len(streams.sessions) == 2


async def test_what_cannot_be_served_ends_the_stream(streams: StubStreams) -> None:
    async def refuses(session: Session, chunk: Payload) -> bool:
        if chunk["position"] == 3:
            await session.refuse("INVALID_ARGUMENT", chunk)
            return True
        return False

    streams.on_chunk = refuses
    with pytest.raises(InvalidArgumentError, match="INVALID_ARGUMENT it is"):
        await collect(streams.url, TEXTS)
    assert len(streams.sessions) == 1


async def test_a_refused_handshake_is_an_error(streams: StubStreams) -> None:
    async def no(session: Session, payload: Payload) -> bool:
        assert payload["protocol_version"] == "1.0"
        assert payload["api_key"] == "secret"
        await session.refuse("UNAUTHENTICATED")
        return True

    streams.on_handshake = no
    with pytest.raises(UnauthenticatedError):
        async for _ in SutraEmbedder("secret", streams.url).stream(TEXTS):
            pass
    assert len(streams.sessions) == 1


async def test_pings_are_answered(streams: StubStreams) -> None:
    async def ping_first(session: Session, chunk: Payload) -> bool:
        await session.say("ping", {}, id="ping_1")
        return False

    streams.on_chunk = ping_first
    await collect(streams.url, ["a", "b"])
    assert "ping_1" in streams.sessions[0].pongs


async def test_a_failing_source_is_reported(streams: StubStreams) -> None:
    async def broken() -> AsyncIterator[str]:
        yield "first"
        raise LookupError("the source broke")

    with pytest.raises(LookupError, match="the source broke"):
        await collect(streams.url, broken())


async def test_what_is_no_text_is_named(streams: StubStreams) -> None:
    with pytest.raises(TypeError, match="text 1 is no string"):
        await collect(streams.url, ["a", 5])


async def test_a_server_without_streams_says_so(stub: StubServer) -> None:
    stub.answers = [refused(404, "NOT_FOUND")]
    with pytest.raises(NotFoundError, match="no WebSocket"):
        await collect(stub.url, ["a"])


async def test_nobody_listening_is_an_error_after_all_attempts() -> None:
    async with StubStreams() as gone:
        pass
    embedder = SutraEmbedder(base_url=gone.url)
    # As patient as embed_many is too long for a test.
    embedder._patient = embedder._connection.retry
    with pytest.raises(APIError, match="Connection refused"):
        async for _ in embedder.stream(["a"]):
            pass


@pytest.mark.parametrize(
    ("config", "words"),
    [
        (StreamingConfig(buffer_size=0), "buffer_size"),
        (StreamingConfig(max_latency_ms=9), "max_latency_ms"),
        (StreamingConfig(dimensions=5), "dimensions"),
    ],
)
async def test_refuses_numbers_out_of_range(config: StreamingConfig, words: str) -> None:
    with pytest.raises(ValueError, match=words):
        await collect("http://127.0.0.1:9/v1", ["a"], config)
