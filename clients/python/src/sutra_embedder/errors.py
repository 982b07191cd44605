"""Everything that a call raises about the server or the way to it. Wrong arguments raise ValueError or TypeError."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any


class APIError(Exception):
    """The server did not serve a request. Subclasses name the codes that programs tell apart."""

    def __init__(
        self,
        message: str,
        status_code: int | None = None,
        error_code: str | None = None,
        *,
        details: Mapping[str, Any] | None = None,
        request_id: str | None = None,
        retry_after: float | None = None,
    ) -> None:
        super().__init__(message)
        self.status_code = status_code
        """HTTP status; None where there was no answer, and over a WebSocket."""
        self.error_code = error_code
        """Stable name of what went wrong, e.g. INVALID_DIMENSIONS."""
        self.details: Mapping[str, Any] = details or {}
        self.request_id = request_id
        """Under which the server's log has the request."""
        self.retry_after = retry_after
        """How long the server asks to wait, in seconds."""


class ConnectionFailedError(APIError):
    """The server could not be reached, or the connection broke. Trying again may help."""

    def __init__(self, message: str) -> None:
        super().__init__(message, error_code="CONNECTION_ERROR")


class RequestTimeoutError(APIError):
    """There was no complete answer within the client's `timeout`."""

    def __init__(self, message: str) -> None:
        super().__init__(message, error_code="TIMEOUT")


class UnexpectedResponseError(APIError):
    """A good status with a body that is not what this client knows: often another server at this address."""

    def __init__(self, message: str) -> None:
        super().__init__(message, error_code="UNEXPECTED_RESPONSE")


class VersionMismatchError(APIError):
    """Client and server speak different major versions; the message says which side to update."""

    def __init__(self, message: str, server_version: str = "", client_version: str = "") -> None:
        super().__init__(message, error_code="VERSION_MISMATCH")
        self.server_version = server_version
        self.client_version = client_version


class DownloadFailedError(APIError):
    """A model could not be downloaded."""

    def __init__(self, message: str) -> None:
        super().__init__(message, error_code="DOWNLOAD_FAILED")


class InvalidArgumentError(APIError):
    """A field has a value that cannot be served; `details["field"]` names it."""


class InvalidDimensionsError(InvalidArgumentError):
    """The vector length is not one that this model can make."""


class TextRefusedError(InvalidArgumentError):
    """A text ended the server's session twice and is refused for a while; `details["field"]` names it."""


class UnauthenticatedError(APIError):
    """No key, or one that the server does not know."""


class PermissionDeniedError(APIError):
    """The key may not do this."""


class NotFoundError(APIError):
    """Nothing is at this path."""


class ModelNotFoundError(NotFoundError):
    """The server knows no model of this name; `details["known"]` lists those it knows."""


class ModelNotAvailableError(APIError):
    """The model is known and not ready; `download_model` may fetch it."""


class PayloadTooLargeError(APIError):
    """The request is larger than the server takes."""


class RateLimitedError(APIError):
    """Too many requests from this key or address."""


class OverloadedError(APIError):
    """The server's queue is full."""


class BufferFullError(APIError):
    """A stream holds as many chunks as its buffer_size."""


class BackendUnavailableError(APIError):
    """Nothing on the server can run the request just now."""


class DeadlineExceededError(APIError):
    """The server gave up, for its own deadline had passed."""


class UnimplementedError(APIError):
    """The server cannot do this yet."""


class InternalError(APIError):
    """The server failed; its log has the reason under `request_id`."""


_CLASSES: Mapping[str, type[APIError]] = {
    "INVALID_ARGUMENT": InvalidArgumentError,
    "INVALID_DIMENSIONS": InvalidDimensionsError,
    "TEXT_REFUSED": TextRefusedError,
    "UNAUTHENTICATED": UnauthenticatedError,
    "PERMISSION_DENIED": PermissionDeniedError,
    "NOT_FOUND": NotFoundError,
    "MODEL_NOT_FOUND": ModelNotFoundError,
    "MODEL_NOT_AVAILABLE": ModelNotAvailableError,
    "PAYLOAD_TOO_LARGE": PayloadTooLargeError,
    "RATE_LIMITED": RateLimitedError,
    "OVERLOADED": OverloadedError,
    "BUFFER_FULL": BufferFullError,
    "BACKEND_UNAVAILABLE": BackendUnavailableError,
    "DEADLINE_EXCEEDED": DeadlineExceededError,
    "UNIMPLEMENTED": UnimplementedError,
    "INTERNAL": InternalError,
}


def error_class(code: str | None) -> type[APIError]:
    """The class of a code; APIError itself for codes that this client does not know."""
    return _CLASSES.get(code or "", APIError)
