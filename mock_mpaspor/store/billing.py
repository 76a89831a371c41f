"""Asking for a billing code: the state, the fee, the message to SIMPONI, the answer and the event, all or none.

The fee is that of the day on which the code is asked for; from then on it is the bill's, whatever the tariff.
"""

import msgspec
from sqlalchemy import Connection, and_, bindparam, select
from sqlalchemy.exc import IntegrityError

from mock_mpaspor.domain.clock import Clock
from mock_mpaspor.domain.deadlines import Deadlines
from mock_mpaspor.domain.errors import ErrorCode, Refusal
from mock_mpaspor.domain.events import Event, EventType
from mock_mpaspor.domain.states import State
from mock_mpaspor.store import outbox
from mock_mpaspor.store.database import Database
from mock_mpaspor.store.fees import COSTS, fix_fee
from mock_mpaspor.store.idempotency import Answer, KeyedRequest, keep, replay
from mock_mpaspor.store.schema import APPLICATIONS, IDEMPOTENCY
from mock_mpaspor.store.trail import append

_KNOWN = (
    select(IDEMPOTENCY.c.fingerprint, IDEMPOTENCY.c.answer)
    .select_from(APPLICATIONS)
    .outerjoin(
        IDEMPOTENCY,
        and_(IDEMPOTENCY.c.account_id == APPLICATIONS.c.account_id, IDEMPOTENCY.c.key == bindparam("key")),
    )
    .where(APPLICATIONS.c.id == bindparam("application_id"), APPLICATIONS.c.account_id == bindparam("account_id"))
)
_REQUEST = (
    APPLICATIONS.update()
    .where(
        APPLICATIONS.c.id == bindparam("application_id"),
        APPLICATIONS.c.state == State.SLOT_HELD,
        # A hold ends to the second, whether or not expiry has come round.
        APPLICATIONS.c.ends_ns > bindparam("now"),
    )
    .values(state=State.BILLING_REQUESTED, requested_ns=bindparam("now"), ends_ns=None)
    .returning(*COSTS)
)


class BillingRequests:
    """Takes requests for a billing code."""

    def __init__(self, database: Database, clock: Clock, deadlines: Deadlines) -> None:
        self._database = database
        self._clock = clock
        self._deadlines = deadlines

    def request(self, request: KeyedRequest) -> Answer:
        """Note the request and order the code, or give the answer that this key got.

        Raises Refusal(WRONG_STATE) where no place is held (any more) and Refusal(KEY_REUSED).
        """
        known = self._known(request)
        if known:
            return known
        try:
            return self._commit(request)
        except IntegrityError:
            # The same key, sent twice at once: the other one is committed by now.
            known = self._known(request)
            if known is None:
                raise
            return known

    def _known(self, request: KeyedRequest) -> Answer | None:
        values = {
            "application_id": request.application_id,
            "account_id": request.account_id,
            "key": request.key,
        }
        with self._database.read() as connection:
            row = connection.execute(_KNOWN, values).first()
        if row is None:
            raise Refusal(ErrorCode.UNKNOWN_APPLICATION)
        return replay(request, row.fingerprint, row.answer)

    def _commit(self, request: KeyedRequest) -> Answer:
        now = self._clock()
        body = {"application_id": request.application_id, "state": State.BILLING_REQUESTED}
        requested = Event(
            type=EventType.BILLING_REQUESTED,
            application_id=request.application_id,
            key=request.key,
            trace_id=request.trace_id,
        )
        with self._database.write() as connection:
            answer = keep(connection, request, msgspec.json.encode(body).decode(), now)
            row = connection.execute(_REQUEST, {"application_id": request.application_id, "now": now}).first()
            if row is None:
                raise Refusal(ErrorCode.WRONG_STATE)
            fix_fee(connection, row, now)
            append(connection, requested)
            self._order_code(connection, request, now)
        return answer

    def _order_code(self, connection: Connection, request: KeyedRequest, now: int) -> None:
        """Leave the message to SIMPONI in the outbox, in the same transaction."""
        give_up_ns = self._deadlines.give_up_code_at(now)
        outbox.put_bill(connection, request.application_id, request.trace_id, now, give_up_ns)
