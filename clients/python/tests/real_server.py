"""The real server, as a process of its own. `python -m tests.real_server COMMAND...` runs a command beside one."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Mapping
from pathlib import Path

REPOSITORY = Path(__file__).resolve().parents[3]
MAIN = REPOSITORY / "apps/api/dist/main.js"
_PATIENCE = 90.0


class RealServer:
    """Can be killed and started again at the same address."""

    def __init__(self, environment: Mapping[str, str] | None = None) -> None:
        self._environment = environment or {}
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self.port: int = free.getsockname()[1]
        self.url = f"http://127.0.0.1:{self.port}/v1"
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        if not MAIN.exists():
            raise RuntimeError(f"{MAIN} is not there; run npm run build")
        environment = {name: value for name, value in os.environ.items() if not name.startswith("SUTRA_")}
        environment |= {
            "SUTRA_HTTP_PORT": str(self.port),
            "SUTRA_GRPC_PORT": "0",
            "SUTRA_LOG_LEVEL": "error",
            # A folder of models of one's own, where the tests are to see more than ship.
            **({"SUTRA_MODELS_DIR": models} if (models := os.environ.get("SUTRA_MODELS_DIR")) else {}),
            **self._environment,
        }
        self._process = subprocess.Popen(["node", str(MAIN)], env=environment, stdout=subprocess.DEVNULL)
        self._wait()

    def kill(self) -> None:
        """Ends it as a crash would."""
        if self._process:
            self._process.kill()
            self._process.wait()
            self._process = None

    def _wait(self) -> None:
        assert self._process
        end = time.monotonic() + _PATIENCE
        while time.monotonic() < end:
            if self._process.poll() is not None:
                raise RuntimeError(f"the server ended with code {self._process.returncode}")
            try:
                with urllib.request.urlopen(f"{self.url}/health", timeout=5):
                    return
            except (urllib.error.URLError, OSError):
                time.sleep(0.1)
        self.kill()
        raise RuntimeError(f"the server did not answer within {_PATIENCE} s")


def main() -> int:
    server = RealServer()
    server.start()
    try:
        return subprocess.run(sys.argv[1:], env={**os.environ, "SUTRA_BASE_URL": server.url}, check=False).returncode
    finally:
        server.kill()


if __name__ == "__main__":
    sys.exit(main())
