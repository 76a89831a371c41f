"""How people behave: every figure of it in one place, and what one person is like, drawn before they do anything.

Drawing habits first keeps them the same however the service behaves and however many workers there are.
"""

from dataclasses import dataclass
from random import Random


@dataclass(frozen=True)
class Behaviour:
    """How people behave. Times in seconds; every figure is ours, because none is published."""

    # Assumption: between two screens of the application a person needs about this long (half to one and a half).
    think_s: float = 1.0
    # Assumption: who waits for the opening looks at the calendar this often.
    look_every_s: float = 6.0
    # Assumption: reactions to the opening are log-normal, as reaction times are; the median, and the spread's sigma.
    reaction_median_s: float = 0.5
    reaction_sigma: float = 0.6
    # Assumption: told that everything is gone, a person looks this many times more, this far apart.
    looks_after_sold_out: int = 3
    look_again_s: float = 4.0
    # Assumption: told that the quota is not open yet, or a slot full, a person tries again about this soon.
    too_early_s: float = 0.5
    choose_again_s: float = 1.0
    # Assumption: an app that got no answer asks again after this time, doubled each time up to the limit.
    retry_first_s: float = 1.0
    retry_limit_s: float = 8.0
    # Assumption: an app asks for the code, and later for the payment, at intervals growing by half to a limit.
    poll_first_s: float = 1.0
    poll_growth: float = 1.5
    poll_limit_s: float = 8.0
    # Assumption: in a storm, who waits for a code or for the payment to be seen pulls the page down again and again, as
    # often as this and whatever the service asks; in a rush nobody does.
    refreshes_share: float = 0.0
    refresh_every_s: float = 0.5
    # Assumption: with the code on the screen, people pay within a few seconds, as far as a compressed rush allows.
    pay_think_s: float = 4.0
    # Assumption: one in fifty forgets to pay, and one in fifty pays after the deadline, by so much.
    forgets_share: float = 0.02
    pays_late_share: float = 0.02
    late_by_s: float = 3.0
    # Assumption: scans are small, so that the load is the rush and not the upload.
    document_bytes: int = 20_000
    documents: tuple[str, ...] = ("ktp", "kk", "birth_certificate")
    channels: tuple[str, ...] = ("mobile_banking", "atm", "teller", "tokopedia", "indomaret", "pos")


@dataclass(frozen=True)
class Habits:
    """What one person is like, drawn once."""

    reaction_s: float
    pay_think_s: float
    forgets: bool
    pays_late: bool
    channel: str
    refreshes: bool
    # Where in the calendar they look first, from 0 (the earliest place) to 1.
    taste: float

    @classmethod
    def draw(cls, rng: Random, behaviour: Behaviour) -> "Habits":
        """The habits of the person whose dice these are."""
        reaction_s = behaviour.reaction_median_s * rng.lognormvariate(0, behaviour.reaction_sigma)
        pay_think_s = behaviour.pay_think_s * rng.uniform(0.5, 1.5)
        vice = rng.random()
        # No dice where nobody does: they would fall otherwise for everybody.
        refreshes = behaviour.refreshes_share > 0 and rng.random() < behaviour.refreshes_share
        return cls(
            reaction_s=reaction_s,
            pay_think_s=pay_think_s,
            forgets=vice < behaviour.forgets_share,
            pays_late=behaviour.forgets_share <= vice < behaviour.forgets_share + behaviour.pays_late_share,
            channel=rng.choice(behaviour.channels),
            refreshes=refreshes,
            taste=rng.random(),
        )
