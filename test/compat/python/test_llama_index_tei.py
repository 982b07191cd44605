"""llama-index-embeddings-text-embeddings-inference, from PyPI, against the real server."""

import pytest
from conftest import MODEL, TEXTS, same
from llama_index.embeddings.text_embeddings_inference import TextEmbeddingsInference


def embedding(url: str, key: str | None = None, **more) -> TextEmbeddingsInference:
    # It puts instructions before texts for models that it knows by name.
    settings = {"model_name": MODEL, "text_instruction": "", "query_instruction": "", **more}
    return TextEmbeddingsInference(base_url=url, endpoint=f"/embed?model={MODEL}", auth_token=key, **settings)


def test_embeds_batches_and_queries(server, native):
    same(embedding(server, embed_batch_size=3).get_text_embedding_batch(TEXTS), native(TEXTS))
    same([embedding(server).get_query_embedding(TEXTS[0])], native(TEXTS[:1]))


def test_takes_a_key(guarded, native):
    url, key = guarded
    same([embedding(url, f"{key}").get_text_embedding("a")], native(["a"]))


def test_an_error_is_no_vector(server, guarded, overloaded):
    # It looks at no status: the reply of an error holds no vector, here as with text-embeddings-inference.
    with pytest.raises(KeyError):
        embedding(server).get_text_embedding("")
    with pytest.raises(KeyError):
        embedding(guarded[0], "wrong").get_text_embedding("a")
    with pytest.raises(KeyError):
        embedding(overloaded).get_text_embedding("many words " * 40)
