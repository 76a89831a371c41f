"""The defects that can be planted: an explicit registry, and for each the part that stands in for the right one.

`create_app` chooses the parts; nothing else in the service knows that defects exist.
"""

import threading
import time
from enum import StrEnum

from sqlalchemy import Connection, bindparam

from mock_mpaspor.domain.clock import Clock
from mock_mpaspor.domain.deadlines import Deadlines
from mock_mpaspor.jobs.simponi import BillOrder, Simponi, SimponiError
from mock_mpaspor.store.billing import BillingRequests
from mock_mpaspor.store.bills import LOCKED, Bills
from mock_mpaspor.store.database import Database
from mock_mpaspor.store.holds import Holds, Snapshot
from mock_mpaspor.store.idempotency import Answer, KeyedRequest
from mock_mpaspor.store.schema import SLOTS


class Defect(StrEnum):
    """Names of docs/invariants.md; DEFECTS says what each one is."""

    M1 = "M1"
    M6 = "M6"


DEFECTS: dict[Defect, str] = {
    Defect.M1: "check-then-act quota: what was free is read before the transaction and written back in it",
    Defect.M6: "dual write without outbox: the state is committed, then SIMPONI is called once, directly",
}

_SET_FREE = SLOTS.update().where(SLOTS.c.id == bindparam("the_slot")).values(free=bindparam("left"))


# Stands for what a real service does between the check and the act, a call to another system, say.
CHECK_TO_ACT_S = 0.02


class CheckThenActHolds(Holds):
    """M1: trusts the snapshot, so that all who saw the same last place get it."""

    def _commit(self, request: KeyedRequest, slot: str, seen: Snapshot) -> Answer:
        time.sleep(CHECK_TO_ACT_S)
        return super()._commit(request, slot, seen)

    def _take_place(self, connection: Connection, slot: str, seen: Snapshot) -> None:
        connection.execute(_SET_FREE, {"the_slot": slot, "left": (seen.free or 0) - 1})


class DualWriteBillingRequests(BillingRequests):
    """M6: when the one call fails, or the process dies before it, the code is lost and so is the place."""

    def __init__(
        self,
        database: Database,
        clock: Clock,
        deadlines: Deadlines,
        simponi: Simponi,
        bills: Bills,
    ) -> None:
        super().__init__(database, clock, deadlines)
        self._simponi = simponi
        self._bills = bills

    def request(self, request: KeyedRequest) -> Answer:
        answer = super().request(request)
        if not answer.replayed:
            threading.Thread(target=self._call_once, args=(request,), daemon=True).start()
        return answer

    def _order_code(self, connection: Connection, request: KeyedRequest, now: int) -> None:
        """No message is left: the call after the commit is meant to be enough."""

    def _call_once(self, request: KeyedRequest) -> None:
        by_id = {"application_id": request.application_id}
        with self._database.read() as connection:
            row = connection.execute(LOCKED, by_id).one()
        try:
            code = self._simponi.issue(BillOrder(row.id, row.amount_idr, row.payer), request.trace_id)
        except SimponiError:
            return
        with self._database.write() as connection:
            row = connection.execute(LOCKED, by_id).one()
            self._bills.issue(connection, row, code, request.trace_id, self._clock())
