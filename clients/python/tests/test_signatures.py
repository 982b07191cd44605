"""The specification's names and signatures."""

from __future__ import annotations

import dataclasses
import inspect

import pytest

import sutra_embedder as sdk


@pytest.mark.parametrize(
    ("method", "parameters"),
    [
        ("__init__", ["api_key", "base_url", "timeout", "retry_attempts"]),
        ("embed", ["texts", "dimensions", "config"]),
        ("embed_async", ["texts", "dimensions", "config"]),
        ("embed_stream", ["text_stream", "config"]),
        ("get_models", ["dimensions", "hardware_profile"]),
        ("download_model", ["model_id"]),
        ("health_check", []),
    ],
)
def test_positional_parameters_are_the_specifications(method: str, parameters: list[str]) -> None:
    signature = inspect.signature(getattr(sdk.SutraEmbedder, method))
    positional = [p.name for p in signature.parameters.values() if p.kind is p.POSITIONAL_OR_KEYWORD]
    assert positional == ["self", *parameters]


def test_configs_have_the_specifications_fields() -> None:
    assert {field.name for field in dataclasses.fields(sdk.EmbeddingConfig)} == {
        "dimensions",
        "model",
        "quantization",
        "use_fp16",
        "batch_size",
        "hardware_profile",
        "binary_quantization",
    }
    assert {"dimensions", "buffer_size", "max_latency_ms", "model"} <= {
        field.name for field in dataclasses.fields(sdk.StreamingConfig)
    }


def test_presets_and_quantization_types() -> None:
    assert [preset.value for preset in sdk.ModelPreset] == ["efficient", "high-quality", "ultra-efficient", "custom"]
    assert [scheme.value for scheme in sdk.QuantizationType] == ["none", "int8", "int4", "binary"]


def test_a_result_can_be_made_by_hand() -> None:
    result = sdk.EmbeddingResult(embeddings=[[1.0, 2.0]], model_info={}, performance={}, metadata={})
    assert result.embeddings == [[1.0, 2.0]]


def test_an_error_can_be_made_by_hand() -> None:
    error = sdk.APIError("words", status_code=400, error_code="INVALID_ARGUMENT")
    assert (str(error), error.status_code, error.error_code) == ("words", 400, "INVALID_ARGUMENT")


@pytest.mark.parametrize("name", ["cosine_similarity", "batch_cosine_similarity", "find_most_similar"])
def test_functions_are_there(name: str) -> None:
    assert callable(getattr(sdk, name))


def test_everything_exported_exists() -> None:
    assert [name for name in sdk.__all__ if not hasattr(sdk, name)] == []
