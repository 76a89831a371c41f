"""What a route promises, declared on its view: the OpenAPI document is made of these and of the table of routes."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from enum import Enum
from typing import TypeVar

from flask import Response

from mock_mpaspor.domain.errors import ErrorCode

V = TypeVar("V", bound=Callable[..., Response])

_DECLARED = "_mpaspor_operation"


class Door(Enum):
    """What opens a route."""

    OPEN = "open"
    SESSION = "session"  # a person's session token
    ADMIN = "admin"
    AUDIT = "audit"
    OFFICE = "office"
    SIGNATURE = "signature"  # SIMPONI's, over the body


@dataclass(frozen=True)
class Query:
    """One query parameter; `schema` is its JSON Schema."""

    name: str
    schema: Mapping[str, object]
    required: bool = False
    description: str = ""


@dataclass(frozen=True)
class Header:
    """One request header beside those that follow from the door and the key; `schema` is its JSON Schema."""

    name: str
    schema: Mapping[str, object]
    required: bool = False
    description: str = ""


@dataclass(frozen=True)
class Operation:
    """`answers` gives the struct of each success's JSON body, or the media type of a body that is not JSON.

    `body` is the struct of a JSON body, or None; a `body_type` other than JSON says that such bytes are sent.
    `refusals` are those of the use case; what any route, door, body or key may be refused for follows from the rest.
    """

    summary: str
    answers: Mapping[int, object]
    refusals: tuple[ErrorCode, ...] = ()
    door: Door = Door.OPEN
    body: object | None = None
    body_type: str = "application/json"
    keyed: bool = False
    query: tuple[Query, ...] = field(default=())
    headers: tuple[Header, ...] = field(default=())


def operation(declared: Operation) -> Callable[[V], V]:
    """Declare what a view promises; stands below the route's decorator."""

    def mark(view: V) -> V:
        setattr(view, _DECLARED, declared)
        return view

    return mark


def declared_by(view: Callable[..., object]) -> Operation | None:
    """What the view promises, or None where nothing was declared."""
    found = getattr(view, _DECLARED, None)
    return found if isinstance(found, Operation) else None
