"""LlamaIndex: `pip install "sutra-embedder[llama-index]"`."""

from __future__ import annotations

from typing import Any

try:
    from llama_index.core.base.embeddings.base import BaseEmbedding
    from llama_index.core.bridge.pydantic import Field, PrivateAttr
except ImportError as error:
    message = 'The LlamaIndex adapter needs llama-index-core: pip install "sutra-embedder[llama-index]"'
    raise ImportError(message) from error

from .client import SutraEmbedder
from .config import ModelPreset
from .result import as_lists


class SutraEmbedding(BaseEmbedding):
    """Embeds nodes and queries by a Sutra-Embedder server."""

    model_name: str = Field(default=ModelPreset.EFFICIENT.value, description="A preset or the id of a model.")
    embed_batch_size: int = Field(default=250, gt=0, le=1000, description="Texts in one request.")
    dimensions: int | None = Field(default=None, description="64 to 4096. Default: the model's own.")
    query_type: str | None = Field(default=None, description="input_type of queries, where the model has a prompt.")
    text_type: str | None = Field(default=None, description="input_type of nodes.")

    _client: SutraEmbedder = PrivateAttr()

    def __init__(
        self,
        *,
        client: SutraEmbedder | None = None,
        base_url: str | None = None,
        api_key: str | None = None,
        **fields: Any,
    ) -> None:
        super().__init__(**fields)
        self._client = client or SutraEmbedder(api_key=api_key, base_url=base_url)

    @classmethod
    def class_name(cls) -> str:
        return "SutraEmbedding"

    def _get_query_embedding(self, query: str) -> list[float]:
        return self._client.embed(query, **self._options(self.query_type)).embeddings[0]

    def _get_text_embedding(self, text: str) -> list[float]:
        return self._get_text_embeddings([text])[0]

    def _get_text_embeddings(self, texts: list[str]) -> list[list[float]]:
        return as_lists(self._client.embed_many(texts, **self._options(self.text_type)))

    async def _aget_query_embedding(self, query: str) -> list[float]:
        return (await self._client.embed_async(query, **self._options(self.query_type))).embeddings[0]

    async def _aget_text_embedding(self, text: str) -> list[float]:
        return (await self._aget_text_embeddings([text]))[0]

    async def _aget_text_embeddings(self, texts: list[str]) -> list[list[float]]:
        return as_lists(await self._client.embed_many_async(texts, **self._options(self.text_type)))

    def _options(self, input_type: str | None) -> dict[str, Any]:
        return {"model": self.model_name, "dimensions": self.dimensions, "input_type": input_type}
