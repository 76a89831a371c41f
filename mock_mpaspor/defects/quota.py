"""Places given or refused by what was true a moment ago: M1 in the transaction, M9 from a cache, M26 for ever."""

import time
from dataclasses import replace
from functools import cached_property

from sqlalchemy import Connection, bindparam, case

from mock_mpaspor.domain.errors import ErrorCode, Refusal
from mock_mpaspor.store.holds import Holds, Snapshot
from mock_mpaspor.store.idempotency import Answer, KeyedRequest
from mock_mpaspor.store.schema import SLOTS

_SET_FREE = SLOTS.update().where(SLOTS.c.id == bindparam("the_slot")).values(free=bindparam("left"))
_COUNT_DOWN = (
    SLOTS.update()
    .where(SLOTS.c.id == bindparam("the_slot"))
    .values(free=case((SLOTS.c.free > 0, SLOTS.c.free - 1), else_=0))
)

# Stands for what a real service does between the check and the act, a call to another system, say.
CHECK_TO_ACT_S = 0.02
# How long M9 believes what it once read.
CACHED_S = 1.0


class CheckThenActHolds(Holds):
    """M1: trusts the snapshot, so that all who saw the same last place get it."""

    def _commit(self, request: KeyedRequest, slot: str, seen: Snapshot) -> Answer:
        time.sleep(CHECK_TO_ACT_S)
        return super()._commit(request, slot, seen)

    def _take_place(self, connection: Connection, slot: str, seen: Snapshot) -> None:
        connection.execute(_SET_FREE, {"the_slot": slot, "left": (seen.free or 0) - 1})


class CachedAvailabilityHolds(Holds):
    """M9: what is free is read once a second; until then everybody who asks is given a place."""

    @cached_property
    def _cache(self) -> dict[str, tuple[int | None, int]]:
        """What was free in a slot, and until when that is believed."""
        return {}

    def _look(self, request: KeyedRequest, slot: str) -> Snapshot:
        seen = super()._look(request, slot)
        free, until_ns = self._cache.get(slot, (None, 0))
        if until_ns <= self._clock():
            free = seen.free
            self._cache[slot] = (free, self._clock.after(CACHED_S))
        return replace(seen, free=free)

    def _take_place(self, connection: Connection, slot: str, seen: Snapshot) -> None:
        connection.execute(_COUNT_DOWN, {"the_slot": slot})


class FlaggingHolds(Holds):
    """M26: an office that was sold out once stays so for this process, whatever comes back."""

    @cached_property
    def _sold_out(self) -> set[str]:
        return set()

    def _judge(self, seen: Snapshot) -> None:
        try:
            super()._judge(seen)
        except Refusal as refusal:
            if refusal.code is ErrorCode.SOLD_OUT:
                self._sold_out.add(seen.office)
            raise
        if seen.office in self._sold_out:
            raise Refusal(ErrorCode.SOLD_OUT)
