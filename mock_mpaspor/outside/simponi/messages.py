"""What SIMPONI reads and answers, field by field as docs/mpaspor-api.md has it."""

from typing import Annotated

import msgspec

from mock_mpaspor.outside.amount import AmountIdr
from mock_mpaspor.outside.clock import rfc3339
from mock_mpaspor.outside.simponi.bills import Bill, BillState

Reference = Annotated[str, msgspec.Meta(min_length=1, max_length=200)]


class BillRequest(msgspec.Struct, frozen=True):
    """`payer` is asked for as the real gateway would, and not kept: nothing here needs to know a person."""

    reference: Reference
    amount_idr: AmountIdr
    payer: str


class PaymentRequest(msgspec.Struct, frozen=True):
    billing_code: str
    amount_idr: AmountIdr
    ntb: Annotated[str, msgspec.Meta(pattern=r"^[0-9]{12}$")]
    channel: Annotated[str, msgspec.Meta(min_length=1, max_length=40)]


class RefundRequest(msgspec.Struct, frozen=True):
    ntpn: str


class IssuedBill(msgspec.Struct, frozen=True):
    billing_code: str
    amount_idr: int
    valid_until: str


class TakenPayment(msgspec.Struct, frozen=True):
    ntpn: str
    paid_at: str


class BillView(msgspec.Struct, frozen=True):
    """A bill as it stands, for whoever reconciles."""

    billing_code: str
    reference: str
    amount_idr: int
    state: BillState
    valid_until: str
    paid_at: str | None
    ntpn: str | None
    ntb: str | None


class BillList(msgspec.Struct, frozen=True):
    bills: list[BillView]


class BillRow(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One line of the feed."""

    billing_code: str
    reference: str
    amount_idr: int
    state: BillState
    issued_unix_ns: int
    paid_unix_ns: int | None = None
    ntpn: str | None = None
    ntb: str | None = None


def view(bill: Bill) -> BillView:
    return BillView(
        billing_code=bill.billing_code,
        reference=bill.reference,
        amount_idr=bill.amount_idr,
        state=bill.state,
        valid_until=rfc3339(bill.valid_until_unix_ns),
        paid_at=None if bill.paid_unix_ns is None else rfc3339(bill.paid_unix_ns),
        ntpn=bill.ntpn,
        ntb=bill.ntb,
    )


def feed_line(bill: Bill) -> bytes:
    """The bill as one line of the feed, newline included."""
    row = BillRow(**{name: getattr(bill, name) for name in BillRow.__struct_fields__})
    return msgspec.json.encode(row) + b"\n"
