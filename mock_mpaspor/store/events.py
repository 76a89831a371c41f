"""Reading the append-only trail back, in order: by the audit as it is, by an application's owner as a timeline."""

import msgspec
from sqlalchemy import bindparam, select

from mock_mpaspor.domain.events import EventType, Reason
from mock_mpaspor.domain.states import State
from mock_mpaspor.store.database import Database
from mock_mpaspor.store.schema import EVENTS

_AFTER = select(EVENTS).where(EVENTS.c.seq > bindparam("after")).order_by(EVENTS.c.seq).limit(bindparam("limit"))
_OF_APPLICATION = (
    select(EVENTS.c.type, EVENTS.c.unix_ns, EVENTS.c.reason)
    .where(EVENTS.c.application_id == bindparam("application_id"))
    .order_by(EVENTS.c.seq)
)

# The state that an application was in after an event; events that are not here left it as it was.
_STATE_AFTER: dict[str, State] = {
    EventType.APPLICATION_CREATED: State.DRAFT,
    EventType.IDENTITY_VERIFIED: State.NIK_VERIFIED,
    EventType.DOCUMENTS_COMPLETE: State.DOCS_UPLOADED,
    EventType.HELD: State.SLOT_HELD,
    EventType.BILLING_REQUESTED: State.BILLING_REQUESTED,
    EventType.BILL_ISSUED: State.AWAITING_PAYMENT,
    EventType.BILLING_FAILED: State.BILLING_FAILED,
    EventType.EXPIRED: State.EXPIRED,
    EventType.PAID: State.PAID,
    EventType.REFUND_ORDERED: State.REFUND_DUE,
    EventType.REFUNDED: State.REFUNDED,
    EventType.CANCELLED: State.CANCELLED,
    EventType.FORFEITED: State.FORFEITED,
    EventType.REINSTATED: State.PAID,
    EventType.REFERRED: State.REFERRED,
    EventType.REFERRAL_APPROVED: State.DOCS_UPLOADED,
    EventType.REJECTED: State.REJECTED,
    EventType.CHECKED_IN: State.CHECKED_IN,
    EventType.FILE_INCOMPLETE: State.INCOMPLETE,
    EventType.INTERVIEWED: State.INTERVIEWED,
    EventType.ADJUDICATION: State.ADJUDICATION,
    EventType.PRINTING: State.PRINTING,
    EventType.READY: State.READY,
    EventType.COLLECTED: State.COLLECTED,
    EventType.SHIPPED: State.SHIPPED,
}
# Some events say more by their reason than by their name.
_STATE_FOR: dict[str, State] = {
    Reason.HOLD_LAPSED: State.DOCS_UPLOADED,
    Reason.APAPO: State.QUEUED,
}


# A moved appointment gives a place back and takes one, and is as paid (or queued) as before; late money has its place
# only together with what it pays.
_AS_BEFORE = (Reason.RESCHEDULED, Reason.LATE_PAYMENT)
# Once an application is paid or refunded, money that comes on top goes back and leaves it as it is.
_SETTLES = (EventType.PAID, EventType.REFUNDED)
_MONEY_BACK = (EventType.REFUND_ORDERED, EventType.REFUNDED)


class FeedLine(msgspec.Struct, frozen=True, omit_defaults=True):
    """One line of the audit feed."""

    seq: int
    unix_ns: int
    type: str
    application_id: str | None = None
    applicant: str | None = None
    slot: str | None = None
    capacity: int | None = None
    key: str | None = None
    billing_code: str | None = None
    amount_idr: int | None = None
    ntpn: str | None = None
    trace_id: str | None = None
    reason: str | None = None
    office: str | None = None
    position: int | None = None
    attempt: int | None = None


def read_feed(database: Database, after: int, limit: int) -> bytes:
    """Up to `limit` events with a sequence number above `after`, ascending, as NDJSON."""
    with database.read() as connection:
        rows = connection.execute(_AFTER, {"after": after, "limit": limit}).all()
    return msgspec.json.Encoder().encode_lines([FeedLine(*row) for row in rows])


def read_timeline(database: Database, application_id: str) -> list[tuple[State, int]]:
    """The states that the application went through, each with the wall clock's instant (unix ns) it was entered."""
    with database.read() as connection:
        rows = connection.execute(_OF_APPLICATION, {"application_id": application_id}).all()
    timeline: list[tuple[State, int]] = []
    settled = False
    for kind, unix_ns, reason in rows:
        state = None if reason in _AS_BEFORE else _STATE_FOR.get(reason) or _STATE_AFTER.get(kind)
        if settled and kind in _MONEY_BACK:
            continue
        settled = settled or kind in _SETTLES
        if state and (not timeline or timeline[-1][0] is not state):
            timeline.append((state, unix_ns))
    return timeline
