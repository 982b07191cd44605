"""haystack-ai with its Hugging Face integration, from PyPI, against the real server over HTTP and gRPC."""

import socket

import pytest
from conftest import MODEL, TEXTS, running, same
from haystack import Document
from haystack.utils import Secret
from haystack_integrations.components.embedders.huggingface_api import (
    HuggingFaceAPIDocumentEmbedder,
    HuggingFaceAPITextEmbedder,
)
from huggingface_hub.errors import HfHubHTTPError


def settings(url: str, key: str | None = None, **more) -> dict:
    return {
        "api_type": "text_embeddings_inference",
        "api_params": {"url": f"{url}/embed?model={MODEL}"},
        "token": Secret.from_token(key) if key else None,
        "normalize": True,
        **more,
    }


def test_embeds_documents_in_batches_and_texts(server, native):
    documents = HuggingFaceAPIDocumentEmbedder(**settings(server, batch_size=3, progress_bar=False)).run(
        [Document(content=text) for text in TEXTS]
    )["documents"]
    same([document.embedding for document in documents], native(TEXTS))
    same([HuggingFaceAPITextEmbedder(**settings(server)).run(TEXTS[0])["embedding"]], native(TEXTS[:1]))


def test_errors_are_http_errors(server, guarded, overloaded):
    for url, text, key, status in [
        (server, "", None, 400),
        (guarded[0], "a", "wrong", 401),
        (overloaded, "many words " * 40, None, 429),
    ]:
        with pytest.raises(HfHubHTTPError) as caught:
            HuggingFaceAPITextEmbedder(**settings(url, key)).run(text)
        assert caught.value.response.status_code == status


def test_embeds_over_grpc(native):
    import grpc

    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    with running(SUTRA_GRPC_PORT=str(port)):
        grpc_settings = settings("", api_params={"url": f"127.0.0.1:{port}"}, use_grpc=True)
        text = HuggingFaceAPITextEmbedder(**grpc_settings)
        same([text.run(TEXTS[1])["embedding"]], native(TEXTS[1:2], model="efficient"))
        documents = HuggingFaceAPIDocumentEmbedder(**grpc_settings, progress_bar=False).run(
            [Document(content=one) for one in TEXTS]
        )["documents"]
        same([document.embedding for document in documents], native(TEXTS, model="efficient"))
        with pytest.raises(grpc.RpcError) as caught:
            text.run("")
        assert caught.value.code() is grpc.StatusCode.INVALID_ARGUMENT
