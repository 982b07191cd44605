"""What is sent again, and after how long."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import datetime, timezone

import aiohttp
import pytest

from sutra_embedder import (
    APIError,
    ConnectionFailedError,
    OverloadedError,
    RateLimitedError,
    RequestTimeoutError,
    SutraEmbedder,
    UnauthenticatedError,
    UnexpectedResponseError,
)
from sutra_embedder.http import Call, Connection, send
from sutra_embedder.retry import RetryPolicy, delay_before_next
from sutra_embedder.retry_after import parse_retry_after

from .stub_server import Answer, Seen, StubServer, Waits, refused, served

CALL = Call("POST", "/embeddings", b'{"texts":["text"]}')
POLICY = RetryPolicy()


def connection(stub: StubServer, waits: Waits, timeout: float = 5) -> Connection:
    return Connection(stub.url, None, timeout, POLICY, sleep=waits, random=lambda: 1.0)


async def ask(stub: StubServer, waits: Waits, timeout: float = 5) -> bytes:
    to = connection(stub, waits, timeout)
    async with to.open_session() as session:
        return await send(to, session, CALL)


def test_retry_after_in_seconds_and_as_a_date() -> None:
    now = datetime(2026, 1, 1, 12, 0, 0, tzinfo=timezone.utc)
    assert parse_retry_after("7", None) == 7
    assert parse_retry_after("0.5", None) == 0.5
    assert parse_retry_after("Thu, 01 Jan 2026 12:00:30 GMT", None, now) == 30
    assert parse_retry_after("Thu, 01 Jan 2026 11:00:00 GMT", None, now) == 0
    # Against the server's own clock, however wrong the one here is.
    assert parse_retry_after("Thu, 01 Jan 2026 12:00:30 GMT", "Thu, 01 Jan 2026 12:00:10 GMT", now) == 20


@pytest.mark.parametrize("value", [None, "", "soon", "-3", "1e400", "Thu, 99 Foo 2026"])
def test_an_unreadable_retry_after_counts_as_none(value: str | None) -> None:
    assert parse_retry_after(value, None) is None


@pytest.mark.parametrize(
    ("headers", "expected"),
    [
        ({"retry-after": "3"}, 3.125),
        ({"retry-after": "Thu, 01 Jan 2026 12:00:09 GMT", "date": "Thu, 01 Jan 2026 12:00:00 GMT"}, 9.125),
        ({}, 0.5),
    ],
)
async def test_waits_as_long_as_the_server_asks(stub: StubServer, headers: dict[str, str], expected: float) -> None:
    stub.answers = [refused(429, "RATE_LIMITED", headers)]
    waits = Waits()
    await ask(stub, waits)
    assert waits.seconds == [expected]
    assert len(stub.seen) == 2


async def test_gives_up_after_retry_attempts(stub: StubServer) -> None:
    stub.answers = [refused(429, "OVERLOADED") for _ in range(5)]
    waits = Waits()
    with pytest.raises(OverloadedError):
        await ask(stub, waits)
    assert len(stub.seen) == POLICY.attempts
    assert waits.seconds == [0.5, 1.0]


async def test_does_not_wait_longer_than_a_caller_would(stub: StubServer) -> None:
    stub.answers = [refused(429, "RATE_LIMITED", {"retry-after": "3600"})]
    with pytest.raises(RateLimitedError) as error:
        await ask(stub, Waits())
    assert error.value.retry_after == 3600
    assert len(stub.seen) == 1


async def test_what_cannot_succeed_is_not_repeated(stub: StubServer) -> None:
    stub.answers = [refused(401, "UNAUTHENTICATED")]
    with pytest.raises(UnauthenticatedError, match="UNAUTHENTICATED it is"):
        await ask(stub, Waits())
    assert len(stub.seen) == 1


async def test_an_error_that_is_not_json_is_an_api_error(stub: StubServer) -> None:
    stub.answers = [Answer(502, b"<html>Bad gateway</html>", {"content-type": "text/html"}) for _ in range(3)]
    with pytest.raises(APIError, match=r"HTTP 502 Bad Gateway: <html>Bad gateway</html>") as error:
        await ask(stub, Waits())
    assert error.value.status_code == 502
    assert error.value.error_code == "HTTP_502"
    assert len(stub.seen) == 3


@pytest.mark.parametrize("body", [b"", b"null", b"[]", b'{"error":"words"}', b'{"error":{"code":5}}', b"\xff\xfe"])
async def test_any_error_body_is_survived(stub: StubServer, body: bytes) -> None:
    stub.answers = [Answer(418, body)]
    with pytest.raises(APIError, match="HTTP 418") as error:
        await ask(stub, Waits())
    assert error.value.status_code == 418


@pytest.mark.parametrize(
    "body", [b"", b"no json", b"[]", b"{}", b'{"embeddings":["AAAA","AAAA"]}', served(["a", "b"]).body]
)
async def test_a_good_status_with_another_body_is_named(stub: StubServer, body: bytes) -> None:
    stub.answers = [Answer(200, body)]
    async with SutraEmbedder(base_url=stub.url) as embedder:
        with pytest.raises(UnexpectedResponseError, match="Is a Sutra-Embedder at this address"):
            await embedder.embed_async("text")


async def test_time_out_is_typed_and_repeated(stub: StubServer) -> None:
    async def never(seen: Seen) -> Answer:
        await asyncio.sleep(30)
        return served(seen.json["texts"])

    stub.handler = never
    with pytest.raises(RequestTimeoutError, match=r"within 0\.05 s"):
        await ask(stub, Waits(), timeout=0.05)
    assert len(stub.seen) == 3


async def test_nobody_listening_is_typed() -> None:
    async with StubServer() as gone:
        pass
    with pytest.raises(ConnectionFailedError, match="Connection refused"):
        await ask(gone, Waits())


async def test_redirects_are_not_followed(stub: StubServer) -> None:
    stub.answers = [Answer(307, b"", {"location": "https://elsewhere.example/v1/embeddings"})]
    with pytest.raises(APIError, match=r"redirects to https://elsewhere\.example"):
        await ask(stub, Waits())
    assert len(stub.seen) == 1


async def test_cancelling_ends_the_wait(stub: StubServer) -> None:
    arrived = asyncio.Event()

    async def turn_away(seen: Seen) -> Answer:
        arrived.set()
        return refused(429, "RATE_LIMITED", {"retry-after": "50"})

    stub.handler = turn_away
    to = replace(connection(stub, Waits()), sleep=asyncio.sleep)
    async with to.open_session() as session:
        task = asyncio.ensure_future(send(to, session, CALL))
        await asyncio.wait_for(arrived.wait(), 5)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task


def test_the_wait_grows_and_is_jittered() -> None:
    error = ConnectionFailedError("gone")
    policy = RetryPolicy(attempts=9)
    assert [delay_before_next(error, made, policy, 1.0) for made in range(1, 10)] == [
        0.5, 1.0, 2.0, 4.0, 8.0, 8.0, 8.0, 8.0, None,
    ]  # fmt: skip
    assert delay_before_next(error, 1, policy, 0.0) == 0.25


def test_a_model_that_nobody_fetches_is_not_waited_for() -> None:
    missing = APIError("not there", 503, "MODEL_NOT_AVAILABLE")
    assert delay_before_next(missing, 1, POLICY, 0.5) is None
    coming = APIError("not yet", 503, "MODEL_NOT_AVAILABLE", retry_after=2)
    assert delay_before_next(coming, 1, POLICY, 0.0) == 2.0625


async def test_sessions_do_not_keep_cookies(stub: StubServer) -> None:
    to = connection(stub, Waits())
    async with to.open_session() as session:
        assert isinstance(session.cookie_jar, aiohttp.DummyCookieJar)
