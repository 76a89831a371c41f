"""Small questions over loopback HTTP: is this port free, is this the process just started, what does it say?"""

import json
import socket
from collections.abc import Callable, Mapping

import urllib3
from urllib3.exceptions import HTTPError

LOOPBACK = "127.0.0.1"
# The harness talks to its own parts on loopback: anything slower than this is a part that does not answer.
PROBE_TIMEOUT = urllib3.Timeout(connect=0.5, read=2.0)


class Unanswered(Exception):
    """The part gave no usable answer; the message says which and why."""


class Probe:
    """An HTTP client for the harness's own questions; every call is bounded in time and none is retried."""

    def __init__(self) -> None:
        self._pool = urllib3.PoolManager(retries=False, timeout=PROBE_TIMEOUT, maxsize=4)

    def get(self, url: str, token: str | None = None, timeout_s: float | None = None) -> bytes:
        """The body of a 200 answer. Raises Unanswered for anything else."""
        headers = {"Authorization": f"Bearer {token}"} if token else {}
        timeout = urllib3.Timeout(connect=0.5, read=timeout_s) if timeout_s else PROBE_TIMEOUT
        try:
            response = self._pool.request("GET", url, headers=headers, timeout=timeout)
        except HTTPError as error:
            raise Unanswered(f"{url}: {error}") from error
        if response.status != 200:
            raise Unanswered(f"{url}: HTTP {response.status}")
        return bytes(response.data)

    def get_json(self, url: str, token: str | None = None) -> Mapping[str, object]:
        """The JSON object at `url`. Raises Unanswered for anything else."""
        answer = json.loads(self.get(url, token))
        if not isinstance(answer, dict):
            raise Unanswered(f"{url}: expected a JSON object")
        return answer

    def is_instance(self, url: str, instance: str) -> Callable[[], bool]:
        """A question for a recipe: does `url`/healthz answer, and as `instance`, not as a stale server?"""

        def ask() -> bool:
            try:
                return self.get_json(f"{url}/healthz").get("instance") == instance
            except (Unanswered, ValueError):
                return False

        return ask


def free_ports(count: int) -> list[int]:
    """Distinct ports of loopback that were free a moment ago (all held at once, then released)."""
    sockets = [socket.socket(socket.AF_INET, socket.SOCK_STREAM) for _ in range(count)]
    try:
        for each in sockets:
            each.bind((LOOPBACK, 0))
        return [each.getsockname()[1] for each in sockets]
    finally:
        for each in sockets:
            each.close()


def is_reached(host: str, port: int, timeout_s: float = 2.0) -> bool:
    """Whether somebody takes a connection there."""
    try:
        socket.create_connection((host, port), timeout_s).close()
    except OSError:
        return False
    return True


def port_is_taken(port: int, host: str = LOOPBACK) -> bool:
    """Whether somebody already listens on this port of loopback, or of another address of this machine."""
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as attempt:
        attempt.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            attempt.bind((host, port))
        except OSError:
            return True
    return False
