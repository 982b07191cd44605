"""What the client itself costs: `python benchmarks/own_share.py [--url http://127.0.0.1:8080]`.

10,000 short texts through embed_many, and the same requests as bare aiohttp whose answers are read and thrown away, in
turns. Own share = CPU time that the client adds, of the time that it all takes; beside it the stricter share, with the
CPU time that aiohttp takes for itself. On a busy machine elapsed time grows and the share with it shrinks: with
`--server-pid` the server's CPU time stands in for elapsed time, as if nothing ever waited.
"""

from __future__ import annotations

import argparse
import asyncio
import os
import platform
import statistics
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import aiohttp

from sutra_embedder import SutraEmbedder
from sutra_embedder.base_url import resolve_base_url
from sutra_embedder.request import EmbedOptions

WORDS = "river stone market engine violet harbor signal garden copper winter lantern orbit meadow velvet".split(" ")
PER_REQUEST = 250
CONCURRENCY = 4


def short_texts(count: int) -> list[str]:
    return [
        " ".join(WORDS[(i * 7 + j * j * 3 + (i >> 3)) % len(WORDS)] for j in range(12)) + f" {i}" for i in range(count)
    ]


def via_client(embedder: SutraEmbedder, texts: list[str], model: str) -> None:
    vectors = embedder.embed_many(texts, model=model, texts_per_request=PER_REQUEST, concurrency=CONCURRENCY)
    if len(vectors) != len(texts):
        raise RuntimeError("vectors are missing")


def bodies_of(texts: list[str], model: str) -> list[bytes]:
    """What the client sends, to the byte."""
    options = EmbedOptions(model=model)
    return [options.body(texts[i : i + PER_REQUEST], options.coded) for i in range(0, len(texts), PER_REQUEST)]


class Bare:
    """Holds a loop and its session open, as the client does."""

    def __init__(self, url: str, bodies: list[bytes]) -> None:
        self._url, self._bodies = f"{url}/embeddings", bodies
        self._runner = asyncio.new_event_loop()
        self._session = self._runner.run_until_complete(self._open())

    def __call__(self) -> None:
        self._runner.run_until_complete(self._all())

    def close(self) -> None:
        self._runner.run_until_complete(self._session.close())
        self._runner.close()

    async def _open(self) -> aiohttp.ClientSession:
        return aiohttp.ClientSession(connector=aiohttp.TCPConnector(limit=0))

    async def _all(self) -> None:
        left = iter(self._bodies)
        await asyncio.gather(*(self._worker(left) for _ in range(CONCURRENCY)))

    async def _worker(self, bodies: Iterator[bytes]) -> None:
        for body in bodies:
            headers = {"content-type": "application/json"}
            async with self._session.post(self._url, data=body, headers=headers) as response:
                await response.read()
                response.raise_for_status()


def measure(run: Callable[[], None]) -> tuple[float, float]:
    """Elapsed and CPU time of this process in milliseconds."""
    cpu, wall = time.process_time(), time.perf_counter()
    run()
    return (time.perf_counter() - wall) * 1e3, (time.process_time() - cpu) * 1e3


def server_cpu(pid: int) -> float:
    """CPU time that a process has taken so far in milliseconds (Linux)."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) * 1e3 / os.sysconf("SC_CLK_TCK")


def shown(values: list[float]) -> str:
    return f"{statistics.median(values):.0f} ms ({min(values):.0f} to {max(values):.0f})"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--url", default=None)
    parser.add_argument("--model", default="ultra-efficient")
    parser.add_argument("--texts", type=int, default=10_000)
    parser.add_argument("--rounds", type=int, default=9)
    parser.add_argument("--server-pid", type=int, default=None)
    options = parser.parse_args()
    texts = short_texts(options.texts)
    url = resolve_base_url(options.url)
    embedder = SutraEmbedder(base_url=url)
    bare = Bare(url, bodies_of(texts, options.model))

    def client() -> None:
        via_client(embedder, texts, options.model)

    for _ in range(2):
        client()
        bare()
    ours, theirs, servers = [], [], []
    for _ in range(options.rounds):
        before = server_cpu(options.server_pid) if options.server_pid else 0.0
        ours.append(measure(client))
        servers.append(server_cpu(options.server_pid) - before if options.server_pid else 0.0)
        theirs.append(measure(bare))
    bare.close()
    embedder.close()
    (wall, cpu), (bare_wall, bare_cpu) = zip(*ours, strict=True), zip(*theirs, strict=True)
    elapsed, used, bare_used = (statistics.median(values) for values in (wall, cpu, bare_cpu))
    print(f"Python {platform.python_version()}, {len(texts)} texts, {options.model}, {options.rounds} rounds in turns")
    print(f"elapsed: client {shown(list(wall))}, bare aiohttp {shown(list(bare_wall))}")
    print(f"CPU of this process: client {shown(list(cpu))}, bare aiohttp {shown(list(bare_cpu))}")
    print(f"own CPU over elapsed: {(used - bare_used) / elapsed:.1%}; with aiohttp's own: {used / elapsed:.1%}")
    if options.server_pid:
        served = statistics.median(servers)
        own, whole = (used - bare_used) / (served + used), used / (served + used)
        print(f"CPU of the server: {shown(servers)}; of both together own {own:.1%}, with aiohttp's own {whole:.1%}")


if __name__ == "__main__":
    main()
