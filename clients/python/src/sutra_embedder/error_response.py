"""Answers with an error status as the exceptions they stand for."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from .errors import APIError, error_class
from .retry_after import parse_retry_after
from .version import VERSION_HEADER, is_older

_EXCERPT = 200
"""How much of an answer that is not the server's own is quoted."""


def error_of(status: int, reason: str | None, headers: Mapping[str, str], body: bytes) -> APIError:
    """The exception of an error answer, whoever wrote it: the server, or a proxy before it."""
    envelope = _envelope(body)
    code = envelope.get("code", f"HTTP_{status}")
    message = envelope.get("message") or f"HTTP {status} {reason or ''}".strip() + f": {_excerpt(body)}"
    server = headers.get(VERSION_HEADER)
    if status == 400 and is_older(server):
        message += f" (the server is version {server}, older than this client: it may not know this field)"
    return error_class(code)(
        message,
        status,
        code,
        details=envelope.get("details"),
        request_id=envelope.get("request_id") or headers.get("x-request-id"),
        retry_after=parse_retry_after(headers.get("retry-after"), headers.get("date")),
    )


def redirect_error(status: int, location: str | None) -> APIError:
    """Redirects are not followed: they may lead keys and texts to another host."""
    message = f"The server redirects to {location}; set base_url to that address if you trust it"
    return APIError(message, status, f"HTTP_{status}")


def _envelope(body: bytes) -> dict[str, Any]:
    try:
        error = json.loads(body)["error"]
        if isinstance(error["code"], str) and isinstance(error["message"], str):
            return dict(error)
    except (ValueError, TypeError, KeyError):
        pass
    return {}


def _excerpt(body: bytes) -> str:
    line = " ".join(body.decode("utf-8", "replace").split())
    return f"{line[:_EXCERPT]}..." if len(line) > _EXCERPT else line or "(no body)"
