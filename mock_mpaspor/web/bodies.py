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


class Readers:
    """The threads that may wait for bodies of one sort at once: whoever never sends theirs leaves the others be."""

    def __init__(self, places: int) -> None:
        self._places = threading.BoundedSemaphore(places)

    @contextmanager
    def place(self) -> Iterator[None]:
        """While a body is read. Raises Refusal(BUSY) where too many are waited for."""
        if not self._places.acquire(timeout=READER_PATIENCE_S):
            raise Refusal(ErrorCode.BUSY)
        try:
            yield
        finally:
            self._places.release()


class Entrances:
    """Readers for each sort of body: none takes all threads, and people keep no callback of SIMPONI's out."""

    def __init__(self, threads: int) -> None:
        self.small = Readers(max(1, threads // 2))
        self.documents = Readers(max(1, threads - 2))
        self.callbacks = Readers(max(1, threads // 8))


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
