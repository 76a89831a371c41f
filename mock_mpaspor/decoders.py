"""Decoders, each made by one thread at a time.

Two threads that use a type for the first time at the same moment make msgspec 0.22 end the process with a segmentation
fault: one of them meets a type that the other has half described. Whatever threads decode goes through here.
"""

import threading
from typing import Any, TypeVar, cast

import msgspec

T = TypeVar("T")

_LOCK = threading.Lock()
_MADE: dict[object, msgspec.json.Decoder[Any]] = {}


def decoder(kind: type[T]) -> msgspec.json.Decoder[T]:
    """The decoder of JSON to `kind`."""
    made = _MADE.get(kind)
    if made is None:
        with _LOCK:
            made = _MADE.get(kind) or _MADE.setdefault(kind, msgspec.json.Decoder(kind))
    return cast(msgspec.json.Decoder[T], made)
