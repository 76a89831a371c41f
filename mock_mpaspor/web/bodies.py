"""Reading a JSON body strictly: small, flat enough to read, without a key twice, and of text a database can keep."""

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import NoReturn, TypeVar

import msgspec

from mock_mpaspor.decoders import decoder
from mock_mpaspor.domain.errors import ErrorCode, Refusal

T = TypeVar("T")

# Assumption: the largest JSON body has 64 KB, a hundred times what any route asks for.
LARGEST_JSON = 64 * 1024
# A small body comes with its headers, or right behind them.
READER_PATIENCE_S = 1.0
# A picture in several scans is decoded in memory, fifty megabytes of it.
PICTURES_AT_ONCE = 2


class Readers:
    """The threads that may be busy with bodies of one sort at once: whoever never sends theirs leaves the others be."""

    def __init__(self, places: int) -> None:
        self._places = threading.BoundedSemaphore(places)

    @contextmanager
    def place(self) -> Iterator[None]:
        """While a body is read, or looked into. Raises Refusal(BUSY) where there are too many for too long."""
        if not self._places.acquire(timeout=READER_PATIENCE_S):
            raise Refusal(ErrorCode.BUSY)
        try:
            yield
        finally:
            self._places.release()


class Entrances:
    """Readers for each sort of body: people keep no callback of SIMPONI's out, pictures keep no log-in out.

    From four threads on there is a thread besides for whoever sends no body. A small body mostly comes with its head
    and a picture may take seconds, so pictures have the most.
    """

    def __init__(self, threads: int) -> None:
        callbacks, small = max(1, threads // 8), max(1, threads // 4)
        self.callbacks = Readers(callbacks)
        self.small = Readers(small)
        self.documents = Readers(max(1, threads - callbacks - small - 1))
        self.decoders = Readers(PICTURES_AT_ONCE)


def decode(raw: bytes, kind: type[T]) -> T:
    """The JSON text as a `kind`. Raises Refusal(INVALID), whose message names the field."""
    if rb"\u0000" in raw:
        _refuse("A NUL is no text.")
    try:
        read = decoder(kind).decode(raw)
        _STRICT.decode(raw.decode())
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise Refusal(ErrorCode.INVALID, str(error)) from error
    except RecursionError as error:
        raise Refusal(ErrorCode.INVALID, "The body is nested too deeply.") from error
    return read


def _once(pairs: list[tuple[str, object]]) -> None:
    """Of a key that stands twice another reader may take the other value."""
    if len({key for key, _ in pairs}) != len(pairs):
        _refuse("A key stands twice in an object.")


def _refuse(message: str) -> NoReturn:
    raise Refusal(ErrorCode.INVALID, message)


# Numbers stay text here: the longest ones would cost, and Python refuses to read them.
_STRICT = json.JSONDecoder(object_pairs_hook=_once, parse_int=str, parse_float=str)
