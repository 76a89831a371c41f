"""A canary in the queue: how long a request waits for a thread, found out by sending one now and then.

The server keeps requests that no thread has taken yet, and tells nobody how many. So the process stands in its own
queue, as anybody would, and knows what the others wait.
"""

import http.client
import threading
import time
from collections.abc import Callable

EVERY_S = 0.1
# Waits are told while they last, so this only frees the thread of a server that never answers.
GIVE_UP_S = 60.0


class Canary:
    """Asks `/healthz` of this very server. `monotonic` is in seconds."""

    def __init__(self, host: str, port: int, monotonic: Callable[[], float] = time.monotonic) -> None:
        self._connection = http.client.HTTPConnection(host, port, timeout=GIVE_UP_S)
        self._monotonic = monotonic
        self._last_s = 0.0
        self._left_s: float | None = None

    def start(self) -> None:
        """Fly for as long as the process lives."""
        threading.Thread(target=self._fly, name="canary", daemon=True).start()

    def wait_s(self) -> float:
        """How long the last request waited, or the present one has waited by now; 0 before the server listens."""
        left_s = self._left_s
        return self._last_s if left_s is None else max(self._last_s, self._monotonic() - left_s)

    def ask(self) -> None:
        """Stand in the queue once."""
        self._left_s = self._monotonic()
        try:
            self._connection.request("GET", "/healthz")
            self._connection.getresponse().read()
            self._last_s = self._monotonic() - self._left_s
        except (OSError, http.client.HTTPException):
            self._connection.close()
            self._last_s = 0.0
        finally:
            self._left_s = None

    def close(self) -> None:
        """Let the connection go; the next question opens another."""
        self._connection.close()

    def _fly(self) -> None:
        pause = threading.Event()
        while True:
            self.ask()
            pause.wait(EVERY_S)
