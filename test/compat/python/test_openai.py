"""openai, from PyPI, against the real server."""

import openai
import pytest
from conftest import MODEL, TEXTS, same

LONG = "many words " * 40


def client(url: str, key: str = "sk-anything") -> openai.OpenAI:
    return openai.OpenAI(base_url=f"{url}/v1", api_key=key, max_retries=0)


def test_embeds_in_its_default_format_which_is_base64(server, native):
    answer = client(server).embeddings.create(model=MODEL, input=TEXTS)
    same([one.embedding for one in answer.data], native(TEXTS))
    assert [one.index for one in answer.data] == [0, 1, 2, 3]
    assert answer.usage.prompt_tokens == answer.usage.total_tokens > len(TEXTS)
    assert answer.model == MODEL


def test_embeds_one_text_as_numbers(server, native):
    answer = client(server).embeddings.create(model=MODEL, input=TEXTS[1], encoding_format="float", user="somebody")
    same([answer.data[0].embedding], native(TEXTS[1:2]))


def test_cuts_to_dimensions(server, native):
    answer = client(server).embeddings.create(model=MODEL, input=TEXTS, dimensions=128)
    same([one.embedding for one in answer.data], native(TEXTS, dimensions=128))


def test_embeds_a_batch_as_large_as_openai_takes(server, native):
    texts = [f"text {i}" for i in range(2048)]
    answer = client(server).embeddings.create(model=MODEL, input=texts)
    same([answer.data[i].embedding for i in (0, 1000, 2047)], native([texts[0], texts[1000], texts[2047]]))


async def embed_async(url: str):
    async with openai.AsyncOpenAI(base_url=f"{url}/v1", api_key="x") as asynchronous:
        return await asynchronous.embeddings.create(model=MODEL, input=TEXTS)


def test_embeds_asynchronously(server, native):
    import asyncio

    same([one.embedding for one in asyncio.run(embed_async(server)).data], native(TEXTS))


def test_lists_models(server):
    ids = {model.id for model in client(server).models.list()}
    assert {"efficient", MODEL, "text-embedding-3-small"} <= ids
    assert client(server).models.retrieve(MODEL).owned_by == "sentence-transformers"
    with pytest.raises(openai.NotFoundError):
        client(server).models.retrieve("gpt-4")


@pytest.mark.parametrize(
    ("body", "param"),
    [
        ({"input": ""}, "input"),
        ({"input": []}, "input"),
        ({"input": ["a", ""]}, "input[1]"),
        ({"input": ["x"] * 2049}, "input"),
        ({"input": "a", "dimensions": 3}, "dimensions"),
        ({"input": [[15339, 1917]]}, "input"),
    ],
)
def test_what_openai_refuses_is_a_bad_request(server, body, param):
    with pytest.raises(openai.BadRequestError) as caught:
        client(server).embeddings.create(model=MODEL, **body)
    assert (caught.value.param, caught.value.type) == (param, "invalid_request_error")


def test_ids_of_another_tokenizer_are_refused_with_what_to_do(server):
    with pytest.raises(openai.BadRequestError, match="check_embedding_ctx_length=False"):
        client(server).embeddings.create(model=MODEL, input=[[15339, 1917]])


def test_a_model_that_is_not_here_is_not_found(server):
    with pytest.raises(openai.NotFoundError, match=MODEL) as caught:
        client(server).embeddings.create(model="text-embedding-3-large", input="a")
    assert caught.value.code == "model_not_found"


def test_a_wrong_key_is_an_authentication_error(guarded, native):
    url, key = guarded
    same([client(url, key).embeddings.create(model=MODEL, input="a").data[0].embedding], native(["a"]))
    with pytest.raises(openai.AuthenticationError) as caught:
        client(url, "sk-wrong").embeddings.create(model=MODEL, input="a")
    assert caught.value.code == "invalid_api_key"


def test_overload_is_a_rate_limit_error_with_the_time_to_wait(overloaded):
    with pytest.raises(openai.RateLimitError) as caught:
        client(overloaded).embeddings.create(model=MODEL, input=[LONG])
    assert int(caught.value.response.headers["retry-after"]) >= 1
