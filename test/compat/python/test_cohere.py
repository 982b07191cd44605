"""cohere, from PyPI, against the real server."""

import base64

import cohere
import numpy as np
import pytest
from cohere.core import RequestOptions
from conftest import MODEL, TEXTS, same

LONG = "many words " * 40
AT_ONCE = RequestOptions(max_retries=0)


def embed(url: str, key: str = "anything", **more):
    request = {"model": MODEL, "texts": TEXTS, "input_type": "search_document", **more}
    return cohere.ClientV2(key, base_url=url).embed(**request, request_options=AT_ONCE)


def test_embeds(server, native):
    answer = embed(server, embedding_types=["float"])
    same(answer.embeddings.float_, native(TEXTS))
    assert answer.texts == TEXTS
    assert answer.meta.billed_units.input_tokens > len(TEXTS)


def test_cuts_to_dimensions(server, native):
    same(embed(server, output_dimension=128).embeddings.float_, native(TEXTS, dimensions=128))


def test_gives_every_type_of_the_same_vectors(server, native):
    types = ["float", "int8", "uint8", "binary", "ubinary", "base64"]
    found = embed(server, embedding_types=types).embeddings
    vectors = native(TEXTS)
    same(found.float_, vectors)
    same([np.frombuffer(base64.b64decode(one), "<f4") for one in found.base64], vectors)
    bits = np.packbits(vectors > 0, axis=1)
    np.testing.assert_array_equal(found.ubinary, bits)
    np.testing.assert_array_equal(found.binary, bits.astype(int) - 128)
    np.testing.assert_array_equal(found.uint8, np.array(found.int8) + 128)
    codes = np.array(found.int8, dtype=np.float64)
    cosines = (codes * vectors).sum(1) / np.linalg.norm(codes, axis=1)
    assert cosines.min() > 0.9999


def test_the_older_client_embeds_in_batches(server, native):
    texts = [f"text {i}" for i in range(200)]
    answer = cohere.Client("anything", base_url=server).embed(texts=texts, model=MODEL, input_type="search_query")
    same([answer.embeddings[i] for i in (0, 100, 199)], native([texts[0], texts[100], texts[199]]))


@pytest.mark.parametrize(
    "body",
    [{"texts": []}, {"texts": ["x"] * 97}, {"output_dimension": 3}, {"texts": ["word " * 400], "truncate": "NONE"}],
)
def test_what_cannot_be_served_is_a_bad_request(server, body):
    with pytest.raises(cohere.BadRequestError) as caught:
        embed(server, **body)
    assert caught.value.body["message"]


def test_a_model_that_is_not_here_is_not_found(server):
    with pytest.raises(cohere.NotFoundError) as caught:
        embed(server, model="embed-v4.0")
    assert MODEL in caught.value.body["message"]


def test_images_are_not_implemented(server):
    with pytest.raises(cohere.NotImplementedError):
        embed(server, texts=None, images=["data:image/png;base64,"], input_type="image")


def test_a_wrong_key_is_unauthorized(guarded, native):
    url, key = guarded
    same(embed(url, key).embeddings.float_, native(TEXTS))
    with pytest.raises(cohere.UnauthorizedError):
        embed(url, "wrong")


def test_overload_is_too_many_requests(overloaded):
    with pytest.raises(cohere.TooManyRequestsError) as caught:
        embed(overloaded, texts=[LONG])
    assert int(caught.value.headers["retry-after"]) >= 1
