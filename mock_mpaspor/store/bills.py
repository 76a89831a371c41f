"""What became of a bill: issued by SIMPONI, or given up and the place given back."""

from sqlalchemy import Connection, String, bindparam, select

from mock_mpaspor.domain.clock import Clock
from mock_mpaspor.domain.deadlines import Deadlines
from mock_mpaspor.domain.events import Event, EventType, Reason
from mock_mpaspor.domain.states import State
from mock_mpaspor.store import outbox, places
from mock_mpaspor.store.database import Database
from mock_mpaspor.store.outbox import Message
from mock_mpaspor.store.schema import APPLICATIONS, ApplicationRow
from mock_mpaspor.store.trail import append

_ID = bindparam("application_id", type_=String)
LOCKED = select(APPLICATIONS).where(APPLICATIONS.c.id == _ID).with_for_update()
_ISSUE = (
    APPLICATIONS.update()
    .where(APPLICATIONS.c.id == _ID)
    .values(
        state=State.AWAITING_PAYMENT,
        billing_code=bindparam("code"),
        pay_before_ns=bindparam("pay_before"),
        ends_ns=bindparam("pay_before"),
        reconcile_ns=bindparam("reconcile"),
    )
)
_KNOW_CODE = APPLICATIONS.update().where(APPLICATIONS.c.id == _ID).values(billing_code=bindparam("code"))
_FAIL = (
    APPLICATIONS.update()
    .where(APPLICATIONS.c.id == _ID)
    .values(state=State.BILLING_FAILED, slot=None, ends_ns=None, reconcile_ns=bindparam("now"))
)


class Bills:
    """Writes down what SIMPONI said, or that it said nothing for too long."""

    def __init__(self, database: Database, clock: Clock, deadlines: Deadlines) -> None:
        self._database = database
        self._clock = clock
        self._deadlines = deadlines

    def issued(self, message: Message, billing_code: str) -> bool:
        """Store the code and start the payment deadline; whether the application was still waiting for it."""
        with self._database.write() as connection:
            now = self._clock()
            row = connection.execute(LOCKED, {"application_id": message.application_id}).one()
            outbox.strike_off(connection, message, now)
            return self.issue(connection, row, billing_code, message.trace_id, now)

    def issue(
        self,
        connection: Connection,
        row: ApplicationRow,
        billing_code: str,
        trace_id: str | None,
        now_ns: int,
    ) -> bool:
        """`issued`, within a transaction that has read (and locked) the application's row."""
        values: dict[str, object] = {"application_id": row.id, "code": billing_code}
        if row.state != State.BILLING_REQUESTED:
            # Given up meanwhile: money for this code, should it ever come, must still find its application.
            connection.execute(_KNOW_CODE, values)
            return False
        # Nobody is asked to pay for a day that is over.
        values["pay_before"] = min(self._deadlines.pay_before(now_ns), places.day_over(connection, row.slot))
        values["reconcile"] = self._deadlines.reconcile_from(now_ns)
        connection.execute(_ISSUE, values)
        issued = Event(
            type=EventType.BILL_ISSUED,
            application_id=row.id,
            billing_code=billing_code,
            amount_idr=row.amount_idr,
            trace_id=trace_id,
        )
        append(connection, issued)
        return True

    def given_up(self, message: Message) -> bool:
        """End the wait for a code and give the place back; whether the application was still waiting."""
        with self._database.write() as connection:
            now = self._clock()
            row = connection.execute(LOCKED, {"application_id": message.application_id}).one()
            outbox.strike_off(connection, message, now)
            if row.state != State.BILLING_REQUESTED:
                return False
            connection.execute(_FAIL, {"application_id": row.id, "now": now})
            failed = Event(type=EventType.BILLING_FAILED, application_id=row.id, trace_id=message.trace_id)
            append(connection, failed)
            places.give_back(connection, row.id, row.slot, Reason.BILLING_FAILED)
            return True
