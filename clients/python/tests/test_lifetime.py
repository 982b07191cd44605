"""Who forgets to close is not told of it: nothing is written, nothing hangs."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest

from .real_server import RealServer

SCRIPTS = {
    "blocking": "e.embed('a')",
    "asynchronous": "asyncio.run(e.embed_async('a'))",
    "many": "e.embed_many(['a'] * 50, texts_per_request=5)",
    "broken off": "next(e.embed_batches(['a'] * 50, texts_per_request=5))",
    "dropped while it works": """
async def main():
    global e
    task = asyncio.ensure_future(e.embed_async('a'))
    await asyncio.sleep(0)
    task.cancel()
    e = None
asyncio.run(main())
""",
}


@pytest.mark.parametrize("script", SCRIPTS.values(), ids=SCRIPTS)
def test_a_script_without_closing_ends_silently(script: str, server: RealServer) -> None:
    assert run(f"import asyncio\n{script}", server, "-W", "error", "-X", "dev") == ("", 0)


FORK = """
import os, signal, sys
signal.alarm(40)
e.embed('a')
child = os.fork()
if not child:
    if {child_uses}:
        assert len(e.embed('a')) == 1
    sys.exit(0)
assert os.waitpid(child, 0)[1] == 0
assert len(e.embed('a')) == 1
"""


@pytest.mark.skipif(not hasattr(os, "fork"), reason="this platform does not fork")
@pytest.mark.parametrize("child_uses", [True, False])
def test_a_fork_disturbs_neither_side(child_uses: bool, server: RealServer) -> None:
    script = FORK.format(child_uses=child_uses)
    # Newer Pythons warn of every fork beside a thread.
    assert run(script, server, "-W", "ignore::DeprecationWarning") == ("", 0)


def run(script: str, server: RealServer, *options: str) -> tuple[str, int]:
    """What a process wrote to stderr, and how it ended."""
    client = "e = SutraEmbedder(timeout=20, retry_attempts=1)"
    done = subprocess.run(
        [sys.executable, *options, "-c", f"from sutra_embedder import SutraEmbedder\n{client}\n{script}"],
        env={**os.environ, "SUTRA_BASE_URL": server.url, "PYTHONASYNCIODEBUG": "0"},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    return done.stderr, done.returncode
