"""SIMPONI's bills: issued once a reference, paid once, payable until their validity ends, refunded once.

The rules of DOMAIN §3: 15-digit billing codes that begin with 8, NTPN of 16 alphanumerics, seven days of validity.
"""

from collections.abc import Iterator
from dataclasses import dataclass, fields, replace
from enum import StrEnum
from random import Random

from sqlalchemy import ColumnElement, Connection, RowMapping, func, insert, select, update

from mock_mpaspor.outside.clock import NS, UNHURRIED, Clock, Pace, rfc3339
from mock_mpaspor.outside.errors import Code, Refusal
from mock_mpaspor.outside.simponi.books import Books, bill_table
from mock_mpaspor.outside.simponi.notices import Notice, NoticeBody, note
from mock_mpaspor.outside.simponi.numbering import ALPHANUMERICS, DIGITS, Numbering


class BillState(StrEnum):
    OPEN = "open"
    PAID = "paid"
    VOID = "void"
    REFUNDED = "refunded"


@dataclass(frozen=True)
class Bill:
    number: int
    billing_code: str
    reference: str
    amount_idr: int
    state: BillState
    issued_unix_ns: int
    # In the time of `Pace`; the other instants are the wall clock's.
    valid_until_unix_ns: int
    paid_unix_ns: int | None = None
    ntpn: str | None = None
    ntb: str | None = None


@dataclass(frozen=True)
class Payment:
    """Money that a bank says has left an account; `ntb` is the bank's own number for it."""

    billing_code: str
    amount_idr: int
    ntb: str
    channel: str


