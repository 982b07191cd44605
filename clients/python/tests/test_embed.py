"""Embedding by the real server."""

from __future__ import annotations

import asyncio
import json
import threading
import urllib.request
from base64 import b64decode

import numpy as np
import pytest

from sutra_embedder import (
    EmbeddingConfig,
    InvalidArgumentError,
    ModelNotFoundError,
    ModelPreset,
    QuantizationType,
    SutraEmbedder,
    cosine_similarity,
)

TEXTS = ["a cat sleeps on the sofa", "a kitten naps on the couch", "interest rates rose again"]


def test_vectors_are_float32_rows_in_the_order_of_the_texts(embedder: SutraEmbedder) -> None:
    result = embedder.embed(TEXTS)
    assert result.vectors.dtype == np.float32
    assert result.vectors.shape == (3, 384)
    assert len(result) == 3
    alone = embedder.embed(TEXTS[2])
    assert np.array_equal(result.vectors[2], alone.vectors[0])
    assert cosine_similarity(result.vectors[0], result.vectors[1]) > cosine_similarity(
        result.vectors[0], result.vectors[2]
    )


def test_lists_hold_the_same_numbers(embedder: SutraEmbedder) -> None:
    result = embedder.embed(TEXTS)
    assert isinstance(result.embeddings[0][0], float)
    assert np.array_equal(np.asarray(result.embeddings, np.float32), result.vectors)
    assert result.embeddings is result.embeddings
    assert np.array_equal(np.asarray(result), result.vectors)


def test_arrays_can_be_written_to(embedder: SutraEmbedder) -> None:
    vectors = embedder.embed(TEXTS).vectors
    vectors /= 2
    assert np.linalg.norm(vectors[0]) == pytest.approx(0.5, abs=0.01)


def test_says_what_ran(embedder: SutraEmbedder) -> None:
    result = embedder.embed(TEXTS, 128, EmbeddingConfig(model=ModelPreset.EFFICIENT))
    assert result.model_info["model_id"] == "all-MiniLM-L6-v2"
    assert result.model_info["dimensions"] == 128
    assert result.metadata["usage"]["tokens"] > 0
    assert result.performance["latency_ms"] > 0
    assert "128" in repr(result)


@pytest.mark.parametrize("scheme", QuantizationType)
@pytest.mark.parametrize("dimensions", [64, 101, 384, 1024])
def test_vectors_are_the_servers_to_the_bit(embedder: SutraEmbedder, scheme: QuantizationType, dimensions: int) -> None:
    config = EmbeddingConfig(quantization=scheme)
    result = embedder.embed(TEXTS, dimensions, config)
    assert result.metadata["encoding_format"] == ("base64" if scheme is QuantizationType.NONE else "packed")
    assert np.array_equal(result.vectors, as_base64(embedder, dimensions=dimensions, config={"quantization": scheme}))


@pytest.mark.parametrize("model", ["efficient", "all-MiniLM-L6-v2"])
def test_the_defaults_too(embedder: SutraEmbedder, model: str) -> None:
    assert np.array_equal(embedder.embed(TEXTS, model=model).vectors, as_base64(embedder, model=model))


def as_base64(embedder: SutraEmbedder, **fields: object) -> np.ndarray[tuple[int, ...], np.dtype[np.float32]]:
    """The float32 values that the server itself states."""
    body = json.dumps({"texts": TEXTS, "encoding_format": "base64", **fields}).encode()
    request = urllib.request.Request(f"{embedder.base_url}/embeddings", body, {"content-type": "application/json"})
    with urllib.request.urlopen(request, timeout=30) as response:
        wire = json.load(response)["embeddings"]
    return np.frombuffer(b"".join(b64decode(vector) for vector in wire), "<f4").reshape(len(TEXTS), -1)


@pytest.mark.parametrize("scheme", [QuantizationType.INT8, QuantizationType.INT4, QuantizationType.BINARY])
def test_codes_are_given_where_they_are_asked_for(embedder: SutraEmbedder, scheme: QuantizationType) -> None:
    result = embedder.embed(TEXTS, 101, EmbeddingConfig(quantization=scheme), packed=True)
    assert result.codes is not None
    binary = scheme is QuantizationType.BINARY
    assert result.codes.dtype == (np.uint8 if binary else np.int8)
    assert result.codes.shape == (3, 13 if binary else 101)
    assert result.scales is None if binary else len(result.scales or ()) == 3
    assert embedder.embed(TEXTS).codes is None


