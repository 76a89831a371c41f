"""Writing the append-only trail: a transaction's events are kept until its end and written just before it commits.

So the numbers of the trail stand in the order of the commits, whatever ran side by side: a reader that has seen one
number has seen all below it. The wall clock stamps them there, so their times stand in the same order.
"""

from collections.abc import Callable

from sqlalchemy import Connection

from mock_mpaspor.domain.events import Event
from mock_mpaspor.store.dialects import take_turn
from mock_mpaspor.store.schema import EVENTS

_APPEND = EVENTS.insert().inline()
_KEPT = "mpaspor.trail"


def begin(connection: Connection) -> None:
    """A new transaction has no events."""
    connection.info[_KEPT] = []


def append(connection: Connection, *events: Event) -> None:
    """Add `events` in order to the transaction of `connection`."""
    connection.info[_KEPT].extend(events)


def write(connection: Connection, wall: Callable[[], int]) -> None:
    """Write the transaction's events, stamped once its turn has come; nothing but the commit may follow."""
    events: list[Event] = connection.info[_KEPT]
    if events:
        take_turn(connection)
        wall_ns = wall()
        connection.execute(_APPEND, [vars(event) | {"unix_ns": wall_ns} for event in events])
