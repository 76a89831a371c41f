"""The kind of book that somebody wants, where an office has places of its own for each (Batam, November 2024)."""

from locustfiles._behaviour import Behaviour
from locustfiles._journeys import PassportJourney
from locustfiles._mpaspor import Wish
from locustfiles._phone import Leaves
from loket.load.visitor import Visitor
from loket.records import Outcome

# A book's lane bears its name. Five years: the tariff of 2024 knew no other price.
REGULAR = Wish(passport_type="regular", validity_years=5)
ELECTRONIC = Wish(passport_type="electronic", validity_years=5)


class BookJourney(PassportJourney):
    """Who `settles` takes an electronic book, dearer by 300,000 rupiah, once there is no place for a regular one."""

    def __init__(self, visitor: Visitor, behaviour: Behaviour, wish: Wish, settles: bool) -> None:
        super().__init__(visitor, behaviour, wish, lane=wish.passport_type)
        self._settles = settles

    def _hold_a_place(self) -> None:
        try:
            super()._hold_a_place()
        except Leaves as leaves:
            if leaves.outcome is not Outcome.SOLD_OUT or self._wish == ELECTRONIC or not self._settles:
                raise
            self._take_the_other()
            super()._hold_a_place()

    def _take_the_other(self) -> None:
        """The book of an application is settled once somebody is identified for it, so they begin another one."""
        self._wish, self._lane = ELECTRONIC, ELECTRONIC.passport_type
        self._calendar = None
        self._phone.be_patient()
        self._apply()
        self._look()
