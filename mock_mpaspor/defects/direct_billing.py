"""Codes asked for past the outbox: M6 after the commit and once, M20 within the transaction."""

import threading
from collections.abc import Callable

from sqlalchemy import Connection

from mock_mpaspor.domain.clock import Clock
from mock_mpaspor.domain.deadlines import Deadlines
from mock_mpaspor.jobs.simponi import BillOrder, Simponi, SimponiError
from mock_mpaspor.store.billing import BillingRequests
from mock_mpaspor.store.bills import LOCKED, Bills
from mock_mpaspor.store.database import Database
from mock_mpaspor.store.idempotency import Answer, KeyedRequest


class _DirectBillingRequests(BillingRequests):
    def __init__(
        self, database: Database, clock: Clock, deadlines: Deadlines, bills: Bills, gateway: Callable[[], Simponi]
    ) -> None:
        super().__init__(database, clock, deadlines)
        self._bills = bills
        self._simponi = gateway()


class DualWriteBillingRequests(_DirectBillingRequests):
    """M6: when the one call fails, or the process dies before it, the code is lost and so is the place."""

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


class LongTransactionBillingRequests(_DirectBillingRequests):
    """M20: asks SIMPONI with the transaction open; its locks, and the database's one writer, wait as long."""

    def _order_code(self, connection: Connection, request: KeyedRequest, now: int) -> None:
        row = connection.execute(LOCKED, {"application_id": request.application_id}).one()
        try:
            code = self._simponi.issue(BillOrder(row.id, row.amount_idr, row.payer), request.trace_id)
        except SimponiError:
            super()._order_code(connection, request, now)
        else:
            self._bills.issue(connection, row, code, request.trace_id, self._clock())
