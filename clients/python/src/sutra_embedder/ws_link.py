"""One WebSocket connection, up to and after the handshake."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import aiohttp

from . import ws_messages as messages
from .error_response import error_of
from .errors import ConnectionFailedError, NotFoundError, RequestTimeoutError, UnexpectedResponseError
from .http import Connection, explain_failure
from .version import check_server_version

_HEARTBEAT = 15.0
"""Seconds of silence after which the other side is asked whether it is still there."""


class Link:
    """Sends and receives messages; answers pings by itself."""

    def __init__(self, connection: Connection, socket: aiohttp.ClientWebSocketResponse) -> None:
        self._connection = connection
        self._socket = socket

    async def send(self, message: str) -> None:
        """Waits while the server does not read."""
        try:
            await self._socket.send_str(message)
        except (aiohttp.ClientError, OSError) as error:
            raise ConnectionFailedError(explain_failure(self._connection, error)) from error

    async def receive(self) -> messages.Message:
        """The next message that is not about the connection itself.

        :raises ConnectionFailedError: where the connection has ended
        """
        while True:
            frame = await self._socket.receive()
            if frame.type is not aiohttp.WSMsgType.TEXT:
                raise self._ended(frame)
            message = messages.parse(frame.data)
            if message.kind == "ping":
                await self.send(messages.pong(message.id))
            elif message.kind != "pong":
                return message

    def _ended(self, frame: aiohttp.WSMessage) -> Exception:
        if frame.type is aiohttp.WSMsgType.BINARY:
            return UnexpectedResponseError("The server sent a binary frame, which this protocol has none of")
        reason = f"closed with code {self._socket.close_code}" if self._socket.close_code else "broken off"
        return ConnectionFailedError(f"The stream to {self._connection.base_url} was {reason}")


@asynccontextmanager
async def open_link(connection: Connection, session: aiohttp.ClientSession, session_id: str) -> AsyncIterator[Link]:
    """Connect and shake hands.

    :raises APIError: where the server refuses
    """
    url = f"{connection.base_url}/ws"
    try:
        socket = await asyncio.wait_for(session.ws_connect(url, heartbeat=_HEARTBEAT), connection.timeout)
    except asyncio.TimeoutError as error:
        raise RequestTimeoutError(f"The server opened no stream within {connection.timeout} s") from error
    except aiohttp.WSServerHandshakeError as error:
        if error.status == 404:
            raise NotFoundError("This server has no WebSocket at /v1/ws; use embed or embed_many", 404) from error
        raise error_of(error.status, error.message, error.headers or {}, b"") from error
    except (aiohttp.ClientError, OSError) as error:
        raise ConnectionFailedError(explain_failure(connection, error)) from error
    async with socket:
        link = Link(connection, socket)
        await _shake_hands(link, connection, session_id)
        yield link


async def _shake_hands(link: Link, connection: Connection, session_id: str) -> None:
    await link.send(
        messages.request(
            "handshake",
            session_id=session_id,
            protocol_version=messages.PROTOCOL_VERSION,
            client_capabilities={"supports_compression": False},
            api_key=connection.api_key,
        )
    )
    try:
        answer = await asyncio.wait_for(link.receive(), connection.timeout)
    except asyncio.TimeoutError as error:
        raise RequestTimeoutError(f"The server did not answer the handshake within {connection.timeout} s") from error
    if answer.kind == "error":
        raise messages.error_in(answer.payload)
    check_server_version(answer.payload.get("server_version"))
