"""Which HTTP session a call uses: an aiohttp session belongs to one event loop."""

from __future__ import annotations

import asyncio
import os
import weakref
from collections.abc import AsyncIterator, Awaitable, Callable
from concurrent.futures import Future
from contextlib import asynccontextmanager
from typing import TypeVar

import aiohttp

from .background_loop import BackgroundLoop
from .http import Connection

T = TypeVar("T")
Work = Callable[[aiohttp.ClientSession], Awaitable[T]]


class _Background:
    """A session in a loop of its own, opened when first used."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self._loop = BackgroundLoop()
        self._session: aiohttp.ClientSession | None = None
        _backgrounds.add(self)

    def submit(self, work: Work[T]) -> Future[T]:
        return self._loop.submit(self._do(work))

    def run(self, work: Work[T]) -> T:
        return self._loop.run(self._do(work))

    def close(self) -> None:
        self._loop.stop(self._close_session)

    def forget(self) -> None:
        """In a forked child: the thread has stayed behind, and its sockets are the parent's."""
        self._loop = BackgroundLoop()
        session, self._session = self._session, None
        if session is not None and (connector := session.connector):
            session.detach()
            # A connector that goes closes its connections, and would take them out of the epoll that parent and child
            # share: the parent would wait for ever. aiohttp has no other way to let go of them.
            vars(connector)["_conns"].clear()

    async def _do(self, work: Work[T]) -> T:
        if self._session is None:
            self._session = self._connection.open_session()
        return await work(self._session)

    async def _close_session(self) -> None:
        session, self._session = self._session, None
        if session is not None:
            await session.close()


_backgrounds: weakref.WeakSet[_Background] = weakref.WeakSet()


def _after_fork() -> None:
    for background in _backgrounds:
        background.forget()


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_after_fork)


class Sessions:
    """Inside `async with` the session of that loop; elsewhere one in a background thread."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self._background = _Background(connection)
        self._entered: dict[asyncio.AbstractEventLoop, tuple[aiohttp.ClientSession, int]] = {}
        # Also runs when the process ends, so that nobody who forgets to close is told of an unclosed session.
        self._finalizer = weakref.finalize(self, self._background.close)

    async def enter(self) -> None:
        loop = asyncio.get_running_loop()
        session, depth = self._entered.get(loop) or (self._connection.open_session(), 0)
        self._entered[loop] = (session, depth + 1)

    async def leave(self) -> None:
        loop = asyncio.get_running_loop()
        session, depth = self._entered.pop(loop)
        if depth > 1:
            self._entered[loop] = (session, depth - 1)
        else:
            await session.close()

    async def use(self, work: Work[T]) -> T:
        """Does the work from any loop."""
        entered = self._entered.get(asyncio.get_running_loop())
        if entered:
            return await work(entered[0])
        return await asyncio.wrap_future(self._background.submit(work))

    @asynccontextmanager
    async def here(self) -> AsyncIterator[aiohttp.ClientSession]:
        """A session of the running loop, for work that stays in it."""
        entered = self._entered.get(asyncio.get_running_loop())
        if entered:
            yield entered[0]
            return
        async with self._connection.open_session() as session:
            yield session

    def submit(self, work: Work[T]) -> Future[T]:
        """Begins the work in the background."""
        return self._background.submit(work)

    def run(self, work: Work[T]) -> T:
        """Does the work in the background and waits for it."""
        return self._background.run(work)

    def close(self) -> None:
        """Closes the background session. A later call opens a new one."""
        self._background.close()
