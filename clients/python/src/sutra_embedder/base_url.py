"""Where the server is."""

from __future__ import annotations

import os
from urllib.parse import urlsplit

DEFAULT = "http://127.0.0.1:8080/v1"
"""Loopback: nothing leaves this machine unless somebody says where to."""


def resolve_base_url(given: str | None) -> str:
    """The root of the API's paths, ending in /v1: as given, from SUTRA_BASE_URL, or loopback.

    :raises ValueError: where it is no http or https URL
    """
    url = given or os.environ.get("SUTRA_BASE_URL") or DEFAULT
    parts = urlsplit(url)
    if parts.scheme not in ("http", "https") or not parts.hostname:
        raise ValueError(f"base_url must be an http or https URL such as {DEFAULT}, not {url!r}")
    path = parts.path.rstrip("/")
    return f"{parts.scheme}://{parts.netloc}{path if path.endswith('/v1') else path + '/v1'}"
