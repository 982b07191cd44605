"""Which servers this client understands."""

from __future__ import annotations

import re
from typing import Final

from .errors import VersionMismatchError

CLIENT_VERSION: Final = "1.0.0"
"""Its major number is the version of the API that this client speaks."""

VERSION_HEADER: Final = "x-sutra-version"
"""Response header by which a server says which version it is."""


def check_server_version(server: str | None, client: str = CLIENT_VERSION) -> None:
    """Refuse a server of another major version, saying what to install.

    :param server: what the server says of itself; None where it says nothing (an older one, or a proxy's own answer)
    :raises VersionMismatchError: where the two cannot understand each other
    """
    theirs, ours = _parts(server), _parts(client)
    if theirs is None or ours is None or theirs[0] == ours[0]:
        return
    install = f'pip install "sutra-embedder=={theirs[0]}.*"'
    if theirs[0] > ours[0]:
        remedy = f"this client is too old; {install}"
    else:
        remedy = f"this client is too new; update the server to {ours[0]}.x, or {install}"
    message = f"The server is version {server} and this client is version {client}: {remedy}"
    raise VersionMismatchError(message, str(server), client)


def is_older(server: str | None, client: str = CLIENT_VERSION) -> bool:
    """Whether the server is of the same major version and older: it may not know a field that this client sends."""
    theirs, ours = _parts(server), _parts(client)
    return theirs is not None and ours is not None and theirs[0] == ours[0] and theirs[1] < ours[1]


def _parts(version: str | None) -> tuple[int, int] | None:
    match = re.match(r"v?(\d+)\.(\d+)", version or "")
    return (int(match[1]), int(match[2])) if match else None
