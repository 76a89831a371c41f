"""The notices that SIMPONI owes: one a payment, written with the payment, kept until M-Paspor has taken it."""

from dataclasses import dataclass

import msgspec
from sqlalchemy import Connection, insert, select, update

from mock_mpaspor.outside.clock import Clock
from mock_mpaspor.outside.simponi.books import Books, callback_table


class NoticeBody(msgspec.Struct, frozen=True):
    """What M-Paspor is told of a payment."""

    event_id: str
    billing_code: str
    ntpn: str
    ntb: str
    amount_idr: int
    paid_at: str


@dataclass(frozen=True)
class Notice:
    """`body` never changes between attempts: the same event twice is the same bytes."""

    event_id: str
    body: bytes
    traceparent: str | None


class NoticeBook:
    """Which notices are still owed."""

    def __init__(self, books: Books, clock: Clock) -> None:
        self._books = books
        self._clock = clock

    def owed(self) -> list[Notice]:
        """Every notice that nobody took yet."""
        columns = (callback_table.c.event_id, callback_table.c.body, callback_table.c.traceparent)
        with self._books.read() as connection:
            rows = connection.execute(select(*columns).where(callback_table.c.delivered_unix_ns.is_(None))).all()
        return [Notice(*row) for row in rows]

    def taken(self, notice: Notice) -> None:
        """Strike a notice off: it was answered 2xx."""
        with self._books.write() as connection:
            connection.execute(
                update(callback_table)
                .where(callback_table.c.event_id == notice.event_id)
                .values(delivered_unix_ns=self._clock.unix_ns())
            )


def note(connection: Connection, body: NoticeBody, traceparent: str | None) -> Notice:
    """Write down, inside the payment's own transaction, that M-Paspor must be told."""
    notice = Notice(body.event_id, msgspec.json.encode(body), traceparent)
    connection.execute(insert(callback_table).values(**vars(notice)))
    return notice
