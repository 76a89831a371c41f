"""Tickets of the waiting room: M27 gives a position twice."""

from functools import cached_property

from mock_mpaspor.store.schema import ApplicationRow
from mock_mpaspor.store.waiting_room import WaitingRoom

# How long M27 believes the counter it read, in seconds of the wall clock.
BELIEVED_S = 0.05


class RepeatingRoom(WaitingRoom):
    """M27: all who come in the same moment get the same number."""

    @cached_property
    def _counters(self) -> dict[tuple[str, int], tuple[int, int]]:
        """What each room's counter stood at, and until when that is believed."""
        return {}

    def _position(self, room: ApplicationRow) -> int:
        position, until_ns = self._counters.get((room.office, room.opens_ns), (0, 0))
        if until_ns <= self._clock():
            position = super()._position(room)
            self._counters[room.office, room.opens_ns] = (position, self._clock.after(BELIEVED_S))
        return position