def test_works_inside_a_running_loop(embedder: SutraEmbedder) -> None:
    async def main() -> np.ndarray[tuple[int, ...], np.dtype[np.float32]]:
        return embedder.embed(TEXTS).vectors

    assert np.array_equal(asyncio.run(main()), embedder.embed(TEXTS).vectors)


async def test_async_with_and_without_a_context_manager(embedder: SutraEmbedder) -> None:
    outside = await embedder.embed_async(TEXTS)
    async with embedder as inside:
        assert np.array_equal((await inside.embed_async(TEXTS)).vectors, outside.vectors)
        async with inside:
            pass
        assert np.array_equal((await inside.embed_async(TEXTS)).vectors, outside.vectors)
    assert np.array_equal((await embedder.embed_async(TEXTS)).vectors, outside.vectors)


def test_one_loop_after_another(embedder: SutraEmbedder) -> None:
    first = asyncio.run(embedder.embed_async(TEXTS))
    second = asyncio.run(embedder.embed_async(TEXTS))
    assert np.array_equal(first.vectors, second.vectors)


def test_serves_threads_at_once(embedder: SutraEmbedder) -> None:
    expected = embedder.embed(TEXTS).vectors
    results: list[bool] = []
    threads = [
        threading.Thread(target=lambda: results.append(np.array_equal(embedder.embed(TEXTS).vectors, expected)))
        for _ in range(8)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert results == [True] * 8


def test_can_be_used_after_closing(embedder: SutraEmbedder) -> None:
    embedder.embed(TEXTS)
    embedder.close()
    embedder.close()
    assert len(embedder.embed(TEXTS)) == 3


def test_texts_of_every_script_arrive(embedder: SutraEmbedder) -> None:
    texts = ["naïve café", "東京の天気", "🎉 party", 'quote " and \\ backslash\n', "\u0000nul"]
    assert embedder.embed(texts).vectors.shape == (5, 384)


@pytest.mark.parametrize("texts", [[], ["a"] * 1001])
def test_refuses_too_few_and_too_many_texts(embedder: SutraEmbedder, texts: list[str]) -> None:
    with pytest.raises(ValueError, match="texts"):
        embedder.embed(texts)


@pytest.mark.parametrize("dimensions", [0, 63, 4097, -1])
def test_refuses_dimensions_out_of_range(embedder: SutraEmbedder, dimensions: int) -> None:
    with pytest.raises(ValueError, match="between 64 and 4096"):
        embedder.embed("text", dimensions)
    with pytest.raises(ValueError, match="between 64 and 4096"):
        embedder.embed("text", config=EmbeddingConfig(dimensions=dimensions))


def test_refuses_what_is_no_text(embedder: SutraEmbedder) -> None:
    with pytest.raises(TypeError, match="text 1 is no string but int"):
        embedder.embed(["fine", 5])  # type: ignore[list-item]
    with pytest.raises(ValueError, match="surrogate"):
        embedder.embed("half \ud83c of a character")


def test_names_what_the_server_refuses(embedder: SutraEmbedder) -> None:
    with pytest.raises(ModelNotFoundError, match="nonesuch") as unknown:
        embedder.embed("text", model="nonesuch")
    assert unknown.value.status_code == 404
    assert unknown.value.request_id
    with pytest.raises(InvalidArgumentError, match="truncate must be one of") as invalid:
        embedder.embed("text", truncate="middle")
    assert invalid.value.error_code == "INVALID_ARGUMENT"


async def test_lists_models(embedder: SutraEmbedder) -> None:
    async with embedder:
        models = await embedder.get_models()
        assert "all-MiniLM-L6-v2" in [model["model_id"] for model in models]
        filtered = await embedder.get_models(dimensions=384, hardware_profile="minimal")
        assert {model["dimensions"] for model in filtered} <= {384, *(m["dimensions"] for m in models)}
        assert await embedder.get_models(dimensions=4096) == []


async def test_downloads_a_model_that_is_there(embedder: SutraEmbedder) -> None:
    seen: list[dict[str, object]] = []
    status = await embedder.download_model("all-MiniLM-L6-v2", on_progress=seen.append)
    assert status["status"] == "ready"
    assert seen == [status]
    with pytest.raises(ModelNotFoundError):
        await embedder.download_model("no/such model")


async def test_tells_the_servers_health(embedder: SutraEmbedder) -> None:
    assert (await embedder.health_check())["status"] == "healthy"
