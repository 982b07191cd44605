from __future__ import annotations

import numpy as np
import pytest
from langchain_core.documents import Document
from langchain_core.vectorstores import InMemoryVectorStore

from sutra_embedder import SutraEmbedder
from sutra_embedder.langchain import SutraEmbeddings

from .stub_server import StubServer

DOCUMENTS = ["the cat sleeps", "stocks fell sharply", "rain is expected in the north"]


@pytest.fixture
def embeddings(embedder: SutraEmbedder) -> SutraEmbeddings:
    return SutraEmbeddings(client=embedder, dimensions=256)


def test_documents_and_queries(embeddings: SutraEmbeddings, embedder: SutraEmbedder) -> None:
    vectors = embeddings.embed_documents(DOCUMENTS)
    assert np.array_equal(np.asarray(vectors, np.float32), embedder.embed(DOCUMENTS, 256).vectors)
    assert isinstance(vectors[0][0], float)
    assert embeddings.embed_query(DOCUMENTS[1]) == vectors[1]
    assert embeddings.embed_documents([]) == []


async def test_the_async_forms_give_the_same(embeddings: SutraEmbeddings) -> None:
    assert await embeddings.aembed_documents(DOCUMENTS) == embeddings.embed_documents(DOCUMENTS)
    assert await embeddings.aembed_query(DOCUMENTS[0]) == embeddings.embed_query(DOCUMENTS[0])


async def test_serves_a_vector_store(embeddings: SutraEmbeddings) -> None:
    store = InMemoryVectorStore(embeddings)
    store.add_documents([Document(text) for text in DOCUMENTS])
    assert store.similarity_search("weather forecast", k=1)[0].page_content == DOCUMENTS[2]
    assert (await store.asimilarity_search("a sleeping pet", k=1))[0].page_content == DOCUMENTS[0]


async def test_queries_and_documents_may_be_of_different_types(stub: StubServer) -> None:
    async with SutraEmbedder(base_url=stub.url) as client:
        embeddings = SutraEmbeddings(client=client, query_type="query", document_type="passage", model="some-model")
        await embeddings.aembed_query("text")
        await embeddings.aembed_documents(["text"])
    assert [seen.json["input_type"] for seen in stub.seen] == ["query", "passage"]
    assert {seen.json["model"] for seen in stub.seen} == {"some-model"}
