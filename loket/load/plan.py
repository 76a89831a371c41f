"""What the load needs to know of a run, resolved: whom to send, where, when, and where to write it down."""

from pathlib import Path
from random import Random

import msgspec


class LoadPlan(msgspec.Struct, kw_only=True, frozen=True):
    """Read by every worker from the file that `--loket-plan` names. Seconds count from the run's origin.

    `service_url` is the edge link, `direct_url` the service itself (administration and warm-up only). `office_token`
    opens the service's counter, empty where nobody works there. Where people are on several networks `shares` says
    which part of them is on each, and `edges` the link of each; else all are on `profile`.
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
    shares: dict[str, float] = {}
    edges: dict[str, str] = {}

    def profile_of(self, person: int) -> str | None:
        """The network of one person: the seed and their number alone decide."""
        if not self.shares:
            return self.profile
        rng = Random(f"{self.seed}:profile:{person}")
        return rng.choices(list(self.shares), weights=list(self.shares.values()))[0]

    def edge_of(self, profile: str | None) -> str:
        """Where somebody on that network finds the service."""
        return self.edges.get(profile or "", self.service_url)

    @classmethod
    def read(cls, path: Path) -> "LoadPlan":
        """The plan in `path`. Raises msgspec.ValidationError where a field is missing or of the wrong type."""
        return msgspec.json.decode(path.read_bytes(), type=cls)
