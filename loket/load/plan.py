"""What the load needs to know of a run, resolved: whom to send, where, when, and where to write it down."""

from pathlib import Path
from random import Random

import msgspec

from loket.load.arrivals import Wave


class OfficePart(msgspec.Struct, kw_only=True, frozen=True):
    """Which share of the people go to an office, the places that it releases, and the network of its people, if it
    decides that.
    """

    share: float
    places: int
    profile: str | None = None


class LoadPlan(msgspec.Struct, kw_only=True, frozen=True):
    """Read by every worker from the file that `--loket-plan` names. Seconds count from the run's origin.

    `service_url` is the edge link, `direct_url` the service itself (administration and warm-up only). `office_token`
    opens the service's counter, empty where nobody works there; `simkim_url` and `staff_token` are for officers, and
    empty where SIMKIM has clerks of its own. Where people are on several networks `shares` says
    which part of them is on each, and `edges` the link of each; else all are on `profile`. Where they go to several
    offices `offices` has the part of each; else all go to `office`. `arrivals` say when they come; without them all
    `people` come along the scenario's own curve. The service's clock shows `clock_start_s` (unix seconds; None: the
    present) when it starts, and runs `clock_scale` times as fast as the run's.
    """

    scenario: str
    seed: int
    office: str
    people: int
    places: int
    days: int
    opens_at_s: float
    rush_s: float
    drain_s: float
    patience_s: float
    payment_deadline_s: float
    profile: str | None
    service_url: str
    bank_url: str
    direct_url: str
    admin_token: str
    run_directory: str
    i_am_allowed_to_load_it: bool = False
    office_token: str = ""
    simkim_url: str = ""
    staff_token: str = ""
    shares: dict[str, float] = {}
    edges: dict[str, str] = {}
    offices: dict[str, OfficePart] = {}
    arrivals: tuple[Wave, ...] = ()
    clock_scale: float = 1.0
    clock_start_s: float | None = None

    @property
    def waves(self) -> tuple[Wave, ...]:
        """When the people come."""
        return self.arrivals or (Wave(crowd=self.people),)

    def office_of(self, person: int) -> str:
        """Where one person goes: the seed and their number alone decide."""
        if not self.offices:
            return self.office
        return self._drawn("office", person, {name: part.share for name, part in self.offices.items()})

    def profile_of(self, person: int) -> str | None:
        """The network of one person, as `office_of` the office."""
        if self.offices and (profile := self.offices[self.office_of(person)].profile):
            return profile
        return self._drawn("profile", person, self.shares) if self.shares else self.profile

    def places_of(self) -> dict[str, int]:
        """The places that each office releases."""
        if not self.offices:
            return {self.office: self.places}
        return {name: part.places for name, part in self.offices.items()}

    def edge_of(self, profile: str | None) -> str:
        """Where somebody on that network finds the service."""
        return self.edges.get(profile or "", self.service_url)

    def _drawn(self, what: str, person: int, shares: dict[str, float]) -> str:
        rng = Random(f"{self.seed}:{what}:{person}")
        return rng.choices(list(shares), weights=list(shares.values()))[0]

    @classmethod
    def read(cls, path: Path) -> "LoadPlan":
        """The plan in `path`. Raises msgspec.ValidationError where a field is missing or of the wrong type."""
        return msgspec.json.decode(path.read_bytes(), type=cls)
