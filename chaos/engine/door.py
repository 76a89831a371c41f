"""The door of a proxy: new connections that a toxic keeps from being dialled, until they are sent away or let in."""

from dataclasses import dataclass, replace

from chaos.engine.clock import Appointment, Clock
from chaos.engine.connection import Connection
from chaos.engine.toxic import Toxic
from chaos.engine.toxics.dial import DialSettings


@dataclass(frozen=True)
class _Wait:
    connection: Connection
    toxic: Toxic
    since: float
    timer: Appointment | None = None


class Door:
    """Who waits, by connection number."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._waits: dict[int, _Wait] = {}

    def keep(self, connection: Connection, toxic: Toxic) -> None:
        """Let the connection wait for what the toxic does to it."""
        self._waits[connection.number] = _Wait(connection, toxic, self._clock.now())
        self._look(connection.number)

    def forget(self, number: int) -> None:
        """The connection is gone, or goes on."""
        wait = self._waits.pop(number, None)
        if wait and wait.timer:
            wait.timer.cancel()

    def kept_by(self, toxic: Toxic) -> list[Connection]:
        """Those that wait because of this toxic, in the order in which they came."""
        return [wait.connection for wait in self._waits.values() if wait.toxic is toxic]

    def changed(self, toxic: Toxic) -> None:
        """The toxic's settings have changed: they hold for those that wait too, from when each of them came."""
        for connection in self.kept_by(toxic):
            self._look(connection.number)

    def _look(self, number: int) -> None:
        """Send the connection away if it is time, or look again when it will be."""
        wait = self._waits[number]
        if wait.timer:
            wait.timer.cancel()
        settings = wait.toxic.settings
        assert isinstance(settings, DialSettings)
        due = None if settings.wait_ms is None else wait.since + settings.wait_ms / 1000
        if due is None:
            self._waits[number] = replace(wait, timer=None)
        elif due > self._clock.now():
            self._waits[number] = replace(wait, timer=self._clock.call_at(due, lambda: self._look(number)))
        elif settings.resets:
            wait.connection.reset(wait.toxic.name)
        else:
            wait.connection.abort(wait.toxic.name)
