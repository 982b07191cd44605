"""When a request that failed is sent again, and after how long."""

from __future__ import annotations

from dataclasses import dataclass

from .errors import APIError, ConnectionFailedError, RequestTimeoutError

_CODES = frozenset({"RATE_LIMITED", "OVERLOADED", "BUFFER_FULL", "BACKEND_UNAVAILABLE", "INTERNAL"})
_STATUSES = frozenset({408, 425, 429, 500, 502, 503, 504})


@dataclass(frozen=True)
class RetryPolicy:
    """Waits in seconds."""

    attempts: int = 3
    """Sendings in all, 1 or more."""
    base: float = 0.5
    """First wait; doubled each time up to `longest`, then jittered between half and all of it."""
    longest: float = 8.0
    longest_asked: float = 60.0
    """A server that asks for more than this gets no further attempt: the caller is told at once, and how long."""


def is_transient(error: Exception) -> bool:
    """Whether the same request may succeed later. Every request of this client may be repeated without harm."""
    if isinstance(error, (ConnectionFailedError, RequestTimeoutError)):
        return True
    if not isinstance(error, APIError):
        return False
    if error.error_code == "MODEL_NOT_AVAILABLE":
        # A model that nobody is fetching does not become ready by waiting.
        return error.retry_after is not None
    return error.error_code in _CODES or error.status_code in _STATUSES


def delay_before_next(error: Exception, made: int, policy: RetryPolicy, random: float) -> float | None:
    """Seconds to wait before the next attempt; None where there is to be none.

    :param made: attempts that were made, 1 or more
    :param random: 0 to 1
    """
    if made >= policy.attempts or not is_transient(error):
        return None
    backoff = backoff_seconds(made, policy, random)
    asked = error.retry_after if isinstance(error, APIError) else None
    if asked is None:
        return backoff
    # Jitter on top of what the server asks: those it turned away together should not come back together.
    return None if asked > policy.longest_asked else asked + backoff * 0.25


def backoff_seconds(made: int, policy: RetryPolicy, random: float) -> float:
    """base x 2^(made - 1), at most `longest`, jittered to between half and all of it."""
    # The exponent is bounded: a float overflows long before a patient caller gives up.
    wait: float = min(policy.base * 2.0 ** min(made - 1, 32), policy.longest)
    return wait * (0.5 + random / 2)
