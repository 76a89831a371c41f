"""SIMKIM's own clerks: a thread that takes every case through its next step once that is due."""

import logging
import threading
from collections.abc import Iterable, Iterator

from mock_mpaspor.outside.errors import Code
from mock_mpaspor.outside.simkim.casebook import CaseBook
from mock_mpaspor.outside.simkim.cases import Case, Step
from mock_mpaspor.outside.simkim.deadlines import DAY_NS
from mock_mpaspor.outside.simkim.fates import Fate

# Assumption: a desk without blanks or printer looks again after an hour.
LOOK_AGAIN_NS = DAY_NS // 24
COMES_BACK = {Code.NO_BLANKS: LOOK_AGAIN_NS, Code.PRINTING_DOWN: LOOK_AGAIN_NS}
# Wall-clock seconds between two looks: at a day a second that is an hour.
PERIOD_S = 0.05
AT_ONCE = 100
FORCE_MAJEURE = "force_majeure"
log = logging.getLogger(__name__)


class Clerks:
    """Start and stop as a System's background; `work_due` does by hand what the thread does."""

    def __init__(self, cases: CaseBook, seed: str) -> None:
        self._cases = cases
        self._seed = seed
        self._stopped = threading.Event()
        self._thread = threading.Thread(target=self._work, daemon=True)

    def start(self) -> None:
        self._thread.start()

    def stop(self) -> None:
        """Take up nothing more and wait for the case in hand."""
        self._stopped.set()
        if self._thread.is_alive():
            self._thread.join()

    def work_due(self) -> int:
        """Take every case that is due one step further; how many there were."""
        due = list(self._cases.due(AT_ONCE))
        if due:
            self._cases.take_together(self._acts(due), COMES_BACK)
        return len(due)

    def _acts(self, due: Iterable[Case]) -> Iterator[tuple[Case, Step, str | None]]:
        for case in due:
            fate = Fate.of(self._seed, case.file.person)
            step = fate.next_step(case)
            if step is not None:
                yield case, step, FORCE_MAJEURE if fate.force_majeure else None

    def _work(self) -> None:
        while not self._stopped.wait(PERIOD_S):
            try:
                while self.work_due() and not self._stopped.is_set():
                    pass
            except Exception:
                # A full disk, say: the clerks come back to it at the next look.
                log.exception("the clerks could not work")
