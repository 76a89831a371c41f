"""A fault: one disturbance of one link, with its beginning and its end, as an experiment states it."""

from typing import Annotated, Literal, Self

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, model_validator

from chaos.dial_disturbances import Refused, SharedBandwidth, Unanswered, Unresolved
from chaos.disturbances import Bandwidth, Disturbance, Latency, Reset, Timeout
from chaos.durations import Duration, Instant
from chaos.http_disturbances import CutAnswer, GarbledAnswer, HttpDisturbance, LostAnswer, SlowAnswer, Status
from chaos.links import LINKS, LinkName
from chaos.toxics import Stream, Toxic

TOXIC_PREFIX = "fault_"
OF_REQUESTS = ("status", "slow_answer", "cut_answer", "garbled_answer", "lost_answer")
# What a Toxiproxy can do too.
PLAIN = ("latency", "timeout", "bandwidth", "reset", "down")
OF_DIALS = ("refused", "unresolved", "unanswered")
DISTURBANCES = (*PLAIN[:-1], "shared_bandwidth", *OF_DIALS, *OF_REQUESTS, "down")
WITHOUT_HTTP = "database"
OF_PEOPLE = "edge"
# The people's application names the office that they have chosen, as a header of every request.
OFFICE_HEADER = "X-Office"


def _identifier(name: str) -> str:
    if not name.isascii() or not name.isidentifier():
        raise ValueError(f"expected a name of letters, digits and _, not beginning with a digit, found {name!r}")
    return name


def _lasting(duration_s: float) -> float:
    if duration_s <= 0:
        raise ValueError("expected a duration longer than nothing, found 0s")
    return duration_s


class Fault(BaseModel):
    """One disturbance: exactly one of DISTURBANCES.

    `stream` downstream disturbs the answers, upstream the requests; `share` of the connections are concerned, or of the
    requests where the disturbance is one of requests; with a `profile`, of the people on that network alone; with an
    `office`, of the people at that office alone.
    `for` in a file is `duration_s` here.
    """

    model_config = ConfigDict(strict=True, frozen=True, extra="forbid")

    name: Annotated[str, AfterValidator(_identifier)]
    link: LinkName
    at: Instant
    duration_s: Annotated[Duration, AfterValidator(_lasting)] = Field(alias="for")
    stream: Stream = "downstream"
    share: float = Field(default=1.0, gt=0, le=1)
    profile: str | None = None
    office: str | None = None
    latency: Latency | None = None
    timeout: Timeout | None = None
    bandwidth: Bandwidth | None = None
    reset: Reset | None = None
    shared_bandwidth: SharedBandwidth | None = None
    refused: Refused | None = None
    unresolved: Unresolved | None = None
    unanswered: Unanswered | None = None
    status: Status | None = None
    slow_answer: SlowAnswer | None = None
    cut_answer: CutAnswer | None = None
    garbled_answer: GarbledAnswer | None = None
    lost_answer: LostAnswer | None = None
    down: Literal[True] | None = None

    @model_validator(mode="after")
    def _exactly_one_disturbance(self) -> Self:
        found = [kind for kind in DISTURBANCES if getattr(self, kind) is not None]
        if len(found) != 1:
            listed = " and ".join(found) or "none"
            raise ValueError(f"fault {self.name}: expected exactly one of {', '.join(DISTURBANCES)}, found {listed}")
        if self.down and (self.stream != "downstream" or self.share != 1):
            raise ValueError(f"fault {self.name}: down takes the whole link, so expected no stream and no share")
        if self.profile and self.link != OF_PEOPLE:
            raise ValueError(f"fault {self.name}: a profile is a network of people, who are on link {OF_PEOPLE} alone")
        if self.office:
            self._require_requests_of_people(found[0])
        if found[0] in OF_DIALS and self.stream != "downstream":
            raise ValueError(f"fault {self.name}: {found[0]} is about new connections, so expected no stream")
        if isinstance(self.disturbance, HttpDisturbance):
            self._require_http(found[0])
        return self

    def _require_requests_of_people(self, kind: str) -> None:
        """An office is told by what a request says: a connection says nothing, and only people say it."""
        if self.link != OF_PEOPLE:
            raise ValueError(f"fault {self.name}: an office is where people are, who are on link {OF_PEOPLE} alone")
        if not isinstance(self.disturbance, HttpDisturbance):
            expected = f"expected one of {', '.join(OF_REQUESTS)}, found {kind}"
            raise ValueError(f"fault {self.name}: an office is told by its requests, so {expected}")
        if self.disturbance.header:
            raise ValueError(f"fault {self.name}: an office is told by a header, so expected no other header")

    def _require_http(self, kind: str) -> None:
        if self.stream != "downstream":
            raise ValueError(f"fault {self.name}: {kind} is about answers, so expected no stream")
        if self.link == WITHOUT_HTTP:
            raise ValueError(f"fault {self.name}: {kind} is about HTTP, which link {self.link} does not speak")

    @property
    def kind(self) -> str:
        """Which of DISTURBANCES it is."""
        return next(kind for kind in DISTURBANCES if getattr(self, kind) is not None)

    @property
    def is_plain(self) -> bool:
        """Whether a real Toxiproxy can make it."""
        return self.kind in PLAIN

    @property
    def disturbance(self) -> Disturbance | None:
        """What is done to the data; None where the link is down."""
        found = (getattr(self, kind) for kind in DISTURBANCES if kind != "down")
        return next((each for each in found if each is not None), None)

    @property
    def toxic_name(self) -> str:
        """The name that the fault goes by inside the engine."""
        return TOXIC_PREFIX + self.name

    def toxic(self) -> Toxic | None:
        """The toxic that makes the fault; None where the link is down, which is a state of the proxy."""
        if self.disturbance is None:
            return None
        of_office = {"header": f"{OFFICE_HEADER}: {self.office}"} if self.office else {}
        return Toxic(
            self.toxic_name,
            self.disturbance.toxic_type,
            self.stream,
            self.share,
            {**self.disturbance.attributes(), **of_office},
        )

    def describe(self) -> str:
        """What happens, in a sentence without a full stop: "SIMPONI answers 3000 ± 800 ms later"."""
        link = LINKS[self.link]
        if self.disturbance is None:
            sentence = f"{link.caller} cannot reach {link.answerer}"
        else:
            sentence = self.disturbance.sentence(link, self.stream)
        concerned = "requests" if isinstance(self.disturbance, HttpDisturbance) else "connections"
        if self.kind in OF_DIALS:
            concerned = "them"
        share = f", on {self.share * 100:g} % of {concerned}" if self.share < 1 else ""
        whose = f", for those on {self.profile}" if self.profile else ""
        where = f", for those at {self.office}" if self.office else ""
        return sentence[0].upper() + sentence[1:] + share + whose + where
