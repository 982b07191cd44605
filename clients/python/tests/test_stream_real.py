"""Streams by the real server: the same bits as any other way."""

from __future__ import annotations

import threading

import numpy as np
import pytest

from sutra_embedder import ModelNotFoundError, StreamedEmbedding, StreamingConfig, SutraEmbedder

from .real_server import RealServer

TEXTS = [f"sentence {number} of a text about rivers and bridges" for number in range(120)]


async def test_streamed_vectors_equal_those_of_requests(embedder: SutraEmbedder) -> None:
    config = StreamingConfig(dimensions=128, buffer_size=16, max_latency_ms=20)
    summaries: list[object] = []
    async with embedder:
        expected = (await embedder.embed_async(TEXTS, 128)).vectors
        results = [result async for result in embedder.stream(TEXTS, config, on_summary=summaries.append)]
        lists = [vector async for vector in embedder.embed_stream(TEXTS, config)]
    assert sorted(result.index for result in results) == list(range(len(TEXTS)))
    for result in results:
        assert np.array_equal(result.vector, expected[result.index])
        assert result.metadata["sequence_position"] == result.index
    assert np.array_equal(np.asarray(lists, np.float32), expected)
    assert len(summaries) == 1


async def test_what_the_server_refuses_is_typed(embedder: SutraEmbedder) -> None:
    async with embedder:
        with pytest.raises(ModelNotFoundError, match="nonesuch"):
            await anext(embedder.stream(["text"], StreamingConfig(model="nonesuch")))


async def test_a_server_killed_and_restarted_loses_and_duplicates_nothing() -> None:
    server = RealServer()
    server.start()
    texts = [TEXTS[number % len(TEXTS)] for number in range(400)]
    results: list[StreamedEmbedding] = []
    try:
        async with SutraEmbedder(base_url=server.url) as embedder:
            whole = (await embedder.embed_async(TEXTS)).vectors
            async for result in embedder.stream(texts, StreamingConfig(buffer_size=16)):
                results.append(result)
                if len(results) == 100:
                    server.kill()
                    threading.Thread(target=server.start).start()
    finally:
        server.kill()
    assert sorted(result.index for result in results) == list(range(len(texts)))
    for result in results:
        assert np.array_equal(result.vector, whole[result.index % len(TEXTS)])
