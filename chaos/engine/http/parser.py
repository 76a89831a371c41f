"""Bytes to requests, incrementally. Sizes are bounded; what cannot be understood is refused and ends the connection."""

import re
from collections.abc import Generator

from chaos.engine.http.messages import Request

HEAD_LIMIT_BYTES = 32 * 1024
BODY_LIMIT_BYTES = 1024 * 1024
CHUNK_LINE_LIMIT_BYTES = 1024
CHUNK_SIZE = re.compile(rb"[0-9A-Fa-f]{1,8}")
METHOD_CHARACTERS = frozenset("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789!#$%&'*+-.^_`|~")


class Malformed(Exception):
    """The bytes are no request that this server takes. `status` is the answer before the connection is closed."""

    def __init__(self, status: int) -> None:
        super().__init__(status)
        self.status = status


class Parser:
    """Feed it bytes, take requests out. `expects_continue` says that the peer waits for a go-ahead with its body."""

    def __init__(self) -> None:
        self.expects_continue = False
        self._buffer = bytearray()
        self._reading = self._read()
        next(self._reading)

    @property
    def buffered_bytes(self) -> int:
        return len(self._buffer)

    def feed(self, data: bytes) -> None:
        self._buffer += data

    def take(self) -> Request | None:
        """The next whole request, or None until more bytes have come. Raises Malformed, after which it is done."""
        return self._reading.send(None)

    def _read(self) -> Generator[Request | None, None, None]:
        yield None
        while True:
            method, target, version, headers = parse_head((yield from self._head()))
            body = yield from self._body(headers)
            self.expects_continue = False
            connection = headers.get("connection", "").lower()
            keep_alive = "close" not in connection if version == "HTTP/1.1" else "keep-alive" in connection
            yield Request(method, target, headers, body, keep_alive)

    def _head(self) -> Generator[None, None, bytes]:
        while True:
            while self._buffer.startswith(b"\r\n"):  # stray line ends between requests
                del self._buffer[:2]
            end = self._buffer.find(b"\r\n\r\n", 0, HEAD_LIMIT_BYTES)
            if end >= 0:
                return self._cut(end, 4)
            if len(self._buffer) >= HEAD_LIMIT_BYTES:
                raise Malformed(431)
            yield None

    def _body(self, headers: dict[str, str]) -> Generator[None, None, bytes]:
        coding = headers.get("transfer-encoding")
        length = headers.get("content-length", "0")
        if coding is not None and (coding.lower() != "chunked" or "content-length" in headers):
            raise Malformed(400)
        if not (length.isascii() and length.isdigit()):
            raise Malformed(400)
        if len(length) > 12 or int(length) > BODY_LIMIT_BYTES:
            raise Malformed(413)
        self.expects_continue = headers.get("expect", "").lower() == "100-continue"
        if coding is not None:
            return (yield from self._chunks())
        return (yield from self._exactly(int(length)))

    def _chunks(self) -> Generator[None, None, bytes]:
        body = bytearray()
        while True:
            size_text = (yield from self._line()).partition(b";")[0].strip()
            if not CHUNK_SIZE.fullmatch(size_text):
                raise Malformed(400)
            size = int(size_text, 16)
            if len(body) + size > BODY_LIMIT_BYTES:
                raise Malformed(413)
            if size == 0:
                while (yield from self._line()):  # trailers
                    pass
                return bytes(body)
            body += yield from self._exactly(size)
            if (yield from self._line()):
                raise Malformed(400)

    def _line(self) -> Generator[None, None, bytes]:
        while (end := self._buffer.find(b"\r\n", 0, CHUNK_LINE_LIMIT_BYTES)) < 0:
            if len(self._buffer) >= CHUNK_LINE_LIMIT_BYTES:
                raise Malformed(400)
            yield None
        return self._cut(end, 2)

    def _exactly(self, count: int) -> Generator[None, None, bytes]:
        while len(self._buffer) < count:
            yield None
        return self._cut(count, 0)

    def _cut(self, count: int, separator: int) -> bytes:
        """Take `count` bytes off the buffer, and drop the separator behind them."""
        taken = bytes(self._buffer[:count])
        del self._buffer[: count + separator]
        return taken


def parse_head(head: bytes) -> tuple[str, str, str, dict[str, str]]:
    """Method, target, version and headers (names in lower case). Raises Malformed."""
    request_line, *lines = head.decode("latin-1").split("\r\n")
    words = request_line.split(" ")
    if len(words) != 3 or not words[0] or not METHOD_CHARACTERS.issuperset(words[0]):
        raise Malformed(400)
    method, target, version = words
    if version not in ("HTTP/1.1", "HTTP/1.0"):
        raise Malformed(505 if version.startswith("HTTP/") else 400)
    if not target.startswith("/") and "://" not in target:
        raise Malformed(400)
    headers: dict[str, str] = {}
    for line in lines:
        name, colon, value = line.partition(":")
        if not colon or not name or not METHOD_CHARACTERS.issuperset(name):
            raise Malformed(400)
        key, value = name.lower(), value.strip(" \t")
        if key in headers and key in ("content-length", "transfer-encoding"):
            raise Malformed(400)
        headers[key] = value
    return method, target, version, headers
