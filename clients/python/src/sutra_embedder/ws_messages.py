"""Messages of the WebSocket: {id, type, timestamp, payload}."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timezone
from typing import Any
from uuid import uuid4

from .errors import APIError, UnexpectedResponseError, error_class

PROTOCOL_VERSION = "1.0"


@dataclass(frozen=True)
class Message:
    """One that arrived."""

    kind: str
    """response, error, ping or pong."""
    id: str
    payload: Mapping[str, Any]


def request(action: str, **fields: Any) -> str:
    """A request as it travels; fields that are None are left out."""
    return _write("request", {"action": action, **{k: v for k, v in fields.items() if v is not None}})


def pong(ping_id: str) -> str:
    """The answer to a ping."""
    return _write("pong", {"ping_id": ping_id})


def parse(text: str) -> Message:
    """:raises UnexpectedResponseError: where the text is no message"""
    try:
        message = json.loads(text)
        return Message(message["type"], message.get("id", ""), message.get("payload") or {})
    except (ValueError, TypeError, KeyError, AttributeError) as error:
        raise UnexpectedResponseError("The server sent something that is no message of this protocol") from error


def error_in(payload: Mapping[str, Any]) -> APIError:
    """The exception of an error message."""
    code = payload.get("error_code")
    wait = payload.get("retry_after_ms")
    return error_class(code)(
        str(payload.get("error_message") or code),
        error_code=code,
        details=payload.get("details"),
        request_id=payload.get("request_id"),
        retry_after=None if wait is None else wait / 1000,
    )


def _write(kind: str, payload: Mapping[str, Any]) -> str:
    message = {
        "id": f"msg_{uuid4().hex}",
        "type": kind,
        "timestamp": datetime.now(timezone.utc).isoformat().replace("+00:00", "Z"),
        "payload": payload,
    }
    return json.dumps(message, ensure_ascii=False, separators=(",", ":"))
