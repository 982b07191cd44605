"""The real server beside the tests, and what its native route answers."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import tempfile
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.client import HTTPConnection
from pathlib import Path

import numpy as np
import pytest

REPOSITORY = Path(__file__).resolve().parents[3]
API = REPOSITORY / "apps/api/dist"
MODEL = "all-MiniLM-L6-v2"
TEXTS = ["The cat sits on the mat", "Vectors 漢字 🙂", "x", "A fourth text, so that batches are cut"]
_PATIENCE_S = 90


def post(url: str, body: object, headers: dict[str, str] | None = None) -> dict[str, object]:
    request = urllib.request.Request(url, json.dumps(body).encode(), {"content-type": "application/json", **(headers or {})})
    with urllib.request.urlopen(request, timeout=60) as answer:
        return json.load(answer)


@contextmanager
def running(**settings: str) -> Iterator[str]:
    """A server of its own; its address."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    environment = {name: value for name, value in os.environ.items() if not name.startswith("SUTRA_")}
    environment |= {"SUTRA_HTTP_PORT": str(port), "SUTRA_GRPC_PORT": "0", "SUTRA_LOG_LEVEL": "error", **settings}
    process = subprocess.Popen(["node", str(API / "main.js")], env=environment, stdout=subprocess.DEVNULL)
    url = f"http://127.0.0.1:{port}"
    try:
        end = time.monotonic() + _PATIENCE_S
        while True:
            try:
                with urllib.request.urlopen(f"{url}/readyz", timeout=5):
                    break
            except (urllib.error.URLError, OSError):
                if process.poll() is not None or time.monotonic() > end:
                    raise RuntimeError("the server did not start; run npm run build") from None
                time.sleep(0.1)
        yield url
    finally:
        process.send_signal(signal.SIGTERM)
        process.wait(timeout=60)


@pytest.fixture(scope="session")
def server() -> Iterator[str]:
    with running(SUTRA_ALIASES=f"text-embedding-3-small={MODEL}") as url:
        yield url


@pytest.fixture(scope="session")
def guarded() -> Iterator[tuple[str, str]]:
    """A server that asks for a key, and a key that it takes."""
    with tempfile.TemporaryDirectory() as folder:
        keys = str(Path(folder) / "keys.json")
        made = subprocess.run(
            ["node", str(API / "keys.js"), "create", "--file", keys, "--scope", "read"],
            capture_output=True,
            text=True,
            check=True,
        )
        key = next(word for word in made.stdout.split() if word.startswith("sutra_"))
        with running(SUTRA_KEYS_FILE=keys) as url:
            yield url, key


@pytest.fixture(scope="session")
def small() -> Iterator[str]:
    """A server in whose queue next to nothing may wait."""
    with running(SUTRA_QUEUE_TOKENS="8") as url:
        yield url


@pytest.fixture
def overloaded(small: str) -> Iterator[str]:
    """The same while somebody's thousand texts wait before those of everybody else."""
    body = json.dumps({"texts": [f"{i} " + "many words " * 120 for i in range(1000)], "model": MODEL})
    connections: list[HTTPConnection] = []
    try:
        end = time.monotonic() + _PATIENCE_S
        while not connections or not _refuses(small):
            assert time.monotonic() < end, "the server took everything"
            # While anything of the last test still waits, the thousand texts are refused themselves.
            connections.append(HTTPConnection(small.removeprefix("http://"), timeout=60))
            connections[-1].request("POST", "/v1/embeddings", body, {"content-type": "application/json"})
        yield small
    finally:
        # The server drops what nobody waits for any more.
        for connection in connections:
            connection.close()


def _refuses(url: str) -> bool:
    try:
        post(f"{url}/v1/embeddings", {"texts": ["many words " * 40], "model": MODEL})
    except urllib.error.HTTPError as error:
        return error.code == 429
    return False


@pytest.fixture(scope="session")
def native(server: str) -> Callable[..., np.ndarray]:
    """The native route's vectors, in float32."""

    def embed(texts: list[str], **more: object) -> np.ndarray:
        answer = post(f"{server}/v1/embeddings", {"texts": texts, "model": MODEL, **more})
        return np.array(answer["embeddings"], dtype=np.float32)

    return embed


def same(vectors: object, native: np.ndarray) -> None:
    """Equal to the bit in float32."""
    np.testing.assert_array_equal(np.array(vectors, dtype=np.float32), native)
