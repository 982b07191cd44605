from __future__ import annotations

import numpy as np
import pytest
from llama_index.core import VectorStoreIndex
from llama_index.core.schema import TextNode

from sutra_embedder import SutraEmbedder
from sutra_embedder.llama_index import SutraEmbedding

from .stub_server import StubServer

TEXTS = ["the cat sleeps", "stocks fell sharply", "rain is expected in the north"]


@pytest.fixture
def embedding(embedder: SutraEmbedder) -> SutraEmbedding:
    return SutraEmbedding(client=embedder, dimensions=256)


def test_texts_and_queries(embedding: SutraEmbedding, embedder: SutraEmbedder) -> None:
    vectors = embedding.get_text_embedding_batch(TEXTS)
    assert np.array_equal(np.asarray(vectors, np.float32), embedder.embed(TEXTS, 256).vectors)
    assert embedding.get_text_embedding(TEXTS[1]) == vectors[1]
    assert embedding.get_query_embedding(TEXTS[2]) == vectors[2]


async def test_the_async_forms_give_the_same(embedding: SutraEmbedding) -> None:
    assert await embedding.aget_text_embedding_batch(TEXTS) == embedding.get_text_embedding_batch(TEXTS)
    assert await embedding.aget_query_embedding(TEXTS[0]) == embedding.get_query_embedding(TEXTS[0])
    assert await embedding.aget_text_embedding(TEXTS[0]) == embedding.get_text_embedding(TEXTS[0])


def test_serves_an_index(embedding: SutraEmbedding) -> None:
    index = VectorStoreIndex([TextNode(text=text) for text in TEXTS], embed_model=embedding)
    found = index.as_retriever(similarity_top_k=1).retrieve("weather forecast")
    assert found[0].node.get_content() == TEXTS[2]


async def test_queries_and_texts_may_be_of_different_types(stub: StubServer) -> None:
    async with SutraEmbedder(base_url=stub.url) as client:
        embedding = SutraEmbedding(client=client, model_name="some-model", query_type="query", text_type="passage")
        await embedding.aget_query_embedding("text")
        await embedding.aget_text_embedding("text")
    assert [seen.json["input_type"] for seen in stub.seen] == ["query", "passage"]
    assert {seen.json["model"] for seen in stub.seen} == {"some-model"}


def test_names_itself() -> None:
    assert SutraEmbedding.class_name() == "SutraEmbedding"
    assert SutraEmbedding().model_name == "efficient"
