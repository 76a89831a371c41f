"""Which networks the people of an experiment are on: one, several with their shares, or those of their offices."""

from collections.abc import Mapping
from dataclasses import dataclass

from chaos.profiles import in_words
from loket.experiment.load import Load
from loket.experiment.offices import NETWORK
from loket.experiment.words import OF_THE_OFFICE


@dataclass(frozen=True)
class Networks:
    """One `profile`, or `profiles` with the share of the people on each; neither for a perfect network."""

    profile: str | None = None
    profiles: Mapping[str, float] | None = None

    @classmethod
    def of(cls, load: Load, office_shares: Mapping[str, float]) -> "Networks":
        """Those of a load whose people go to these offices."""
        if load.profile != OF_THE_OFFICE:
            return cls(load.profile, load.profiles)
        shares: dict[str, float] = {}
        for office, share in office_shares.items():
            shares[NETWORK[office]] = shares.get(NETWORK[office], 0.0) + share
        return cls(next(iter(shares))) if len(shares) == 1 else cls(None, shares)

    @property
    def names(self) -> tuple[str, ...]:
        """The several; none where all are on one."""
        return tuple(self.profiles or ())

    def __str__(self) -> str:
        return in_words(self.profile, self.profiles)
