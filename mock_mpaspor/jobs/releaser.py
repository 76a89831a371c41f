"""Makes the releases of the offices' calendars, announced before they open so that people can wait for them.

What a release makes follows from the calendar alone, and a slot's name from its office, day and lane: made twice, or
made again after a crash, it adds nothing.
"""

from collections.abc import Mapping
from datetime import timedelta
from itertools import takewhile

from sqlalchemy.exc import IntegrityError

from mock_mpaspor.domain.calendars import LONGEST_AHEAD, Opening, Rule, openings, plans
from mock_mpaspor.domain.clock import NS_PER_S, Clock
from mock_mpaspor.domain.offices import OFFICES, Office
from mock_mpaspor.domain.slots import Lane
from mock_mpaspor.store.releases import Releases

# Assumption: offices announce a release on the day before.
ANNOUNCED = timedelta(days=1)


class Releaser:
    """Keeps the calendars. `rules` has the offices that have one."""

    def __init__(self, releases: Releases, clock: Clock, rules: Mapping[str, Rule]) -> None:
        self._releases = releases
        self._clock = clock
        self._rules = rules
        self._made: set[tuple[str, int]] = set()

    def step(self) -> int:
        """Make the releases that are open or announced by now; how many slots that added."""
        return sum(self._keep(OFFICES[name], rule) for name, rule in self._rules.items())

    def _keep(self, office: Office, rule: Rule) -> int:
        now = self._clock()
        until = now + _ns(ANNOUNCED)
        # From so far back that a service that was away, or is new, has the places of the days to come.
        due = takewhile(lambda opening: opening.opens_ns <= until, openings(rule, office, now - _ns(LONGEST_AHEAD)))
        return sum(self._make(office, rule, opening, now) for opening in due)

    def _make(self, office: Office, rule: Rule, opening: Opening, now: int) -> int:
        if (office.office, opening.opens_ns) in self._made:
            return 0
        today = office.zone.day(now)
        ahead = [
            plan
            for plan in plans(rule, office, tuple(day for day in opening.days if day >= today))
            # Who stands at the counter today is received today.
            if plan.day > today or plan.lane is Lane.PRIORITY
        ]
        try:
            added = self._releases.publish(office, opening.opens_ns, ahead) if ahead else 0
        except IntegrityError:
            # Another process makes the same release; the next turn sees what it left.
            return 0
        self._made.add((office.office, opening.opens_ns))
        return added


def _ns(span: timedelta) -> int:
    return int(span.total_seconds()) * NS_PER_S
