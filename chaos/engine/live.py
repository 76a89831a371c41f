"""The connections that a proxy carries now, with their counters: who is slow, who is held, and by which toxic."""

from itertools import islice

from chaos.engine.connection import Connection
from chaos.engine.proxy import Proxy
from chaos.engine.toxic import Direction

# An answer of the control API stays small, however many connections there are.
MOST_SHOWN = 1_000


def live_connections(proxy: Proxy) -> dict[str, object]:
    """How many there are, and the oldest of them in the order in which they came."""
    alive = list(proxy.connections())
    return {"open": len(alive), "connections": [_shown(connection) for connection in islice(alive, MOST_SHOWN)]}


def _shown(connection: Connection) -> dict[str, object]:
    """Counted in bytes: received from the sender, handed on to the receiver, held between them by toxics."""
    return {
        "connection": connection.number,
        "client": connection.client.peer(),
        "dialled": connection.open,
        "toxics": [name for name, applies in connection.decisions.items() if applies],
        **{way.value: _lane(connection, way) for way in Direction},
    }


def _lane(connection: Connection, way: Direction) -> dict[str, int]:
    lane = connection.lane(way)
    return {
        "received_bytes": lane.carried_bytes,
        "sent_bytes": lane.sent_bytes,
        "held_bytes": lane.held_bytes,
    }
