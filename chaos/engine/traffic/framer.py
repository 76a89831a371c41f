"""A stream of messages in pieces: a head, what is body and what frames it, and the end of each message.

The pieces join to the stream as it came, and a piece leaves as soon as it is known what it is: only an unfinished head
or line is kept back.
"""

import re
from collections.abc import Callable, Iterator
from enum import Enum
from typing import NamedTuple

from chaos.engine.traffic.head import CHUNKED, UNTIL_CLOSE, Head, NotHttp

HEAD_LIMIT_BYTES = 64 * 1024
LINE_LIMIT_BYTES = 8 * 1024
# How a request and an answer begin, also where only the first bytes of it have come.
REQUEST = re.compile(rb"[A-Z]{1,20}( |$)")
ANSWER = re.compile(rb"H(T(T(P(/(1(\.|$)|$)|$)|$)|$)|$)")
# The size of a chunk, in so many digits at the most.
LONGEST_SIZE = 15
SIZE = re.compile(rb"[0-9A-Fa-f]+")


class Kind(Enum):
    HEAD = "head"
    BODY = "body"
    FRAME = "frame"
    END = "end"


class Piece(NamedTuple):
    """`head` is there for a HEAD alone; an END has no bytes."""

    kind: Kind
    data: bytes
    head: Head | None = None


class Framer:
    """`begins` is what a message begins with; `length_of` says how long the body behind a head is."""

    def __init__(self, begins: re.Pattern[bytes], length_of: Callable[[Head], int]) -> None:
        self._begins = begins
        self._length_of = length_of
        self._buffer = bytearray()
        self._left = 0
        self._next: Callable[[], Piece | None] = self._head

    def feed(self, chunk: bytes) -> Iterator[Piece]:
        """The pieces that can be told by now. Raises NotHttp; `rest` is then what no piece has carried."""
        self._buffer += chunk
        while (piece := self._next()) is not None:
            yield piece

    def rest(self) -> bytes:
        """What is kept back, taken out."""
        return self._take(len(self._buffer))

    def _head(self) -> Piece | None:
        if not self._buffer:
            return None
        if not self._begins.match(self._buffer):
            raise NotHttp
        end = self._buffer.find(b"\r\n\r\n", 0, HEAD_LIMIT_BYTES)
        if end < 0:
            if len(self._buffer) >= HEAD_LIMIT_BYTES:
                raise NotHttp
            return None
        head = Head.parse(bytes(self._buffer[: end + 4]))
        length = self._length_of(head)
        self._left = max(length, 0)
        self._next = {CHUNKED: self._size, UNTIL_CLOSE: self._everything}.get(length, self._body)
        return Piece(Kind.HEAD, self._take(end + 4), head)

    def _body(self) -> Piece | None:
        return self._some(Kind.BODY) if self._left else self._end()

    def _everything(self) -> Piece | None:
        return Piece(Kind.BODY, self.rest()) if self._buffer else None

    def _size(self) -> Piece | None:
        if not self._buffer:
            return None
        # A match of the buffer itself would keep it from shrinking.
        size = SIZE.match(bytes(self._buffer[:LONGEST_SIZE]))
        if size is None:
            raise NotHttp
        line = self._line()
        if line is None:
            return None
        self._left = int(size[0], 16)
        self._next = self._chunk if self._left else self._trailer
        return line

    def _chunk(self) -> Piece | None:
        if self._left:
            return self._some(Kind.BODY)
        line = self._line()
        if line is not None:
            self._next = self._size
        return line

    def _trailer(self) -> Piece | None:
        line = self._line()
        if line is not None and line.data == b"\r\n":
            self._next = self._end
        return line

    def _end(self) -> Piece:
        self._next = self._head
        return Piece(Kind.END, b"")

    def _some(self, kind: Kind) -> Piece | None:
        if not self._buffer:
            return None
        data = self._take(min(self._left, len(self._buffer)))
        self._left -= len(data)
        return Piece(kind, data)

    def _line(self) -> Piece | None:
        end = self._buffer.find(b"\r\n", 0, LINE_LIMIT_BYTES)
        if end >= 0:
            return Piece(Kind.FRAME, self._take(end + 2))
        if len(self._buffer) >= LINE_LIMIT_BYTES:
            raise NotHttp
        return None

    def _take(self, count: int) -> bytes:
        taken = bytes(self._buffer[:count])
        del self._buffer[:count]
        return taken
