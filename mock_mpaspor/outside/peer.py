"""Calls to another system: one try, bounded in time, and an outcome that says what is known."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from urllib.parse import urlsplit

import msgspec
import urllib3
from urllib3.exceptions import ConnectTimeoutError, HTTPError, NewConnectionError, ReadTimeoutError

from mock_mpaspor.decoders import decoder
from mock_mpaspor.outside.errors import Problem
from mock_mpaspor.punctual import PunctualPool


class Silence(StrEnum):
    """Why no answer came. Only `refused` tells that the other side saw nothing."""

    TIMEOUT = "timeout"
    REFUSED = "refused"
    RESET = "reset"


@dataclass(frozen=True)
class NoAnswer:
    reason: Silence


@dataclass(frozen=True)
class Reply:
    status: int
    body: bytes

    @property
    def accepted(self) -> bool:
        return 200 <= self.status < 300

    def refusal(self) -> str | None:
        """The code of a definite refusal; None where the request may yet have had an effect."""
        if not 400 <= self.status < 500:
            return None
        try:
            error = decoder(Problem).decode(self.body).error
        except (msgspec.DecodeError, UnicodeDecodeError):  # something else than the system itself answered
            return None
        return error.code if error.definite else None


class Peer:
    """One system's address with a pool of connections. Retries belong to the caller, who knows what is safe."""

    def __init__(self, url: str, timeout_s: float, connections: int) -> None:
        parts = urlsplit(url)
        self._base = parts.path.rstrip("/")
        self._pool = PunctualPool(
            parts.hostname or "",
            parts.port or 80,
            timeout=urllib3.Timeout(connect=timeout_s, read=timeout_s),
            maxsize=connections,
            retries=False,
        )

    def post(self, path: str, body: bytes, headers: Mapping[str, str]) -> Reply | NoAnswer:
        """POST JSON once."""
        headers = {"Content-Type": "application/json", **headers}
        try:
            answer = self._pool.urlopen(
                "POST", self._base + path or "/", body=body, headers=headers, redirect=False, retries=False
            )
        except NewConnectionError:
            return NoAnswer(Silence.REFUSED)
        except (ConnectTimeoutError, ReadTimeoutError):
            return NoAnswer(Silence.TIMEOUT)
        except HTTPError:
            return NoAnswer(Silence.RESET)
        return Reply(answer.status, answer.data)

    def close(self) -> None:
        self._pool.close()
