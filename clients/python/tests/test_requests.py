"""What is sent, and where to."""

from __future__ import annotations

import pytest

from sutra_embedder import EmbeddingConfig, InvalidArgumentError, ModelPreset, QuantizationType, SutraEmbedder

from .stub_server import StubServer, refused


async def sent(stub: StubServer, embedder: SutraEmbedder | None = None, *args: object, **options: object) -> object:
    client = embedder or SutraEmbedder(base_url=stub.url)
    async with client:
        await client.embed_async(["text"], *args, **options)  # type: ignore[arg-type]
    return stub.seen[-1].json


async def test_only_what_was_set_is_sent(stub: StubServer) -> None:
    assert await sent(stub) == {"texts": ["text"], "encoding_format": "packed"}
    assert await sent(stub, None, None, EmbeddingConfig()) == {"texts": ["text"], "encoding_format": "packed"}
    config = EmbeddingConfig(quantization=QuantizationType.NONE, use_fp16=False, batch_size=8)
    assert await sent(stub, None, None, config) == {
        "texts": ["text"],
        "encoding_format": "base64",
        "config": {"quantization": "none", "use_fp16": False, "batch_size": 8},
    }


async def test_an_argument_wins_over_the_config(stub: StubServer) -> None:
    config = EmbeddingConfig(dimensions=128, model=ModelPreset.HIGH_QUALITY)
    body = await sent(stub, None, None, config)
    assert body == {"texts": ["text"], "encoding_format": "base64", "dimensions": 128, "model": "high-quality"}
    body = await sent(stub, None, 256, config, model="all-MiniLM-L6-v2")
    assert body == {"texts": ["text"], "encoding_format": "base64", "dimensions": 256, "model": "all-MiniLM-L6-v2"}


async def test_the_key_is_optional_and_travels_as_bearer(stub: StubServer, monkeypatch: pytest.MonkeyPatch) -> None:
    await sent(stub)
    assert "authorization" not in stub.seen[-1].headers
    await sent(stub, SutraEmbedder("secret", stub.url, headers={"x-team": "blue"}))
    assert stub.seen[-1].headers["authorization"] == "Bearer secret"
    assert stub.seen[-1].headers["x-team"] == "blue"
    monkeypatch.setenv("SUTRA_API_KEY", "of the environment")
    await sent(stub)
    assert stub.seen[-1].headers["authorization"] == "Bearer of the environment"


def test_the_key_shows_nowhere() -> None:
    assert "secret" not in repr(SutraEmbedder("secret"))
    assert "secret" not in repr(vars(SutraEmbedder("secret")))


def test_base_url_is_loopback_unless_said_otherwise(monkeypatch: pytest.MonkeyPatch) -> None:
    assert SutraEmbedder().base_url == "http://127.0.0.1:8080/v1"
    monkeypatch.setenv("SUTRA_BASE_URL", "https://embed.example/")
    assert SutraEmbedder().base_url == "https://embed.example/v1"
    assert SutraEmbedder(base_url="http://[::1]:9/prefix/v1/").base_url == "http://[::1]:9/prefix/v1"


@pytest.mark.parametrize("url", ["embed.example", "ftp://embed.example", "http://"])
def test_refuses_what_is_no_url(url: str) -> None:
    with pytest.raises(ValueError, match="base_url must be an http or https URL"):
        SutraEmbedder(base_url=url)


async def test_says_which_client_it_is(stub: StubServer) -> None:
    await sent(stub)
    assert stub.seen[-1].headers["x-sutra-client"].startswith("python/1.")
    assert stub.seen[-1].path == "/v1/embeddings"


@pytest.mark.parametrize("numbers", [{"timeout": 0}, {"retry_attempts": 0}])
def test_refuses_numbers_out_of_range(numbers: dict[str, int]) -> None:
    with pytest.raises(ValueError, match="timeout must be above 0"):
        SutraEmbedder(**numbers)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("config", "encoding"),
    [
        (EmbeddingConfig(), "packed"),
        (EmbeddingConfig(model=ModelPreset.ULTRA_EFFICIENT), "packed"),
        (EmbeddingConfig(model=ModelPreset.HIGH_QUALITY), "base64"),
        (EmbeddingConfig(model="some-model"), "base64"),
        (EmbeddingConfig(model="some-model", quantization="int4"), "packed"),
        (EmbeddingConfig(model="some-model", binary_quantization=True), "packed"),
        (EmbeddingConfig(quantization=QuantizationType.NONE), "base64"),
    ],
)
async def test_codes_travel_where_vectors_are_coded(stub: StubServer, config: EmbeddingConfig, encoding: str) -> None:
    body = await sent(stub, None, None, config)
    assert isinstance(body, dict)
    assert body["encoding_format"] == encoding


async def test_a_preset_without_codes_is_asked_for_values(stub: StubServer) -> None:
    stub.answers = [refused(400, "INVALID_ARGUMENT", details={"field": "encoding_format"})]
    async with SutraEmbedder(base_url=stub.url) as embedder:
        await embedder.embed_async("text")
        await embedder.embed_async("text")
        assert [seen.json["encoding_format"] for seen in stub.seen] == ["packed", "base64", "base64"]
        stub.answers = [refused(400, "INVALID_ARGUMENT", details={"field": "encoding_format"})]
        with pytest.raises(InvalidArgumentError):
            await embedder.embed_async("text", packed=True)
