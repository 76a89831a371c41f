"""Places given by what was free a moment ago: M1 in the transaction itself, M9 from a cache."""

import time

from sqlalchemy import Connection, bindparam

from mock_mpaspor.store.holds import Holds, Snapshot
from mock_mpaspor.store.idempotency import Answer, KeyedRequest
from mock_mpaspor.store.schema import SLOTS

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
