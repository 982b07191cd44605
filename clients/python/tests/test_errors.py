from __future__ import annotations

import pickle
import urllib.request

import pytest

import sutra_embedder as sdk
from sutra_embedder.error_response import error_of
from sutra_embedder.version import VERSION_HEADER, check_server_version, is_older

from .real_server import RealServer
from .stub_server import StubServer, refused, served


@pytest.mark.parametrize(
    ("code", "kind"),
    [
        ("INVALID_ARGUMENT", sdk.InvalidArgumentError),
        ("INVALID_DIMENSIONS", sdk.InvalidDimensionsError),
        ("TEXT_REFUSED", sdk.TextRefusedError),
        ("UNAUTHENTICATED", sdk.UnauthenticatedError),
        ("PERMISSION_DENIED", sdk.PermissionDeniedError),
        ("NOT_FOUND", sdk.NotFoundError),
        ("MODEL_NOT_FOUND", sdk.ModelNotFoundError),
        ("MODEL_NOT_AVAILABLE", sdk.ModelNotAvailableError),
        ("PAYLOAD_TOO_LARGE", sdk.PayloadTooLargeError),
        ("RATE_LIMITED", sdk.RateLimitedError),
        ("OVERLOADED", sdk.OverloadedError),
        ("BUFFER_FULL", sdk.BufferFullError),
        ("BACKEND_UNAVAILABLE", sdk.BackendUnavailableError),
        ("DEADLINE_EXCEEDED", sdk.DeadlineExceededError),
        ("UNIMPLEMENTED", sdk.UnimplementedError),
        ("INTERNAL", sdk.InternalError),
        ("SOMETHING_NEW", sdk.APIError),
    ],
)
def test_each_code_has_its_class(code: str, kind: type[sdk.APIError]) -> None:
    answer = refused(400, code, details={"field": "x"}, request_id="req_1")
    error = error_of(400, "Bad Request", {"retry-after": "2"}, answer.body)
    assert type(error) is kind
    assert (error.error_code, error.status_code, error.request_id, error.retry_after) == (code, 400, "req_1", 2)
    assert error.details == {"field": "x"}


def test_errors_survive_pickling() -> None:
    error = error_of(404, "Not Found", {}, refused(404, "MODEL_NOT_FOUND", details={"known": ["a"]}).body)
    copy = pickle.loads(pickle.dumps(error))
    assert type(copy) is sdk.ModelNotFoundError
    assert (str(copy), copy.status_code, copy.details) == (str(error), 404, {"known": ["a"]})


@pytest.mark.parametrize("server", [None, "", "1.0.0", "1.99.3", "v1.2", "nonsense"])
def test_servers_that_are_understood(server: str | None) -> None:
    check_server_version(server, "1.4.0")


def test_a_client_too_old_or_too_new_is_told_in_words() -> None:
    with pytest.raises(sdk.VersionMismatchError, match=r'too old; pip install "sutra-embedder==2\.\*"'):
        check_server_version("2.0.1", "1.4.0")
    with pytest.raises(sdk.VersionMismatchError, match=r"too new; update the server to 2\.x"):
        check_server_version("1.9.0", "2.0.0")


def test_the_real_server_says_which_version_it_is(server: RealServer) -> None:
    with urllib.request.urlopen(f"{server.url}/health", timeout=30) as response:
        stated = response.headers[VERSION_HEADER]
    assert stated.split(".")[0] == sdk.__version__.split(".")[0]


async def test_the_servers_version_is_looked_at(stub: StubServer) -> None:
    stub.answers = [served(["text"], {"x-sutra-version": "3.0.0"})]
    async with sdk.SutraEmbedder(base_url=stub.url) as embedder:
        with pytest.raises(sdk.VersionMismatchError) as error:
            await embedder.embed_async("text")
    assert error.value.server_version == "3.0.0"
    assert len(stub.seen) == 1


def test_an_older_server_of_the_same_major_version_is_known() -> None:
    assert is_older("1.0.0", "1.4.0")
    assert not any(is_older(server, "1.4.0") for server in (None, "1.4.9", "1.5.0", "0.9.0", "2.0.0"))


def test_a_field_that_an_older_server_refuses_is_explained(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sutra_embedder.error_response.is_older", lambda server: server == "1.0.0")
    body = refused(400, "INVALID_ARGUMENT").body
    assert "version 1.0.0, older than this client" in str(error_of(400, "", {"x-sutra-version": "1.0.0"}, body))
    assert "older" not in str(error_of(404, "", {"x-sutra-version": "1.0.0"}, body))
