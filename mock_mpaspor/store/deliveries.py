"""How a passport reaches its holder: collected at the office, or sent by post; chosen until it is handed over."""

from sqlalchemy import bindparam

from mock_mpaspor.domain.applications import Delivery
from mock_mpaspor.domain.errors import ErrorCode, Refusal
from mock_mpaspor.domain.states import State
from mock_mpaspor.store.back_office import BackOffice
from mock_mpaspor.store.database import Database
from mock_mpaspor.store.once import locked
from mock_mpaspor.store.schema import APPLICATIONS

_CHOOSE = (
    APPLICATIONS.update()
    .where(APPLICATIONS.c.id == bindparam("application_id"))
    .values(delivery=bindparam("method"), address=bindparam("to_address"))
)
# No passport will come of these, or it has left.
_NO_PASSPORT = frozenset(
    {
        State.CANCELLED,
        State.FORFEITED,
        State.REJECTED,
        State.REFUND_DUE,
        State.REFUNDED,
        State.COLLECTED,
        State.SHIPPED,
    }
)
# SIMKIM knows the application in all of these.
_AT_THE_OFFICE = frozenset(
    {
        State.PAID,
        State.QUEUED,
        State.CHECKED_IN,
        State.INCOMPLETE,
        State.INTERVIEWED,
        State.ADJUDICATION,
        State.PRINTING,
        State.READY,
    }
)


class Deliveries:
    """Keeps the choice, and tells SIMKIM of it where the application is known there."""

    def __init__(self, database: Database, back_office: BackOffice) -> None:
        self._database = database
        self._back_office = back_office

    def choose(
        self, application_id: str, account_id: str, method: Delivery, address: str | None, trace_id: str | None
    ) -> None:
        """Keep the choice. Raises Refusal(UNKNOWN_APPLICATION), Refusal(WRONG_STATE)."""
        with self._database.write() as connection:
            row = locked(connection, application_id, account_id)
            if row.state in _NO_PASSPORT:
                raise Refusal(ErrorCode.WRONG_STATE)
            connection.execute(_CHOOSE, {"application_id": row.id, "method": method, "to_address": address})
            if row.state in _AT_THE_OFFICE:
                self._back_office.tell(connection, row.id, trace_id)
