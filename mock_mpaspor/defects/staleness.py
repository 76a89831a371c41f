"""What belongs to another moment or another run: M24 shows an old state, M31 writes rows that nobody here asked for."""

from collections.abc import Iterator
from functools import cached_property
from hashlib import sha256
from itertools import count

from sqlalchemy import Connection

from mock_mpaspor.domain.events import Event, EventType
from mock_mpaspor.domain.states import State
from mock_mpaspor.store import places
from mock_mpaspor.store.applications import Application, Applications
from mock_mpaspor.store.bills import LOCKED
from mock_mpaspor.store.holds import Holds, Snapshot
from mock_mpaspor.store.idempotency import Answer, KeyedRequest
from mock_mpaspor.store.schema import APPLICATIONS
from mock_mpaspor.store.trail import append

# How far M24's replica is behind, in seconds of the wall clock.
LAG_S = 2.0
# More than this many applications are not kept in M24's cache.
MOST_KEPT = 10_000
# M31 writes a row of the stale run beside one hold in so many, the first included.
STALE_EVERY = 20


class LaggingApplications(Applications):
    """M24: an application is shown as it was up to two seconds ago."""

    @cached_property
    def _kept(self) -> dict[tuple[str, str], tuple[Application, int]]:
        """What was read, and until when it is shown."""
        return {}

    def find(self, application_id: str, account_id: str) -> Application:
        kept, until_ns = self._kept.get((application_id, account_id), (None, 0))
        if kept is None or until_ns <= self._clock():
            kept = super().find(application_id, account_id)
            if len(self._kept) > MOST_KEPT:
                self._kept.clear()
            self._kept[application_id, account_id] = (kept, self._clock.after(LAG_S))
        return kept


class HauntedHolds(Holds):
    """M31: a run that should have ended holds places too, under keys of its own."""

    @cached_property
    def _holds(self) -> Iterator[int]:
        return count()

    def _commit(self, request: KeyedRequest, slot: str, seen: Snapshot) -> Answer:
        answer = super()._commit(request, slot, seen)
        if next(self._holds) % STALE_EVERY == 0:
            with self._database.write() as connection:
                self._haunt(connection, request, slot)
        return answer

    def _haunt(self, connection: Connection, request: KeyedRequest, slot: str) -> None:
        row = connection.execute(LOCKED, {"application_id": request.application_id}).one()
        if not places.take(connection, slot):
            return
        mark = sha256(request.key.encode()).hexdigest()
        ghost = {"id": mark[:16], "applicant": mark[:32], "slot": slot, "state": State.SLOT_HELD}
        connection.execute(APPLICATIONS.insert(), dict(row._mapping) | ghost)
        held = Event(
            type=EventType.HELD, application_id=mark[:16], applicant=mark[:32], slot=slot, key=f"stale-run-{mark[:16]}"
        )
        append(connection, held)