class BillBook:
    """Every rule about bills, each decided inside one write transaction."""

    def __init__(self, books: Books, clock: Clock, validity_s: int, pace: Pace = UNHURRIED) -> None:
        self._books = books
        self._clock = clock
        self._pace = pace
        self._validity_ns = validity_s * NS
        draw = Random(books.seed)
        self._codes = Numbering(DIGITS, length=14, offset=draw.randrange(10**14), prefix="8")
        self._ntpns = Numbering(ALPHANUMERICS, length=16, offset=draw.randrange(36**16))

    def issue(self, reference: str, amount_idr: int) -> tuple[Bill, bool]:
        """The reference's bill, and whether it is new. Refusal where it was billed with another amount."""
        with self._books.write() as connection:
            known = self._one(connection, bill_table.c.reference == reference)
            if known is None:
                return self._insert(connection, reference, amount_idr), True
            if known.amount_idr != amount_idr:
                raise Refusal(Code.REFERENCE_REUSED)
            return known, False

    def pay(self, payment: Payment, traceparent: str | None) -> tuple[Bill, Notice | None]:
        """The bill as paid, and the notice that is now owed to its owner; none when this ntb had paid it before.

        Refusal where the code is unknown, the bill was paid otherwise, is void, or has another amount.
        """
        with self._books.write() as connection:
            before = self._one(connection, bill_table.c.ntb == payment.ntb)
            if before is not None:
                _refuse_other_payment(before, payment)
                return before, None
            bill = self._payable(connection, payment)
            return self._settle(connection, bill, payment, traceparent)

    def refund(self, billing_code: str) -> None:
        """Mark a paid bill as refunded; a refunded one stays so."""
        with self._books.write() as connection:
            connection.execute(
                update(bill_table)
                .where(bill_table.c.billing_code == billing_code, bill_table.c.state == BillState.PAID)
                .values(state=BillState.REFUNDED)
            )

    def find(self, billing_code: str) -> Bill:
        """Refusal where no bill has this code."""
        with self._books.read() as connection:
            bill = self._one(connection, bill_table.c.billing_code == billing_code)
        if bill is None:
            raise Refusal(Code.UNKNOWN_CODE)
        return bill

    def find_by_reference(self, reference: str) -> Bill | None:
        with self._books.read() as connection:
            return self._one(connection, bill_table.c.reference == reference)

    def all(self) -> Iterator[Bill]:
        """Every bill in the order of issue, as of one instant."""
        with self._books.read() as connection:
            rows = connection.execution_options(yield_per=1000).execute(
                select(bill_table).order_by(bill_table.c.number)
            )
            for row in rows.mappings():
                yield self._bill(row)

    def count(self) -> dict[BillState, int]:
        """How many bills stand in each state, all states named."""
        void = (bill_table.c.state == BillState.OPEN) & (bill_table.c.valid_until_unix_ns <= self._now_ns())
        with self._books.read() as connection:
            rows = connection.execute(select(bill_table.c.state, func.count()).group_by(bill_table.c.state))
            counts = dict.fromkeys(BillState, 0) | {BillState(state): number for state, number in rows}
            counts[BillState.VOID] = connection.scalar(select(func.count()).where(void)) or 0
        counts[BillState.OPEN] -= counts[BillState.VOID]
        return counts

    def _insert(self, connection: Connection, reference: str, amount_idr: int) -> Bill:
        number = (connection.scalar(select(func.max(bill_table.c.number))) or 0) + 1
        now_ns = self._clock.unix_ns()
        bill = Bill(
            number=number,
            billing_code=self._codes.nth(number),
            reference=reference,
            amount_idr=amount_idr,
            state=BillState.OPEN,
            issued_unix_ns=now_ns,
            valid_until_unix_ns=self._pace.at(now_ns) + self._validity_ns,
        )
        connection.execute(insert(bill_table).values(**vars(bill)))
        return bill

    def _payable(self, connection: Connection, payment: Payment) -> Bill:
        bill = self._one(connection, bill_table.c.billing_code == payment.billing_code)
        if bill is None:
            raise Refusal(Code.UNKNOWN_CODE)
        if bill.state in (BillState.PAID, BillState.REFUNDED):
            raise Refusal(Code.ALREADY_PAID)
        if bill.state is BillState.VOID:
            raise Refusal(Code.BILL_VOID)
        if bill.amount_idr != payment.amount_idr:
            raise Refusal(Code.WRONG_AMOUNT)
        return bill

    def _settle(
        self, connection: Connection, bill: Bill, payment: Payment, traceparent: str | None
    ) -> tuple[Bill, Notice]:
        now_ns, ntpn = self._clock.unix_ns(), self._ntpns.nth(bill.number)
        paid = replace(bill, state=BillState.PAID, paid_unix_ns=now_ns, ntpn=ntpn, ntb=payment.ntb)
        connection.execute(
            update(bill_table).where(bill_table.c.number == bill.number).values(**vars(paid), channel=payment.channel)
        )
        body = NoticeBody(
            event_id=f"payment-{ntpn}",
            billing_code=bill.billing_code,
            ntpn=ntpn,
            ntb=payment.ntb,
            amount_idr=bill.amount_idr,
            paid_at=rfc3339(now_ns),
        )
        return paid, note(connection, body, traceparent)

    def _one(self, connection: Connection, condition: ColumnElement[bool]) -> Bill | None:
        row = connection.execute(select(bill_table).where(condition)).mappings().one_or_none()
        return None if row is None else self._bill(row)

    def _bill(self, row: RowMapping) -> Bill:
        """The row as a bill; an open one whose validity has ended is void."""
        bill = Bill(**{field.name: row[field.name] for field in fields(Bill)})
        lapsed = bill.state == BillState.OPEN and bill.valid_until_unix_ns <= self._now_ns()
        return replace(bill, state=BillState.VOID if lapsed else BillState(bill.state))

    def _now_ns(self) -> int:
        """The time that validity is kept in."""
        return self._pace.at(self._clock.unix_ns())


def _refuse_other_payment(bill: Bill, payment: Payment) -> None:
    if (bill.billing_code, bill.amount_idr) != (payment.billing_code, payment.amount_idr):
        raise Refusal(Code.NTB_REUSED)
