"""ollama, from PyPI, against the real server."""

import asyncio

import ollama
import pytest
from conftest import MODEL, TEXTS, same


def client(url: str, key: str | None = None) -> ollama.Client:
    return ollama.Client(host=url, headers={"Authorization": f"Bearer {key}"} if key else None)


@pytest.mark.parametrize("model", ["all-minilm", "all-minilm:latest", MODEL])
def test_embeds(server, native, model):
    answer = client(server).embed(model=model, input=TEXTS, keep_alive="5m")
    same(answer.embeddings, native(TEXTS))
    assert answer.model == model
    assert answer.prompt_eval_count > len(TEXTS)
    same(client(server).embed(model=model, input=TEXTS[0]).embeddings, native(TEXTS[:1]))
    same([client(server).embeddings(model=model, prompt=TEXTS[0]).embedding], native(TEXTS[:1]))


def test_embeds_asynchronously_and_cuts_to_dimensions(server, native):
    answer = asyncio.run(ollama.AsyncClient(host=server).embed(model=MODEL, input=TEXTS, dimensions=128))
    same(answer.embeddings, native(TEXTS, dimensions=128))


def test_no_text_has_no_vector(server):
    assert client(server).embed(model=MODEL, input="").embeddings == []
    assert client(server).embed(model=MODEL, input=[]).embeddings == []


def test_lists_shows_and_pulls(server):
    models = {model.model: model for model in client(server).list().models}
    assert models[f"{MODEL}:latest"].size > 1_000_000
    assert models[f"{MODEL}:latest"].details.family == "bert"
    shown = client(server).show("all-minilm")
    assert shown.capabilities == ["embedding"]
    assert shown.modelinfo["bert.embedding_length"] == 384
    lines = [line.status for line in client(server).pull("all-minilm", stream=True)]
    assert (lines[0], lines[-1]) == ("pulling manifest", "success")
    assert client(server).pull(MODEL).status == "success"


@pytest.mark.parametrize(
    ("body", "status"),
    [
        ({"model": "nowhere", "input": "x"}, 404),
        ({"model": MODEL, "input": "x", "dimensions": 3}, 400),
        ({"model": MODEL, "input": "word " * 400, "truncate": False}, 400),
        ({"model": MODEL, "input": ["x" * 1000] * 11_000}, 413),
    ],
)
def test_what_cannot_be_served_is_a_response_error(server, body, status):
    with pytest.raises(ollama.ResponseError) as caught:
        client(server).embed(**body)
    assert caught.value.status_code == status
    assert not caught.value.error.startswith("{")


def test_a_pull_of_what_nobody_has_is_a_response_error(server):
    with pytest.raises(ollama.ResponseError):
        client(server).pull("nowhere")


def test_a_wrong_key_is_a_response_error(guarded, native):
    url, key = guarded
    same(client(url, key).embed(model=MODEL, input=TEXTS).embeddings, native(TEXTS))
    with pytest.raises(ollama.ResponseError) as caught:
        client(url, "wrong").embed(model=MODEL, input="x")
    assert caught.value.status_code == 401


def test_overload_is_a_response_error(overloaded):
    with pytest.raises(ollama.ResponseError) as caught:
        client(overloaded).embed(model=MODEL, input="many words " * 40)
    assert caught.value.status_code == 429
