"""Messages to SIMPONI and SIMKIM that a transaction decided to send; the relays deliver them and strike them off.

A message is claimed in its relay's memory alone: after a crash it is simply sent again, and the other side knows the
reference. Assumption: one jobs process.
"""

from collections.abc import Callable, Collection
from dataclasses import dataclass
from enum import StrEnum

from sqlalchemy import Connection, Select, bindparam, exists, select

from mock_mpaspor.domain.clock import Clock
from mock_mpaspor.domain.events import AttemptFailure, Event, EventType
from mock_mpaspor.store.database import Database
from mock_mpaspor.store.schema import APPLICATIONS, OUTBOX
from mock_mpaspor.store.trail import append


class Topic(StrEnum):
    """What a message asks, of SIMPONI the first two, of SIMKIM the others."""

    BILL = "bill"
    REFUND = "refund"
    CASE = "case"
    WITHDRAWAL = "withdrawal"


BILLS = (Topic.BILL,)
REFUNDS = (Topic.REFUND,)
FOR_SIMKIM = (Topic.CASE, Topic.WITHDRAWAL)


@dataclass(frozen=True)
class Message:
    """One message with what the relay needs to send it. `give_up_ns` is None where it never gives up."""

    id: int
    topic: str
    application_id: str
    ntpn: str | None
    trace_id: str | None
    created_ns: int
    give_up_ns: int | None
    attempts: int
    last_failure: str | None
    amount_idr: int
    payer: str
    billing_code: str | None


_EARLIER = OUTBOX.alias("earlier")
_COLUMNS = (
    OUTBOX.c.id,
    OUTBOX.c.topic,
    OUTBOX.c.application_id,
    OUTBOX.c.ntpn,
    OUTBOX.c.trace_id,
    OUTBOX.c.created_ns,
    OUTBOX.c.give_up_ns,
    OUTBOX.c.attempts,
    OUTBOX.c.last_failure,
    APPLICATIONS.c.amount_idr,
    APPLICATIONS.c.payer,
    APPLICATIONS.c.billing_code,
)


def _due(topics: Collection[Topic], in_order: bool) -> Select[tuple[object, ...]]:
    due: Select[tuple[object, ...]] = (
        select(*_COLUMNS)
        .join(APPLICATIONS, APPLICATIONS.c.id == OUTBOX.c.application_id)
        .where(OUTBOX.c.done_ns.is_(None), OUTBOX.c.due_ns <= bindparam("now"), OUTBOX.c.topic.in_(topics))
        .order_by(OUTBOX.c.due_ns, OUTBOX.c.id)
        .limit(bindparam("limit"))
    )
    if not in_order:
        return due
    earlier = exists().where(
        _EARLIER.c.application_id == OUTBOX.c.application_id,
        _EARLIER.c.id < OUTBOX.c.id,
        _EARLIER.c.done_ns.is_(None),
        _EARLIER.c.topic.in_(topics),
    )
    return due.where(~earlier)


_POSTPONE = (
    OUTBOX.update()
    .where(OUTBOX.c.id == bindparam("message_id"), OUTBOX.c.done_ns.is_(None))
    .values(due_ns=bindparam("due"), attempts=bindparam("tried"), last_failure=bindparam("failure"))
)
_STRIKE_OFF = (
    OUTBOX.update()
    .where(OUTBOX.c.id == bindparam("message_id"), OUTBOX.c.done_ns.is_(None))
    .values(done_ns=bindparam("now"))
)
_WITHDRAW_BILL = (
    OUTBOX.update()
    .where(
        OUTBOX.c.application_id == bindparam("of_application"),
        OUTBOX.c.topic == Topic.BILL,
        OUTBOX.c.done_ns.is_(None),
    )
    .values(done_ns=bindparam("now"))
)


