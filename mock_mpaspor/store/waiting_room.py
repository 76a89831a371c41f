"""The waiting room: who wants to book at an office's opening gets a ticket with a position, and each in turn comes in.

A ticket's turn is worked out when its position is given and stored with it, so that admitting people needs no job and
no two processes disagree. Positions are given under the lock of the room's row. Where they are drawn, whoever first
looks at the room after its opening draws for all who came before.
"""

import math
from collections.abc import Callable
from dataclasses import dataclass
from random import Random

from sqlalchemy import Connection, bindparam, select
from sqlalchemy.exc import IntegrityError

from mock_mpaspor.domain.clock import NS_PER_S, Clock
from mock_mpaspor.domain.errors import ErrorCode, Refusal
from mock_mpaspor.domain.events import Event, EventType
from mock_mpaspor.domain.offices import Office
from mock_mpaspor.domain.slots import Lane
from mock_mpaspor.domain.waiting_room import LOBBY, Order, Pace
from mock_mpaspor.store.database import Database
from mock_mpaspor.store.holds import MOST_TURNS
from mock_mpaspor.store.schema import ACCOUNTS, ROOMS, SLOTS, TICKETS, ApplicationRow
from mock_mpaspor.store.trail import append

# Assumption: whoever waits looks again after half a minute at the latest.
LONGEST_PAUSE_S = 30

_OPENINGS = (
    select(SLOTS.c.opens_ns)
    .where(
        SLOTS.c.office == bindparam("the_office"),
        SLOTS.c.lane.in_((Lane.ONLINE, Lane.REGULAR, Lane.ELECTRONIC, Lane.EXPRESS)),
        SLOTS.c.ends_ns > bindparam("now"),
    )
    .distinct()
)
_ROOM = (ROOMS.c.office == bindparam("the_office")) & (ROOMS.c.opens_ns == bindparam("the_opening"))
_LOCK = select(ROOMS).where(_ROOM).with_for_update()
_ENTER = ROOMS.update().where(_ROOM).values(joined=ROOMS.c.joined + 1).returning(ROOMS)
_LEAVE = ROOMS.update().where(_ROOM).values(drawn=True, next_ns=bindparam("following"))
_IN_ROOM = (TICKETS.c.office == bindparam("the_office")) & (TICKETS.c.opens_ns == bindparam("the_opening"))
_OF_ACCOUNT = (
    select(TICKETS.c.id)
    .select_from(ACCOUNTS.outerjoin(TICKETS, (TICKETS.c.account_id == ACCOUNTS.c.id) & _IN_ROOM))
    .where(ACCOUNTS.c.id == bindparam("account"))
)
_TICKET = (
    select(TICKETS, ROOMS.c.drawn)
    .join(ROOMS, (ROOMS.c.office == TICKETS.c.office) & (ROOMS.c.opens_ns == TICKETS.c.opens_ns))
    .where(TICKETS.c.id == bindparam("ticket"), TICKETS.c.account_id == bindparam("account"))
)
_UNDRAWN = select(TICKETS.c.id).where(_IN_ROOM, TICKETS.c.position.is_(None)).order_by(TICKETS.c.id)
_DRAW = (
    TICKETS.update()
    .where(TICKETS.c.id == bindparam("ticket"))
    .values(position=bindparam("number"), admitted_ns=bindparam("turn"))
)
_UNTOLD = (
    select(TICKETS.c.id, TICKETS.c.account_id, TICKETS.c.position)
    .where(_IN_ROOM, TICKETS.c.told.is_(False), TICKETS.c.admitted_ns <= bindparam("now"))
    .order_by(TICKETS.c.position)
)
_TOLD = TICKETS.update().where(TICKETS.c.id == bindparam("ticket")).values(told=True)


@dataclass(frozen=True)
class Standing:
    """Where a ticket stands; without a position until the lots are drawn."""

    ticket: str
    office: str
    opens_ns: int
    position: int | None
    ahead: int | None
    admitted: bool
    retry_after_s: int


