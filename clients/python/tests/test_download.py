"""Downloads of a model, by the real server from a local stand-in for the hub."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Iterator
from typing import Any

import pytest

from sutra_embedder import DownloadFailedError, ModelNotAvailableError, SutraEmbedder

from .real_server import REPOSITORY, RealServer


@pytest.fixture(scope="module")
def downloader() -> Iterator[SutraEmbedder]:
    stand_in = ["node", "--import", "tsx", "test/models/hub-stand-in-process.ts"]
    with subprocess.Popen(stand_in, cwd=REPOSITORY, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as hub:
        assert hub.stdin
        assert hub.stdout
        where = json.loads(hub.stdout.readline())
        server = RealServer(
            {
                "SUTRA_MODEL_STORE": f"{where['home']}/store",
                "SUTRA_CATALOGUE": where["catalogue"],
                "HF_ENDPOINT": where["url"],
                "HF_HUB_CACHE": f"{where['home']}/cache",
            }
        )
        server.start()
        try:
            with SutraEmbedder(base_url=server.url, retry_attempts=1) as embedder:
                yield embedder
        finally:
            server.kill()
            hub.stdin.close()


async def test_waits_until_it_is_ready_and_tells_how_far_it_is(downloader: SutraEmbedder) -> None:
    with pytest.raises(ModelNotAvailableError):
        await downloader.embed_async("hello", model="tiny")
    told: list[dict[str, Any]] = []
    status = await downloader.download_model("tiny", on_progress=told.append, poll_interval=0.1)
    assert (status["status"], status["progress"]) == ("ready", 1)
    assert told[-1] is status
    progress = [step["progress"] for step in told]
    assert sum(0 < part < 1 for part in progress) > 2
    assert progress == sorted(progress)


async def test_raises_with_the_reason_where_it_fails(downloader: SutraEmbedder) -> None:
    with pytest.raises(DownloadFailedError, match="pooling"):
        await downloader.download_model("contradicted", poll_interval=0.1)
