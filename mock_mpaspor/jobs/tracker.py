"""The tracker: reads SIMKIM's feed on from where it stopped, so that people see where their passport is."""

from mock_mpaspor.breaker import Breaker, Permit
from mock_mpaspor.domain.clock import Clock
from mock_mpaspor.jobs.calls import CallError
from mock_mpaspor.jobs.simkim import Simkim
from mock_mpaspor.store.progress import Progress

LINES_A_PAGE = 500


class Tracker:
    """One turn is `step`. Its breaker is its own: SIMKIM may take cases and be slow with its feed."""

    def __init__(self, progress: Progress, simkim: Simkim, breaker: Breaker, clock: Clock) -> None:
        self._progress = progress
        self._simkim = simkim
        self._breaker = breaker
        self._clock = clock

    def step(self) -> int:
        """Read to the end of the feed, or to the first failure; how many lines were read."""
        read = 0
        while self._breaker.permit() is not Permit.NONE:
            # All that SIMKIM did before this instant is in an answer to a question asked after it.
            began_ns = self._clock.wall()
            try:
                lines = self._simkim.progress(self._progress.position(), LINES_A_PAGE)
            except CallError:
                self._breaker.failed()
                break
            self._breaker.succeeded()
            for line in lines:
                self._progress.take_over(line)
            read += len(lines)
            if len(lines) < LINES_A_PAGE:
                self._progress.note_read(began_ns)
                break
        return read