class WaitingRoom:
    """Gives out tickets and tells whose turn it is."""

    def __init__(
        self, database: Database, clock: Clock, new_id: Callable[[], str], rng: Random, order: Order, pace: Pace
    ) -> None:
        self._database = database
        self._clock = clock
        self._new_id = new_id
        self._rng = rng
        self._order = order
        self._pace = pace

    def join(self, account_id: str, office: Office) -> tuple[Standing, bool]:
        """The account's ticket for the office's present opening, and whether it is new.

        Raises Refusal(NOT_OPEN) where the office has announced nothing, and Refusal(UNAUTHENTICATED) for an account
        that is not there (any more).
        """
        opens_ns = self._present_opening(office)
        where = {"the_office": office.office, "the_opening": opens_ns}
        for _ in range(MOST_TURNS):
            with self._database.read() as connection:
                account = connection.execute(_OF_ACCOUNT, where | {"account": account_id}).first()
            if account is None:
                raise Refusal(ErrorCode.UNAUTHENTICATED)
            if account.id is not None:
                return self.look(account.id, account_id), False
            try:
                return self.look(self._enter(account_id, where, opens_ns), account_id), True
            except IntegrityError:
                # The first of the room, or the same account at the same moment: the next turn sees it.
                continue
        raise Refusal(ErrorCode.BUSY)

    def look(self, ticket: str, account_id: str) -> Standing:
        """Where a ticket stands now; an admission that is seen is told to the trail first.

        Raises Refusal(UNKNOWN_TICKET), also for somebody else's.
        """
        now = self._clock()
        row = self._read(ticket, account_id)
        where = {"the_office": row.office, "the_opening": row.opens_ns}
        if not row.drawn and row.opens_ns <= now:
            with self._database.write() as connection:
                room = connection.execute(_LOCK, where).one()
                self._draw(connection, where, room, now)
            row = self._read(ticket, account_id)
        admitted = row.admitted_ns is not None and row.admitted_ns <= now
        if admitted and not row.told:
            self._tell(where, now)
        return self._standing(row, admitted, now)

    def check(self, account_id: str, office: str, opens_ns: int, ticket: str | None) -> None:
        """Raise Refusal(QUEUE_FIRST) unless this ticket has been let in to that opening, or to a later one."""
        try:
            standing = self.look(ticket or "", account_id)
        except Refusal as refusal:
            if refusal.code is not ErrorCode.UNKNOWN_TICKET:
                raise
            raise Refusal(ErrorCode.QUEUE_FIRST) from refusal
        if not standing.admitted or standing.office != office or standing.opens_ns < opens_ns:
            raise Refusal(ErrorCode.QUEUE_FIRST)

    def _present_opening(self, office: Office) -> int:
        """The opening that people who come now are waiting for."""
        now = self._clock()
        with self._database.read() as connection:
            openings = connection.execute(_OPENINGS, {"the_office": office.office, "now": now}).scalars().all()
        lobby_ns = int(LOBBY.total_seconds()) * NS_PER_S
        opened = [opening for opening in openings if opening <= now]
        to_come = min((opening for opening in openings if opening > now), default=None)
        if to_come is not None and (not opened or to_come - now <= lobby_ns):
            return int(to_come)
        if not opened:
            raise Refusal(ErrorCode.NOT_OPEN)
        return int(max(opened))

    def _enter(self, account_id: str, where: dict[str, object], opens_ns: int) -> str:
        """The id of a new ticket. Raises IntegrityError where another was faster."""
        ticket = self._new_id()
        with self._database.write() as connection:
            now = self._clock()
            room = self._room(connection, where)
            next_ns = room.next_ns
            if not room.drawn and opens_ns <= now:
                next_ns = self._draw(connection, where, room, now)
            final = room.drawn or opens_ns <= now
            position = self._position(room) if final else None
            turn = self._turn(next_ns, opens_ns, now) if final else None
            if turn is not None:
                connection.execute(_LEAVE, where | {"following": turn + self._pace.step_ns})
            row = {"id": ticket, "office": where["the_office"], "opens_ns": opens_ns, "account_id": account_id}
            connection.execute(TICKETS.insert(), row | {"position": position, "admitted_ns": turn})
            office = str(where["the_office"])
            append(connection, _event(EventType.QUEUE_JOINED, account_id, office, position))
        return ticket

    def _room(self, connection: Connection, where: dict[str, object]) -> ApplicationRow:
        """The room with one person more, locked until the commit."""
        room = connection.execute(_ENTER, where).first()
        if room is None:
            first = {
                "office": where["the_office"],
                "opens_ns": where["the_opening"],
                "joined": 0,
                "drawn": self._order is not Order.LOTTERY,
                "next_ns": 0,
            }
            connection.execute(ROOMS.insert(), first)
            room = connection.execute(_ENTER, where).one()
        return room

    def _position(self, room: ApplicationRow) -> int:
        """The number of the person who just came in."""
        return int(room.joined)

    def _draw(self, connection: Connection, where: dict[str, object], room: ApplicationRow, now: int) -> int:
        """Give positions by lot to all who wait without one, unless that was done; when the next may come in."""
        if room.drawn:
            return int(room.next_ns)
        tickets = list(connection.execute(_UNDRAWN, where).scalars())
        self._rng.shuffle(tickets)
        turn = room.opens_ns
        for number, ticket in enumerate(tickets, 1):
            connection.execute(_DRAW, {"ticket": ticket, "number": number, "turn": turn})
            turn += self._pace.step_ns
        connection.execute(_LEAVE, where | {"following": turn})
        return int(turn)

    def _turn(self, next_ns: int, opens_ns: int, now: int) -> int:
        return now if self._order is Order.OFF else self._pace.turn(next_ns, opens_ns, now)

    def _tell(self, where: dict[str, object], now: int) -> None:
        """Tell the trail of everybody who has been let in by now, in the order of their positions."""
        with self._database.write() as connection:
            connection.execute(_LOCK, where).one()
            for row in connection.execute(_UNTOLD, where | {"now": now}).all():
                connection.execute(_TOLD, {"ticket": row.id})
                office = str(where["the_office"])
                append(connection, _event(EventType.QUEUE_ADMITTED, row.account_id, office, row.position))

    def _read(self, ticket: str, account_id: str) -> ApplicationRow:
        with self._database.read() as connection:
            row = connection.execute(_TICKET, {"ticket": ticket, "account": account_id}).first()
        if row is None:
            raise Refusal(ErrorCode.UNKNOWN_TICKET)
        return row

    def _standing(self, row: ApplicationRow, admitted: bool, now: int) -> Standing:
        left_ns = (row.opens_ns if row.admitted_ns is None else row.admitted_ns) - now
        pause_s = math.ceil(self._clock.wall_s(left_ns))
        return Standing(
            ticket=row.id,
            office=row.office,
            opens_ns=row.opens_ns,
            position=row.position,
            ahead=None if row.position is None else self._ahead(row.position, left_ns),
            admitted=admitted,
            retry_after_s=0 if admitted else min(max(pause_s, 1), LONGEST_PAUSE_S),
        )

    def _ahead(self, position: int, left_ns: int) -> int:
        """How many come in before; from now until its turn they follow one another at the room's pace."""
        return max(0, min(position - 1, math.ceil(left_ns / self._pace.step_ns) - 1))


def _event(kind: EventType, account_id: str, office: str, position: int | None) -> Event:
    return Event(type=kind, applicant=account_id, office=office, position=position)
