"""A WebSocket server of the specification's protocol that misbehaves as a test tells it to."""

from __future__ import annotations

import asyncio
import json
from base64 import b64encode
from collections.abc import Awaitable, Callable
from typing import Any

from aiohttp import WSMsgType, web

from .stub_server import vectors_for

Payload = dict[str, Any]
Hook = Callable[["Session", Payload], Awaitable[bool]]
"""Told of each chunk; True where it has dealt with it."""


class Session:
    """One connection."""

    def __init__(self, socket: web.WebSocketResponse, number: int) -> None:
        self.socket = socket
        self.number = number
        self.config: Payload = {}
        self.received: list[Payload] = []
        self.pongs: list[str] = []

    async def say(self, kind: str, payload: Payload, id: str = "m") -> None:
        message = {"id": id, "type": kind, "timestamp": "2026-01-01T00:00:00Z", "payload": payload}
        await self.socket.send_str(json.dumps(message))

    async def answer(self, chunk: Payload) -> None:
        vector = b64encode(vectors_for([chunk["text"]])[0]).decode()
        metadata = {"latency_ms": 1, "sequence_position": chunk["position"], "model_used": "stub"}
        await self.say("response", {"chunk_id": chunk["chunk_id"], "embedding": vector, "metadata": metadata})
        if chunk.get("is_final"):
            await self.say("response", {"action": "summary", "summary": {"chunks": len(self.received)}})

    async def refuse(self, code: str, chunk: Payload | None = None, **fields: Any) -> None:
        about = {"chunk_id": chunk["chunk_id"]} if chunk else {}
        await self.say("error", {"error_code": code, "error_message": f"{code} it is", **about, **fields})


class StubStreams:
    """Answers every chunk at once unless a hook does otherwise."""

    def __init__(self) -> None:
        self.on_chunk: Hook | None = None
        self.on_handshake: Callable[[Session, Payload], Awaitable[bool]] | None = None
        self.sessions: list[Session] = []
        self.url = ""
        self._runner: web.AppRunner | None = None

    async def __aenter__(self) -> StubStreams:
        app = web.Application()
        app.router.add_get("/v1/ws", self._serve)
        self._runner = web.AppRunner(app, shutdown_timeout=0.1)
        await self._runner.setup()
        await web.TCPSite(self._runner, "127.0.0.1", 0).start()
        self.url = f"http://127.0.0.1:{self._runner.addresses[0][1]}/v1"
        return self

    async def __aexit__(self, *_: object) -> None:
        assert self._runner
        await self._runner.cleanup()

    @property
    def chunks(self) -> list[Payload]:
        return [chunk for session in self.sessions for chunk in session.received]

    async def _serve(self, request: web.Request) -> web.WebSocketResponse:
        socket = web.WebSocketResponse()
        await socket.prepare(request)
        session = Session(socket, len(self.sessions))
        self.sessions.append(session)
        async for frame in socket:
            assert frame.type is WSMsgType.TEXT
            message = json.loads(frame.data)
            assert set(message) == {"id", "type", "timestamp", "payload"}
            if message["type"] == "pong":
                session.pongs.append(message["payload"]["ping_id"])
            else:
                await self._handle(session, message["payload"])
        return socket

    async def _handle(self, session: Session, payload: Payload) -> None:
        match payload["action"]:
            case "handshake":
                if not (self.on_handshake and await self.on_handshake(session, payload)):
                    await session.say("response", {"action": "handshake", "protocol_version": "1.0"})
            case "stream_embed":
                session.config = payload["config"]
                assert payload["metadata"]["session_id"]
            case "add_chunk":
                session.received.append(payload)
                if not (self.on_chunk and await self.on_chunk(session, payload)):
                    await session.answer(payload)


async def eventually(condition: Callable[[], bool]) -> None:
    for _ in range(500):
        if condition():
            return
        await asyncio.sleep(0.01)
    raise AssertionError("it did not happen")
