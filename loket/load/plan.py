"""What the load needs to know of a run, resolved: whom to send, where, when, and where to write it down."""

from pathlib import Path

import msgspec


class LoadPlan(msgspec.Struct, kw_only=True, frozen=True):
    """Read by every worker from the file that `--loket-plan` names. Seconds count from the run's origin.

    `service_url` is the edge link, `direct_url` the service itself (administration and warm-up only). `office_token`
    opens the service's counter, empty where nobody works there.
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

    @classmethod
    def read(cls, path: Path) -> "LoadPlan":
        """The plan in `path`. Raises msgspec.ValidationError where a field is missing or of the wrong type."""
        return msgspec.json.decode(path.read_bytes(), type=cls)
