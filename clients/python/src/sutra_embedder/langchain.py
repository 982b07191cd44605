"""LangChain: `pip install "sutra-embedder[langchain]"`."""

from __future__ import annotations

try:
    from langchain_core.embeddings import Embeddings
except ImportError as error:
    raise ImportError('The LangChain adapter needs langchain-core: pip install "sutra-embedder[langchain]"') from error

from .client import SutraEmbedder
from .config import EmbeddingConfig, ModelPreset
from .result import as_lists


class SutraEmbeddings(Embeddings):
    """Embeds documents and queries by a Sutra-Embedder server.

    :param client: default one of its own, made with `base_url` and `api_key`
    :param model: a preset or the id of a model
    :param dimensions: 64 to 4096
    :param config: further options
    :param query_type: `input_type` of queries, for models that have a prompt for them
    :param document_type: `input_type` of documents
    """

    def __init__(
        self,
        *,
        client: SutraEmbedder | None = None,
        base_url: str | None = None,
        api_key: str | None = None,
        model: ModelPreset | str | None = None,
        dimensions: int | None = None,
        config: EmbeddingConfig | None = None,
        query_type: str | None = None,
        document_type: str | None = None,
    ) -> None:
        self.client = client or SutraEmbedder(api_key=api_key, base_url=base_url)
        self.model = model
        self.dimensions = dimensions
        self.config = config
        self.query_type = query_type
        self.document_type = document_type

    def embed_documents(self, texts: list[str]) -> list[list[float]]:
        vectors = self.client.embed_many(
            texts, self.dimensions, self.config, model=self.model, input_type=self.document_type
        )
        return as_lists(vectors)

    def embed_query(self, text: str) -> list[float]:
        result = self.client.embed(text, self.dimensions, self.config, model=self.model, input_type=self.query_type)
        return result.embeddings[0]

    async def aembed_documents(self, texts: list[str]) -> list[list[float]]:
        vectors = await self.client.embed_many_async(
            texts, self.dimensions, self.config, model=self.model, input_type=self.document_type
        )
        return as_lists(vectors)

    async def aembed_query(self, text: str) -> list[float]:
        result = await self.client.embed_async(
            text, self.dimensions, self.config, model=self.model, input_type=self.query_type
        )
        return result.embeddings[0]
