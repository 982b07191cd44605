"""llama-index-embeddings-openai, from PyPI, against the real server."""

import openai
import pytest
from conftest import MODEL, TEXTS, same
from llama_index.embeddings.openai import OpenAIEmbedding


def embedding(url: str, key: str = "x", **more) -> OpenAIEmbedding:
    return OpenAIEmbedding(api_base=f"{url}/v1", api_key=key, model_name=MODEL, max_retries=0, **more)


def test_embeds_batches_and_queries(server, native):
    same(embedding(server, embed_batch_size=3).get_text_embedding_batch(TEXTS), native(TEXTS))
    same([embedding(server).get_query_embedding(TEXTS[0])], native(TEXTS[:1]))


def test_cuts_to_dimensions(server, native):
    same(embedding(server, dimensions=64).get_text_embedding_batch(TEXTS), native(TEXTS, dimensions=64))


def test_errors_are_openais(server, guarded, overloaded):
    with pytest.raises(openai.BadRequestError):
        embedding(server).get_text_embedding("")
    with pytest.raises(openai.AuthenticationError):
        embedding(guarded[0], "wrong").get_text_embedding("a")
    with pytest.raises(openai.RateLimitError):
        embedding(overloaded).get_text_embedding("many words " * 40)
    with pytest.raises(openai.BadRequestError):
        embedding(server, embed_batch_size=2048, additional_kwargs={"dimensions": 3}).get_text_embedding_batch(["x"])
