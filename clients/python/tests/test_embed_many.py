"""Many texts: order, bounds, and a server that dies meanwhile."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import AsyncIterator, Iterator

import numpy as np
import pytest

from sutra_embedder import APIError, Progress, SutraEmbedder
from sutra_embedder.batches import CHARACTERS, batches_of

from .real_server import RealServer
from .stub_server import Answer, Seen, StubServer, refused, served, vectors_for


def numbered(count: int) -> list[str]:
    return [f"text number {number}" for number in range(count)]


def expected(texts: list[str]) -> np.ndarray[tuple[int, ...], np.dtype[np.float32]]:
    return np.frombuffer(b"".join(vectors_for(texts)), "<f4").reshape(len(texts), -1)


class Load:
    """Answers after a while, the later requests sooner, and watches how many there are at once."""

    def __init__(self) -> None:
        self.now = self.most = self.begun = 0

    async def __call__(self, seen: Seen) -> Answer:
        self.begun += 1
        self.now += 1
        self.most = max(self.most, self.now)
        await asyncio.sleep(0.02 / self.begun)
        self.now -= 1
        return served(seen.json["texts"])


async def test_order_is_kept_and_concurrency_bounded(stub: StubServer) -> None:
    stub.handler = load = Load()
    texts = numbered(103)
    async with SutraEmbedder(base_url=stub.url) as embedder:
        vectors = await embedder.embed_many_async(texts, texts_per_request=10, concurrency=3)
    assert np.array_equal(vectors, expected(texts))
    assert load.most == 3
    assert [len(seen.json["texts"]) for seen in stub.seen] == [10] * 10 + [3]


async def test_the_blocking_form_does_the_same(stub: StubServer) -> None:
    stub.handler = load = Load()
    texts = numbered(103)
    progress: list[Progress] = []
    embedder = SutraEmbedder(base_url=stub.url)
    vectors = await asyncio.to_thread(
        embedder.embed_many, texts, texts_per_request=10, concurrency=3, on_progress=progress.append
    )
    await asyncio.to_thread(embedder.close)
    assert np.array_equal(vectors, expected(texts))
    assert load.most == 3
    assert progress[-1] == Progress(done=103, total=103, requests=11, retries=0)
    assert [step.done for step in progress] == sorted(step.done for step in progress)


async def test_sources_may_be_asynchronous_and_endless(stub: StubServer) -> None:
    taken = 0

    async def endless() -> AsyncIterator[str]:
        nonlocal taken
        while True:
            taken += 1
            yield f"text number {taken - 1}"

    starts: list[int] = []
    async with SutraEmbedder(base_url=stub.url) as embedder:
        batches = embedder.embed_batches_async(endless(), texts_per_request=5, concurrency=2)
        async for batch in batches:
            starts.append(batch.start)
            assert np.array_equal(batch.vectors, expected(batch.texts))
            if len(starts) == 4:
                break
        await batches.aclose()
    assert starts == [0, 5, 10, 15]
    assert taken <= 5 * (4 + 2 * 2 + 4)


async def test_a_blocking_source_is_read_in_the_callers_thread(stub: StubServer) -> None:
    threads: set[int] = set()

    def source() -> Iterator[str]:
        for text in numbered(30):
            threads.add(threading.get_ident())
            yield text

    def work() -> int:
        with SutraEmbedder(base_url=stub.url) as embedder:
            embedder.embed_many(source(), texts_per_request=10)
        return threading.get_ident()

    assert threads == set()
    assert {await asyncio.to_thread(work)} == threads


async def test_no_texts_give_an_empty_array(stub: StubServer) -> None:
    embedder = SutraEmbedder(base_url=stub.url)
    assert embedder.embed_many([], 128).shape == (0, 128)
    assert (await embedder.embed_many_async([])).shape == (0, 0)
    assert stub.seen == []


async def test_a_failure_comes_in_its_turn(stub: StubServer) -> None:
    async def third_fails(seen: Seen) -> Answer:
        if "text number 20" in seen.json["texts"]:
            return refused(400, "INVALID_ARGUMENT")
        return served(seen.json["texts"])

    stub.handler = third_fails
    starts: list[int] = []
    async with SutraEmbedder(base_url=stub.url) as embedder:
        batches = embedder.embed_batches_async(numbered(90), texts_per_request=10)
        starts += [(await anext(batches)).start, (await anext(batches)).start]
        with pytest.raises(APIError):
            await anext(batches)
    assert starts == [0, 10]


async def test_a_failing_source_is_reported(stub: StubServer) -> None:
    async def broken() -> AsyncIterator[str]:
        yield "text number 0"
        raise LookupError("the source broke")

    async with SutraEmbedder(base_url=stub.url) as embedder:
        with pytest.raises(LookupError, match="the source broke"):
            await embedder.embed_many_async(broken())


@pytest.mark.parametrize(("name", "value"), [("texts_per_request", 0), ("texts_per_request", 1001), ("concurrency", 0)])
def test_refuses_numbers_out_of_range(name: str, value: int) -> None:
    with pytest.raises(ValueError, match=name):
        SutraEmbedder().embed_many(["text"], **{name: value})  # type: ignore[arg-type]


def test_long_texts_travel_in_smaller_requests() -> None:
    long = "x" * (CHARACTERS // 2)
    batches = list(batches_of(["a", long, long, "b" * (2 * CHARACTERS), "c"], 250))
    assert [(batch.start, len(batch.texts)) for batch in batches] == [(0, 2), (2, 1), (3, 1), (4, 1)]


@pytest.mark.parametrize("form", ["blocking", "async"])
def test_a_server_killed_and_restarted_loses_and_duplicates_nothing(form: str) -> None:
    server = RealServer()
    server.start()
    # Repeated here and there: what came twice would shift all that follows.
    texts = [f"sentence {number % 97} of a text about rivers" for number in range(500)]
    killed = threading.Event()

    def on_progress(progress: Progress) -> None:
        if progress.done >= 60 and not killed.is_set():
            killed.set()
            server.kill()
            threading.Thread(target=server.start).start()

    try:
        # More attempts than the default's, for a start takes its time on a busy machine.
        with SutraEmbedder(base_url=server.url, retry_attempts=30) as embedder:
            whole = embedder.embed_many(texts[:97])
            options = {"texts_per_request": 20, "on_progress": on_progress}
            if form == "blocking":
                vectors = embedder.embed_many(texts, **options)  # type: ignore[arg-type]
            else:
                vectors = asyncio.run(embedder.embed_many_async(texts, **options))  # type: ignore[arg-type]
        assert killed.is_set()
        assert np.array_equal(vectors, whole[np.arange(500) % 97])
    finally:
        server.kill()
