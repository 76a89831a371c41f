"""What came back over the wire, read as an HTTP answer.

Nearly every answer comes whole and plain in one piece, and is read at once, by what every parser agrees on: HTTP/1.1,
well-formed fields, one Content-Length, exactly so many bytes. Whatever else there is (chunks, a closing connection, a
Retry-After, a piece that is missing) is left to llhttp, which geventhttpclient brings.
"""

import re
from typing import NamedTuple

from geventhttpclient.response import HTTPParseError, HTTPResponse


class Received(NamedTuple):
    """A whole answer; `retry_after_s` where it says so in seconds."""

    status: int
    body: bytes
    retry_after_s: float | None = None


# Statuses below 200, 204, 205 and 304 have rules of their own about the body.
_STATUS = rb"HTTP/1\.1 (20[0-36-9]|2[1-9][0-9]|30[0-35-9]|3[1-9][0-9]|[45][0-9][0-9]) [\x20-\x7e]*+\r\n"
_TELLING = rb"content-length|transfer-encoding|retry-after|trailer|upgrade|(?:proxy-)?connection(?!: keep-alive\r)"
_OTHERS = rb"(?:(?!" + _TELLING + rb")[a-z0-9_-]++:[\x20-\x7e]*+\r\n)*+"
_PLAIN = re.compile(_STATUS + _OTHERS + rb"content-length: ?([0-9]{1,8})\r\n" + _OTHERS + rb"\r\n", re.IGNORECASE)


def plain(data: bytes) -> Received | None:
    """The answer to anything but HEAD that the data is, whole; None where that is not plain to see.

    >>> plain(b"HTTP/1.1 200 OK\\r\\nContent-Length: 2\\r\\n\\r\\n{}")
    Received(status=200, body=b'{}', retry_after_s=None)
    >>> plain(b"HTTP/1.1 200 OK\\r\\nContent-Length: 3\\r\\n\\r\\n{}") is None
    True
    """
    head = _PLAIN.match(data)
    if head is None:
        return None
    ends = head.end()
    if len(data) - ends != int(head[2]):
        return None
    return Received(int(head[1]), data[ends:])


class Reading(HTTPResponse):
    """An answer that comes bit by bit. Raises HTTPParseError for what is no HTTP, or more than one answer."""

    def __init__(self, method: str) -> None:
        super().__init__(method)
        self._body = bytearray()

    @property
    def whole(self) -> bool:
        """Nothing is missing; an interim answer (1xx) is none yet."""
        return bool(self.message_complete) and self.get_code() >= 200

    def received(self) -> Received:
        """The answer, once it is whole."""
        return Received(self.get_code(), bytes(self._body), _seconds(self.get("retry-after")))

    def _on_message_begin(self) -> None:
        if self.whole:
            raise HTTPParseError("an answer that nobody asked for")
        super()._on_message_begin()

    def _on_body(self, buf: bytearray) -> None:
        self._body += buf


def _seconds(header: object) -> float | None:
    """Of a Retry-After; its other form, a date, is not read, nor is one that is said twice."""
    text = header.strip() if isinstance(header, str) else ""
    return float(text) if text.isascii() and text.isdigit() else None
