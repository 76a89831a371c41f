"""A proxy: a listening address, an upstream, toxics in order, and the connections it carries."""

import asyncio
from collections import Counter
from collections.abc import Iterable, Iterator

from chaos.engine.addresses import BACKLOG, Address, bind, bound, resolve
from chaos.engine.census import Census
from chaos.engine.clock import Clock
from chaos.engine.connection import Connection
from chaos.engine.decision_log import DecisionLog, Happening
from chaos.engine.dialer import Dialer
from chaos.engine.door import Door
from chaos.engine.errors import CannotListen
from chaos.engine.side import Side
from chaos.engine.tally import Traffic
from chaos.engine.toxic import Direction, Toxic


class Proxy:
    """Starts and stops listening, accepts, dials, and lets toxics take hold of connections."""

    def __init__(self, name: str, listen: str, upstream: str, clock: Clock, log: DecisionLog, census: Census) -> None:
        """The census is the whole engine's. The proxy does not listen yet."""
        self.name = name
        self.listen = listen
        self.upstream = upstream
        self.toxics: dict[str, Toxic] = {}
        self.traffic = Traffic()
        self._clock = clock
        self._log = log
        self._census = census
        self._dialer = Dialer()
        self._door = Door(clock)
        self._change = asyncio.Lock()
        self._server: asyncio.Server | None = None
        self._connections: dict[int, Connection] = {}

    @property
    def enabled(self) -> bool:
        return self._server is not None

    async def start(self) -> None:
        """Listen; `listen` becomes the address bound. Raises CannotListen. A listening proxy stays as it is."""
        async with self._change:
            if self._server is not None:
                return
            try:
                address = await resolve(self.listen)
            except CannotListen as refusal:
                raise CannotListen(f"listen tcp: {refusal}") from refusal
            await self._listen(address)

    async def stop(self) -> None:
        """Stop listening and drop every connection; `listen` keeps the address for the next start."""
        async with self._change:
            self.drop()

    async def move(self, listen: str, upstream: str) -> None:
        """Change the addresses. A real change drops every connection; one that fails (CannotListen) changes nothing."""
        async with self._change:
            address = await resolve(listen)
            if str(address) != self.listen:
                await self._relocate(address)
            elif upstream != self.upstream:
                self._abort_all()
            self.upstream = upstream

    async def listens_on(self, listen: str) -> bool:
        """Whether `listen` names the address that the proxy has."""
        return str(await resolve(listen)) == self.listen

    def drop(self) -> None:
        """Stop without waiting for a change under way."""
        if self._server is None:
            return
        self._server.close()
        self._server = None
        self._log.write(Happening.PROXY_DISABLED, link=self.name, detail=self.listen)
        self._abort_all()

    def connections(self) -> Iterator[Connection]:
        """Those alive, in the order they were accepted."""
        return iter(list(self._connections.values()))

    def add_toxic(self, toxic: Toxic) -> None:
        """Let the toxic decide about every live connection, and every later one."""
        self.toxics[toxic.name] = toxic
        self._log.write(Happening.TOXIC_ADDED, link=self.name, toxic=toxic.name, detail=toxic.describe())
        for connection in self.connections():
            connection.draws[toxic.name] = toxic.draw()
            if connection.open:
                self._expose(connection, toxic)

    def update_toxic(self, toxic: Toxic) -> None:
        """The toxic's settings or share have changed: every live connection follows, by its kept draw."""
        self._log.write(Happening.TOXIC_UPDATED, link=self.name, toxic=toxic.name, detail=toxic.describe())
        for connection in self.connections():
            if connection.open:
                self._expose(connection, toxic)
        self._let_in(each for each in self._door.kept_by(toxic) if not self._decide(each, toxic))
        self._door.changed(toxic)

    def remove_toxic(self, toxic: Toxic) -> None:
        del self.toxics[toxic.name]
        self._log.write(Happening.TOXIC_REMOVED, link=self.name, toxic=toxic.name)
        for connection in self.connections():
            connection.forget(toxic)
        self._let_in(self._door.kept_by(toxic))

    def carried_bytes(self, direction: Direction) -> int:
        """Bytes received for one direction since the start, live connections included."""
        live = sum(connection.lane(direction).carried_bytes for connection in self._connections.values())
        return self.traffic.bytes[direction] + live

    def sent_bytes(self, direction: Direction) -> int:
        """Bytes handed on for one direction since the start, live connections included."""
        live = sum(connection.lane(direction).sent_bytes for connection in self._connections.values())
        return self.traffic.sent[direction] + live

    def as_json(self) -> dict[str, object]:
        in_order = [t for direction in Direction for t in self.toxics.values() if t.direction is direction]
        return {
            "name": self.name,
            "listen": self.listen,
            "upstream": self.upstream,
            "enabled": self.enabled,
            "Logger": {},
            "toxics": [toxic.as_json() for toxic in in_order],
        }

    def accepted(self, connection: Connection) -> None:
        if self._server is None:  # the kernel had taken it before the proxy was disabled
            connection.abort()
            return
        if not self._census.admit():
            self._refuse(connection)
            return
        self.traffic.opened += 1
        self._connections[connection.number] = connection
        self._log.write(
            Happening.CONNECTION_OPENED,
            link=self.name,
            connection=connection.number,
            detail=f"client {connection.client.peer()}",
        )
        connection.draws = {toxic.name: toxic.draw() for toxic in self.toxics.values()}
        self._admit(connection)

    def opened(self, connection: Connection) -> None:
        for toxic in self.toxics.values():
            if connection.open:  # a toxic before may have ended it
                self._expose(connection, toxic)

    def noted(self, connection: Connection, toxic: str, decision: str, request: str, trace_id: str | None) -> None:
        self.traffic.decisions[self.toxics[toxic].type, decision == "applies"] += 1
        self._log.write(
            Happening.REQUEST,
            link=self.name,
            toxic=toxic,
            connection=connection.number,
            detail=f"{decision}: {request}",
            trace_id=trace_id,
        )

    def reset_sent(self, connection: Connection) -> None:
        self.traffic.resets += 1
        self._log.write(Happening.RESET, link=self.name, toxic=connection.ended_by, connection=connection.number)

    def gone(self, connection: Connection) -> None:
        self._door.forget(connection.number)
        self._dialer.cancel(connection.number)
        if self._connections.pop(connection.number, None) is None:
            return
        self._census.leave()
        up, down = connection.up.carried_bytes, connection.down.carried_bytes
        self.traffic.bytes += Counter({Direction.UPSTREAM: up, Direction.DOWNSTREAM: down})
        self.traffic.sent += Counter({way: connection.lane(way).sent_bytes for way in Direction})
        self._log.write(
            Happening.CONNECTION_CLOSED,
            link=self.name,
            toxic=connection.ended_by,
            connection=connection.number,
            detail=f"upstream {up} B, downstream {down} B",
        )

    def _admit(self, connection: Connection) -> None:
        """Dial for the connection, unless a toxic keeps it at the door."""
        for toxic in self.toxics.values():
            if toxic.at_door and self._decide(connection, toxic):
                self._door.keep(connection, toxic)
                return
        self._dialer.dial(
            connection.number,
            self.upstream,
            lambda: connection.upstream,
            lambda reason: self._dial_failed(connection, reason),
        )

    def _let_in(self, connections: Iterable[Connection]) -> None:
        """What kept them at the door does so no longer."""
        for connection in connections:
            self._door.forget(connection.number)
            self._admit(connection)

    def _receive(self) -> Side:
        return Connection(self._census.number(), self, self._clock).client

    def _refuse(self, connection: Connection) -> None:
        self.traffic.refused += 1
        self._log.write(
            Happening.CONNECTION_REFUSED,
            link=self.name,
            connection=connection.number,
            detail=f"{self._census.limit} connections are all that the limit of open files allows",
        )
        connection.abort()

    def _dial_failed(self, connection: Connection, reason: str) -> None:
        self.traffic.dials_failed += 1
        self._log.write(
            Happening.DIAL_FAILED, link=self.name, connection=connection.number, detail=f"{self.upstream}: {reason}"
        )
        connection.abort()

    def _expose(self, connection: Connection, toxic: Toxic) -> None:
        if not toxic.at_door:
            connection.expose(toxic, self._decide(connection, toxic))

    def _decide(self, connection: Connection, toxic: Toxic) -> bool:
        """Whether the toxic touches the connection, by its kept draw; written down where that is new."""
        applies = toxic.touches(connection.draws[toxic.name])
        if not toxic.by_request and connection.decisions.get(toxic.name) is not applies:
            connection.decisions[toxic.name] = applies
            self.traffic.decisions[toxic.type, applies] += 1
            self._log.write(
                Happening.DECISION,
                link=self.name,
                toxic=toxic.name,
                connection=connection.number,
                detail="applies" if applies else "spared",
            )
        return applies

    async def _listen(self, address: Address) -> None:
        listener = bind(address)
        loop = asyncio.get_running_loop()
        self._server = await loop.create_server(self._receive, sock=listener, backlog=BACKLOG)
        self.listen = bound(listener)
        self._log.write(Happening.PROXY_ENABLED, link=self.name, detail=self.listen)

    async def _relocate(self, address: Address) -> None:
        """Listen elsewhere if it listens at all. The old address is given up only once the new one is held."""
        former, left = self._server, self.listen
        if former is None:
            self.listen = str(address)
            return
        await self._listen(address)
        former.close()
        self._log.write(Happening.PROXY_DISABLED, link=self.name, detail=left)
        self._abort_all()

    def _abort_all(self) -> None:
        for connection in self.connections():
            connection.abort()
