from __future__ import annotations

from collections.abc import AsyncIterator, Iterator

import pytest
import pytest_asyncio

from sutra_embedder import SutraEmbedder

from .real_server import RealServer
from .stub_server import StubServer


@pytest.fixture(autouse=True)
def _no_variables(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("SUTRA_BASE_URL", "SUTRA_API_KEY"):
        monkeypatch.delenv(name, raising=False)


@pytest.fixture(scope="session")
def server() -> Iterator[RealServer]:
    server = RealServer()
    server.start()
    yield server
    server.kill()


@pytest.fixture
def embedder(server: RealServer) -> Iterator[SutraEmbedder]:
    with SutraEmbedder(base_url=server.url) as embedder:
        yield embedder


@pytest_asyncio.fixture
async def stub() -> AsyncIterator[StubServer]:
    async with StubServer() as stub:
        yield stub
