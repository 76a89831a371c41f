"""The values that several blocks of an experiment file share: durations that last, offices, networks."""

from typing import Annotated

from pydantic import AfterValidator, Field, WithJsonSchema

from chaos.durations import Duration
from chaos.profiles import PROFILES
from loket.experiment.offices import DAILY_QUOTA
from loket.gate.vocabulary import listing, suggestion

# In the place of a network: everybody has that of the office they go to.
OF_THE_OFFICE = "of_the_office"


def _lasting(seconds: float) -> float:
    if seconds <= 0:
        raise ValueError("found 0s, expected a duration longer than nothing")
    return seconds


def _known_office(name: str) -> str:
    if name in DAILY_QUOTA:
        return name
    near = suggestion(name, DAILY_QUOTA)
    raise ValueError(f"found {name!r}, expected an office ({listing(DAILY_QUOTA)}){near}")


def _known_profile(name: str) -> str:
    if name in PROFILES:
        return name
    raise ValueError(f"found {name!r}, expected a network profile ({listing(PROFILES)}){suggestion(name, PROFILES)}")


def _known_network(name: str) -> str:
    return name if name == OF_THE_OFFICE else _known_profile(name)


LastingDuration = Annotated[Duration, AfterValidator(_lasting)]
OfficeName = Annotated[
    str, AfterValidator(_known_office), WithJsonSchema({"type": "string", "enum": list(DAILY_QUOTA)})
]
ProfileName = Annotated[str, AfterValidator(_known_profile), WithJsonSchema({"type": "string", "enum": list(PROFILES)})]
NetworkName = Annotated[
    str,
    AfterValidator(_known_network),
    WithJsonSchema({"type": "string", "enum": [*PROFILES, OF_THE_OFFICE]}),
]
Share = Annotated[float, Field(gt=0, le=1)]
