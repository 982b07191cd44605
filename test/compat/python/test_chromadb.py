"""chromadb's embedding functions, from PyPI, against the real server."""

import openai
import pytest
from chromadb.utils.embedding_functions import OpenAIEmbeddingFunction
from conftest import MODEL, TEXTS, same


def function(url: str, key: str = "x", **more) -> OpenAIEmbeddingFunction:
    return OpenAIEmbeddingFunction(api_base=f"{url}/v1", api_key=key, model_name=MODEL, **more)


def test_embeds(server, native):
    same(function(server)(TEXTS), native(TEXTS))


def test_cuts_to_dimensions(server, native):
    # It sends dimensions for names of this family only; here the operator has given the name to another model.
    small = OpenAIEmbeddingFunction(
        api_base=f"{server}/v1", api_key="x", model_name="text-embedding-3-small", dimensions=64
    )
    same(small(TEXTS), native(TEXTS, dimensions=64))


def test_errors_are_openais(server, guarded, overloaded):
    with pytest.raises(openai.BadRequestError):
        function(server)(["", "a"])
    with pytest.raises(openai.AuthenticationError):
        function(guarded[0], "wrong")(["a"])
    at_once = function(overloaded)
    # It has no such parameter; the client inside would wait as long as it is told to, and then be served.
    at_once.client.max_retries = 0
    with pytest.raises(openai.RateLimitError):
        at_once(["many words " * 40])
    with pytest.raises(openai.BadRequestError):
        function(server)(["x"] * 2049)
