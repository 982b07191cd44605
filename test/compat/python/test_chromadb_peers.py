"""chromadb's embedding functions for Hugging Face's server, Cohere and Ollama, from PyPI, against the real server."""

import cohere
import ollama
import pytest
from chromadb.utils.embedding_functions import (
    CohereEmbeddingFunction,
    HuggingFaceEmbeddingServer,
    OllamaEmbeddingFunction,
)
from conftest import MODEL, TEXTS, same


def cohere_function(url: str, monkeypatch, key: str = "anything") -> CohereEmbeddingFunction:
    monkeypatch.setenv("CHROMA_COHERE_API_KEY", key)
    function = CohereEmbeddingFunction(model_name=MODEL)
    # It takes no address; Cohere's client reads CO_API_URL once, when it is imported.
    function.client = cohere.Client(key, base_url=url)
    return function


def test_hugging_face_server(server, native):
    same(HuggingFaceEmbeddingServer(url=f"{server}/embed?model={MODEL}")(TEXTS), native(TEXTS))


def test_ollama(server, guarded, native):
    same(OllamaEmbeddingFunction(url=server, model_name="all-minilm")(TEXTS), native(TEXTS))
    # The name that it asks for by default.
    same(OllamaEmbeddingFunction(url=server)(TEXTS), native(TEXTS))
    with pytest.raises(ollama.ResponseError):
        OllamaEmbeddingFunction(url=guarded[0], model_name="all-minilm")(["a"])


def test_cohere(server, guarded, native, monkeypatch):
    same(cohere_function(server, monkeypatch)(TEXTS), native(TEXTS))
    with pytest.raises(cohere.UnauthorizedError):
        cohere_function(guarded[0], monkeypatch, "wrong")(["a"])