def put_bill(connection: Connection, application_id: str, trace_id: str | None, now_ns: int, give_up_ns: int) -> None:
    """Ask for a bill, until `give_up_ns`."""
    row = {
        "topic": Topic.BILL,
        "application_id": application_id,
        "trace_id": trace_id,
        "created_ns": now_ns,
        "due_ns": now_ns,
        "give_up_ns": give_up_ns,
    }
    connection.execute(OUTBOX.insert(), row)


def put_refund(connection: Connection, application_id: str, ntpn: str, trace_id: str | None, now_ns: int) -> None:
    """Ask for the money of `ntpn` to go back, however long it takes."""
    row = {
        "topic": Topic.REFUND,
        "application_id": application_id,
        "ntpn": ntpn,
        "trace_id": trace_id,
        "created_ns": now_ns,
        "due_ns": now_ns,
    }
    connection.execute(OUTBOX.insert(), row)


def put(connection: Connection, topic: Topic, application_id: str, trace_id: str | None, now_ns: int) -> None:
    """Ask for something that is never given up."""
    row = {
        "topic": topic,
        "application_id": application_id,
        "trace_id": trace_id,
        "created_ns": now_ns,
        "due_ns": now_ns,
    }
    connection.execute(OUTBOX.insert(), row)


def withdraw_bill(connection: Connection, application_id: str, now_ns: int) -> None:
    """Nobody wants the application's bill any more; an attempt under way may still bring one."""
    connection.execute(_WITHDRAW_BILL, {"of_application": application_id, "now": now_ns})


def strike_off(connection: Connection, message: Message, now_ns: int) -> bool:
    """The message needs no further attempt; whether that is news."""
    return connection.execute(_STRIKE_OFF, {"message_id": message.id, "now": now_ns}).rowcount == 1


class Outbox:
    """A relay's side: what is due of its topics, and what an attempt that failed changes.

    `in_order`: an application's messages are due one after the other.
    """

    def __init__(self, database: Database, clock: Clock, topics: Collection[Topic], in_order: bool = False) -> None:
        self._database = database
        self._clock = clock
        self._due = _due(topics, in_order)
        self._due_now = (
            OUTBOX.update()
            .where(OUTBOX.c.done_ns.is_(None), OUTBOX.c.topic.in_(topics))
            .values(due_ns=bindparam("now"))
        )

    def due(self, limit: int, claimed: Collection[int]) -> list[Message]:
        """Up to `limit` messages whose time has come, oldest first, without those that are being sent now."""
        values = {"now": self._clock(), "limit": limit + len(claimed)}
        with self._database.read() as connection:
            rows = connection.execute(self._due, values).all()
        return [Message(**row._asdict()) for row in rows if row.id not in claimed][:limit]

    def postpone(self, messages: Collection[Message], failure: AttemptFailure, due_ns: Callable[[], int]) -> None:
        """Note that the attempts failed and when each is due again.

        While the breaker is open nothing is sent: that counts as no attempt, and is told once an episode.
        """
        now = self._clock()
        with self._database.write() as connection:
            for message in messages:
                sent = failure is not AttemptFailure.BREAKER_OPEN
                tried = message.attempts + sent
                values = {"message_id": message.id, "due": due_ns(), "tried": tried, "failure": failure}
                connection.execute(_POSTPONE, values)
                if message.topic == Topic.BILL and (sent or message.last_failure != failure):
                    append(connection, _failed(message, failure, tried, now))

    def done(self, message: Message) -> None:
        """The message arrived, or has become pointless."""
        with self._database.write() as connection:
            strike_off(connection, message, self._clock())

    def make_due(self) -> None:
        """Everything is due at once: the other side answers again."""
        with self._database.write() as connection:
            connection.execute(self._due_now, {"now": self._clock()})


def _failed(message: Message, failure: AttemptFailure, attempt: int, now: int) -> Event:
    return Event(
        type=EventType.BILL_ATTEMPT_FAILED,
        application_id=message.application_id,
        attempt=attempt,
        reason=failure,
        trace_id=message.trace_id,
    )
