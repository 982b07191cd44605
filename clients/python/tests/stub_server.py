"""A server that answers what a test tells it to, for what the real one cannot be made to do."""

from __future__ import annotations

import asyncio
import json
from base64 import b64encode
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from aiohttp import web


@dataclass
class Answer:
    status: int = 200
    body: bytes = b""
    headers: Mapping[str, str] = field(default_factory=dict)


@dataclass
class Seen:
    """A request as it arrived."""

    path: str
    headers: Mapping[str, str]
    json: Any


Handler = Callable[[Seen], Awaitable[Answer]]


def vectors_for(texts: list[str], dimensions: int = 64) -> list[bytes]:
    """One that differs from text to text and is the same for equal texts."""
    return [
        np.random.default_rng(list(text.encode())).standard_normal(dimensions).astype("<f4").tobytes() for text in texts
    ]


def served(texts: list[str], headers: Mapping[str, str] | None = None) -> Answer:
    body = {
        "embeddings": [b64encode(vector).decode() for vector in vectors_for(texts)],
        "model_info": {"model_id": "stub", "dimensions": 64},
        "performance": {},
        "metadata": {"quantization": {"scheme": "none"}, "encoding_format": "base64"},
    }
    return Answer(200, json.dumps(body).encode(), headers or {})


def refused(status: int, code: str, headers: Mapping[str, str] | None = None, **fields: Any) -> Answer:
    return Answer(
        status, json.dumps({"error": {"code": code, "message": f"{code} it is", **fields}}).encode(), headers or {}
    )


class StubServer:
    """Gives the queued answers in turn, then serves."""

    def __init__(self) -> None:
        self.answers: list[Answer] = []
        self.seen: list[Seen] = []
        self.handler: Handler | None = None
        self.url = ""
        self._runner: web.AppRunner | None = None

    async def __aenter__(self) -> StubServer:
        app = web.Application()
        app.router.add_route("*", "/{path:.*}", self._handle)
        self._runner = web.AppRunner(app, shutdown_timeout=0.1)
        await self._runner.setup()
        site = web.TCPSite(self._runner, "127.0.0.1", 0)
        await site.start()
        port = self._runner.addresses[0][1]
        self.url = f"http://127.0.0.1:{port}/v1"
        return self

    async def __aexit__(self, *_: object) -> None:
        assert self._runner
        await self._runner.cleanup()

    async def _handle(self, request: web.Request) -> web.Response:
        body = await request.read()
        seen = Seen(
            request.path, {k.lower(): v for k, v in request.headers.items()}, json.loads(body) if body else None
        )
        self.seen.append(seen)
        if self.answers:
            answer = self.answers.pop(0)
        elif self.handler:
            answer = await self.handler(seen)
        else:
            answer = served(seen.json["texts"])
        return web.Response(status=answer.status, body=answer.body, headers=dict(answer.headers))


class Waits:
    """Stands in for asyncio.sleep: nobody waits, and what would have been waited is noted."""

    def __init__(self) -> None:
        self.seconds: list[float] = []
        self._sleep = asyncio.sleep

    async def __call__(self, seconds: float, result: object = None) -> None:
        self.seconds.append(seconds)
        await self._sleep(0)
