"""Requests: keys, deadlines, retries, errors. What bodies mean is not its concern."""

from __future__ import annotations

import asyncio
import os
import random
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

import aiohttp

from .error_response import error_of, redirect_error
from .errors import APIError, ConnectionFailedError, RequestTimeoutError
from .retry import RetryPolicy, delay_before_next
from .version import CLIENT_VERSION, VERSION_HEADER, check_server_version


@dataclass(frozen=True)
class Connection:
    """Where the server is and how to speak to it."""

    base_url: str
    """Ends in /v1."""
    api_key: str | None = field(repr=False)
    timeout: float
    """Seconds that one attempt may take."""
    retry: RetryPolicy
    headers: Mapping[str, str] = field(default_factory=dict)
    sleep: Callable[[float], Awaitable[None]] = asyncio.sleep
    random: Callable[[], float] = random.random
    """0 to 1, for jitter."""

    def open_session(self) -> aiohttp.ClientSession:
        """A session of the running loop; whoever opens it closes it."""
        headers = {
            "x-sutra-client": f"python/{CLIENT_VERSION}",
            "user-agent": f"sutra-embedder-python/{CLIENT_VERSION}",
        }
        if self.api_key is not None:
            headers["authorization"] = f"Bearer {self.api_key}"
        return aiohttp.ClientSession(
            timeout=aiohttp.ClientTimeout(total=self.timeout),
            headers={**headers, **self.headers},
            # How many requests run at once is for the caller to bound, not for the pool.
            connector=aiohttp.TCPConnector(limit=0),
            cookie_jar=aiohttp.DummyCookieJar(),
        )


@dataclass(frozen=True)
class Call:
    """One request."""

    method: str
    path: str
    body: bytes | None = None
    params: Mapping[str, str] | None = None
    also_fine: frozenset[int] = frozenset()
    """Error statuses whose body is an answer all the same."""


async def send(
    connection: Connection,
    session: aiohttp.ClientSession,
    call: Call,
    *,
    policy: RetryPolicy | None = None,
    on_retry: Callable[[], None] | None = None,
) -> bytes:
    """Send until there is an answer, as the policy allows, and give its body.

    :raises APIError: of the last attempt
    """
    policy = policy or connection.retry
    made = 0
    while True:
        try:
            return await _attempt(connection, session, call)
        except APIError as error:
            made += 1
            wait = delay_before_next(error, made, policy, connection.random())
            if wait is None:
                raise
        if on_retry:
            on_retry()
        await connection.sleep(wait)


async def _attempt(connection: Connection, session: aiohttp.ClientSession, call: Call) -> bytes:
    options: dict[str, Any] = {"params": call.params, "allow_redirects": False}
    if call.body is None:
        # aiohttp would call nothing at all a stream of octets.
        options["skip_auto_headers"] = ("content-type",)
    else:
        options |= {"data": call.body, "headers": {"content-type": "application/json"}}
    try:
        async with session.request(call.method, connection.base_url + call.path, **options) as response:
            body = await response.read()
    except asyncio.TimeoutError as error:
        raise RequestTimeoutError(f"The server gave no complete answer within {connection.timeout} s") from error
    except (aiohttp.ClientError, OSError) as error:
        raise ConnectionFailedError(explain_failure(connection, error)) from error
    check_server_version(response.headers.get(VERSION_HEADER))
    if 300 <= response.status < 400:
        raise redirect_error(response.status, response.headers.get("location"))
    if response.status >= 400 and response.status not in call.also_fine:
        raise error_of(response.status, response.reason, response.headers, body)
    return body


def explain_failure(connection: Connection, error: BaseException) -> str:
    """What a broken connection means to the caller."""
    # aiohttp's own words for a refused connection name its settings rather than what happened.
    number = getattr(error, "errno", None)
    reason = os.strerror(number) if number else str(error) or type(error).__name__
    return f"The connection to {connection.base_url} failed ({reason}). Is the server running there?"
