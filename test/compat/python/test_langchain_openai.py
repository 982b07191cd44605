"""langchain-openai, from PyPI, against the real server."""

import openai
import pytest
from conftest import MODEL, TEXTS, same
from langchain_openai import OpenAIEmbeddings


def embeddings(url: str, key: str = "x", **more) -> OpenAIEmbeddings:
    # It sends ids of OpenAI's tokenizer unless it is told that the server takes texts.
    return OpenAIEmbeddings(base_url=f"{url}/v1", api_key=key, model=MODEL, check_embedding_ctx_length=False, max_retries=0, **more)


def test_embeds_documents_in_batches_and_queries(server, native):
    same(embeddings(server, chunk_size=3).embed_documents(TEXTS), native(TEXTS))
    same([embeddings(server).embed_query(TEXTS[0])], native(TEXTS[:1]))


def test_cuts_to_dimensions(server, native):
    same(embeddings(server, dimensions=64).embed_documents(TEXTS), native(TEXTS, dimensions=64))


def test_errors_are_openais(server, guarded, overloaded):
    with pytest.raises(openai.BadRequestError):
        embeddings(server).embed_documents([""])
    with pytest.raises(openai.AuthenticationError):
        embeddings(guarded[0], "wrong").embed_query("a")
    with pytest.raises(openai.RateLimitError):
        embeddings(overloaded).embed_query("many words " * 40)
    with pytest.raises(openai.BadRequestError):
        embeddings(server, chunk_size=4096).embed_documents(["x"] * 2049)
