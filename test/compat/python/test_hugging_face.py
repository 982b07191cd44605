"""huggingface_hub and langchain-huggingface, from PyPI, against the real server as text-embeddings-inference."""

import asyncio
import urllib.request

import numpy as np
import pytest
from conftest import MODEL, TEXTS, same
from huggingface_hub import AsyncInferenceClient, InferenceClient
from huggingface_hub.errors import HfHubHTTPError
from langchain_huggingface import HuggingFaceEndpointEmbeddings


def client(url: str, key: str | None = None) -> InferenceClient:
    return InferenceClient(base_url=f"{url}/embed?model={MODEL}", token=key or "unused")


def test_embeds_one_text_and_several(server, native):
    same(client(server).feature_extraction(TEXTS), native(TEXTS))
    same(client(server).feature_extraction(TEXTS[0]), native(TEXTS[:1]))
    same(client(server).feature_extraction(TEXTS, dimensions=128), native(TEXTS, dimensions=128))


def test_serves_the_default_model_at_the_root(server, native):
    same(InferenceClient(base_url=server).feature_extraction(TEXTS), native(TEXTS, model="efficient"))


def test_embeds_asynchronously(server, native):
    asynchronous = AsyncInferenceClient(base_url=f"{server}/embed?model={MODEL}")
    same(asyncio.run(asynchronous.feature_extraction(TEXTS)), native(TEXTS))


def test_normalizes_and_truncates_as_asked(server, native):
    long = "first " + "word " * 400
    raw = client(server).feature_extraction(TEXTS, normalize=False)
    lengths = np.linalg.norm(raw, axis=1, keepdims=True)
    assert np.abs(lengths - 1).max() > 0.1
    np.testing.assert_allclose(raw / lengths, native(TEXTS), atol=1e-6)
    left = client(server).feature_extraction(long, truncate=True, truncation_direction="left")
    same(left, native([long], truncate="start"))


def test_compares_sentences_and_is_healthy(server):
    cosines = InferenceClient(base_url=f"{server}/similarity").sentence_similarity("a cat", other_sentences=["a kitten", "a car"])
    assert cosines[0] > cosines[1]
    # Its own health_check refuses addresses in this version.
    with urllib.request.urlopen(f"{server}/health") as answer:
        assert (answer.status, answer.read()) == (200, b"")


def langchain(url: str, key: str | None = None) -> HuggingFaceEndpointEmbeddings:
    # It takes no address of its own in this version, but the client that has one.
    embeddings = HuggingFaceEndpointEmbeddings(model=MODEL, huggingfacehub_api_token="unused")
    embeddings.client = client(url, key)
    return embeddings


def test_langchain_embeds_documents_and_queries(server, native):
    same(langchain(server).embed_documents(TEXTS), native(TEXTS))
    same([langchain(server).embed_query(TEXTS[0])], native(TEXTS[:1]))


@pytest.mark.parametrize("embed", [lambda url, texts, key=None: client(url, key).feature_extraction(texts), lambda url, texts, key=None: langchain(url, key).embed_documents(texts)])
def test_errors_are_http_errors_with_the_servers_words(server, guarded, overloaded, embed):
    for url, texts, key, status in [
        (server, [], None, 400),
        (server, ["a", ""], None, 400),
        (server, ["x"] * 1001, None, 413),
        (guarded[0], ["a"], "wrong", 401),
        (overloaded, ["many words " * 40], None, 429),
    ]:
        with pytest.raises(HfHubHTTPError) as caught:
            embed(url, texts, key)
        assert caught.value.response.status_code == status
    with pytest.raises(HfHubHTTPError, match="402 tokens"):
        client(server).feature_extraction("word " * 400, truncate=False)


def test_a_key_is_taken(guarded, native):
    url, key = guarded
    same(client(url, key).feature_extraction(TEXTS), native(TEXTS))
