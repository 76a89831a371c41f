"""Who somebody is, as the civil registry knows them. What is here never shows itself in a log or a traceback."""

from dataclasses import dataclass
from datetime import date

from mock_mpaspor.domain.nik import Sex


@dataclass(frozen=True)
class Identity:
    """The four things that Dukcapil compares."""

    nik: str
    name: str
    birth_date: date
    sex: Sex

    def __repr__(self) -> str:
        return "Identity(…)"
