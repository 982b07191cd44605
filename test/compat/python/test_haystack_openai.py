"""haystack-ai, from PyPI, against the real server."""

import openai
import pytest
from conftest import MODEL, TEXTS, same
from haystack import Document
from haystack.components.embedders import OpenAIDocumentEmbedder, OpenAITextEmbedder
from haystack.utils import Secret


def settings(url: str, key: str = "x", **more) -> dict:
    return {"api_base_url": f"{url}/v1", "api_key": Secret.from_token(key), "model": MODEL, "max_retries": 0, **more}


def test_embeds_documents_in_batches_and_texts(server, native):
    documents = OpenAIDocumentEmbedder(**settings(server, batch_size=3, progress_bar=False)).run(
        [Document(content=text) for text in TEXTS]
    )["documents"]
    same([document.embedding for document in documents], native(TEXTS))
    same([OpenAITextEmbedder(**settings(server)).run(TEXTS[0])["embedding"]], native(TEXTS[:1]))


def test_cuts_to_dimensions(server, native):
    same([OpenAITextEmbedder(**settings(server, dimensions=64)).run(TEXTS[0])["embedding"]], native(TEXTS[:1], dimensions=64))


def test_errors_are_openais(server, guarded, overloaded):
    with pytest.raises(openai.BadRequestError):
        OpenAITextEmbedder(**settings(server)).run("")
    with pytest.raises(openai.AuthenticationError):
        OpenAITextEmbedder(**settings(guarded[0], "wrong")).run("a")
    with pytest.raises(openai.RateLimitError):
        OpenAITextEmbedder(**settings(overloaded)).run("many words " * 40)
    documents = [Document(content=str(i)) for i in range(2049)]
    with pytest.raises(openai.BadRequestError):
        OpenAIDocumentEmbedder(**settings(server, batch_size=4096, progress_bar=False, raise_on_failure=True)).run(documents)
