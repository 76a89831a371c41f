"""Requests and responses, as the server hands them over and takes them back."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from http import HTTPStatus

TEXT = "text/plain; charset=utf-8"
JSON = "application/json"


@dataclass(frozen=True)
class Request:
    """`target` as it stood in the request line; header names in lower case; the body whole."""

    method: str
    target: str
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes = b""
    keep_alive: bool = True


@dataclass(frozen=True)
class Response:
    """`headers` beside those that the server adds itself (length, connection)."""

    status: int
    body: bytes = b""
    headers: Mapping[str, str] = field(default_factory=dict)

    @classmethod
    def text(cls, status: int, words: str) -> "Response":
        """Plain text, as Go's `http.Error` sends it."""
        headers = {"Content-Type": TEXT, "X-Content-Type-Options": "nosniff"}
        return cls(status, words.encode() + b"\n", headers)

    def encode(self, *, keep_alive: bool, bodyless: bool = False) -> bytes:
        """The bytes on the wire; `bodyless` leaves the body out (an answer to HEAD)."""
        reason = HTTPStatus(self.status).phrase
        lines = [f"HTTP/1.1 {self.status} {reason}"]
        lines += [f"{name}: {value}" for name, value in self.headers.items()]
        if self.status != HTTPStatus.NO_CONTENT:
            lines.append(f"Content-Length: {len(self.body)}")
        if not keep_alive:
            lines.append("Connection: close")
        head = "\r\n".join(lines).encode("latin-1") + b"\r\n\r\n"
        return head if bodyless else head + self.body
