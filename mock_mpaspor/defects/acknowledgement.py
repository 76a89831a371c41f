"""What people are told is not what was written: M5 tells before the commit, M14 refuses after it."""

import threading
from collections.abc import Callable
from functools import partial

import msgspec
from sqlalchemy.exc import IntegrityError

from mock_mpaspor.domain.errors import ErrorCode, Refusal
from mock_mpaspor.domain.offices import OFFICES
from mock_mpaspor.domain.states import State
from mock_mpaspor.store.holds import Holds, OvertakenError, Snapshot
from mock_mpaspor.store.idempotency import Answer, KeyedRequest

# How far the commit of M5 is behind the answer.
BEHIND_S = 0.05


class HastyHolds(Holds):
    """M5: the answer leaves first; where the commit then fails, or the process dies, somebody has a place on paper."""

    def _commit(self, request: KeyedRequest, slot: str, seen: Snapshot) -> Answer:
        self.later(partial(self._write_down, request, slot, seen))
        answer = {
            "application_id": request.application_id,
            "slot": slot,
            "state": State.SLOT_HELD,
            "held_until": OFFICES[seen.office].zone.show(self._deadlines.held_until(self._clock())),
        }
        return Answer(msgspec.json.encode(answer).decode(), replayed=False)

    def later(self, act: Callable[[], None]) -> None:
        """Do it in a moment, on a thread that dies with the process."""
        timer = threading.Timer(BEHIND_S, act)
        timer.daemon = True
        timer.start()

    def _write_down(self, request: KeyedRequest, slot: str, seen: Snapshot) -> None:
        try:
            super()._commit(request, slot, seen)
        except (OvertakenError, IntegrityError, Refusal):
            # Nobody is left to be told.
            return


class DoubtingHolds(Holds):
    """M14: looks once more after the commit, finds no place left (it took the last one itself) and says `slot_full`."""

    def _commit(self, request: KeyedRequest, slot: str, seen: Snapshot) -> Answer:
        answer = super()._commit(request, slot, seen)
        if not self._look(request, slot).free:
            raise Refusal(ErrorCode.SLOT_FULL)
        return answer
