"""What a remote worker and its master say to each other before, beside and after the work, as messages of Locust's.

hello → welcome (or why not), from the `loket worker` that looks for a run; here, from the process that it becomes;
ask → answer, for the clocks; recall, when the run ends before its time.
"""

from collections.abc import Mapping
from typing import TypeVar

import msgspec
from locust.rpc.protocol import Message

from loket.load.remote.edition import Edition

HELLO = "loket_hello"
WELCOME = "loket_welcome"
HERE = "loket_here"
ASK = "loket_ask"
ANSWER = "loket_answer"
RECALL = "loket_recall"

Kind = TypeVar("Kind", bound=msgspec.Struct)


class Hello(msgspec.Struct, kw_only=True, frozen=True):
    """Whoever asks for a place in the run."""

    edition: Edition


class Welcome(msgspec.Struct, kw_only=True, frozen=True):
    """A place, to be taken with the ticket, in a run of the scenario; or why there is none."""

    scenario: str = ""
    ticket: str = ""
    refused: str | None = None


class Here(msgspec.Struct, kw_only=True, frozen=True):
    """The place is taken, by this process of that host."""

    ticket: str
    host: str
    pid: int


class Ask(msgspec.Struct, kw_only=True, frozen=True):
    """What is your time? Mine is this."""

    asked_ns: int


class Answer(msgspec.Struct, kw_only=True, frozen=True):
    """When it was yours, it was mine."""

    asked_ns: int
    master_ns: int


def to_wire(content: msgspec.Struct) -> dict[str, object]:
    """What a message of Locust's carries; bytes stay bytes."""
    data: dict[str, object] = msgspec.to_builtins(content, builtin_types=(bytes,))
    return data


def from_wire(message: Message, kind: type[Kind]) -> Kind:
    """What the message carries. Raises msgspec.ValidationError for anything else."""
    data: Mapping[str, object] = message.data
    return msgspec.convert(data, kind, builtin_types=(bytes,))
