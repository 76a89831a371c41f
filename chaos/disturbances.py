"""What can be done to a link, one class each: its settings, the toxic it becomes, its sentence."""

from collections.abc import Mapping
from typing import ClassVar, Self

from pydantic import BaseModel, ConfigDict, Field, model_validator

from chaos.links import Link
from chaos.toxics import Stream, ToxicType


class Disturbance(BaseModel):
    """The settings of one kind of disturbance, and its two translations."""

    model_config = ConfigDict(strict=True, frozen=True, extra="forbid")

    toxic_type: ClassVar[ToxicType]

    def attributes(self) -> Mapping[str, int | str]:
        """The attributes of the toxic."""
        raise NotImplementedError

    def sentence(self, link: Link, stream: Stream) -> str:
        """What happens on `link`, without a full stop."""
        raise NotImplementedError


class Latency(Disturbance):
    """Data comes `ms` later, give or take `jitter_ms`, evenly spread."""

    toxic_type = "latency"

    ms: int = Field(ge=0)
    jitter_ms: int = Field(default=0, ge=0)

    @model_validator(mode="after")
    def _jitter_within_delay(self) -> Self:
        if self.jitter_ms > self.ms:
            raise ValueError(f"expected jitter_ms of at most ms ({self.ms}), found {self.jitter_ms}")
        return self

    def attributes(self) -> Mapping[str, int | str]:
        return {"latency": self.ms, "jitter": self.jitter_ms}

    def sentence(self, link: Link, stream: Stream) -> str:
        delay = f"{self.ms} ± {self.jitter_ms} ms" if self.jitter_ms else f"{self.ms} ms"
        if stream == "downstream":
            return f"{link.answers} {delay} later"
        return f"{link.traffic('upstream')} arrive {delay} later"


class Timeout(Disturbance):
    """Data is lost, and the connection closes after `ms`; with 0 it stays silent until healed."""

    toxic_type = "timeout"

    ms: int = Field(default=0, ge=0)

    def attributes(self) -> Mapping[str, int | str]:
        return {"timeout": self.ms}

    def sentence(self, link: Link, stream: Stream) -> str:
        closing = f", and the connection closes after {self.ms} ms" if self.ms else ""
        return f"{link.traffic(stream)} are lost{closing}"


class Bandwidth(Disturbance):
    """A connection carries no more than `kbps` kilobytes (of 1000) a second."""

    toxic_type = "bandwidth"

    kbps: int = Field(gt=0)

    def attributes(self) -> Mapping[str, int | str]:
        return {"rate": self.kbps}

    def sentence(self, link: Link, stream: Stream) -> str:
        return f"{link.traffic(stream)} pass at {self.kbps} KB/s a connection"


class Reset(Disturbance):
    """Connections are reset after `after_ms`; with 0 at once."""

    toxic_type = "reset_peer"

    after_ms: int = Field(default=0, ge=0)

    def attributes(self) -> Mapping[str, int | str]:
        return {"timeout": self.after_ms}

    def sentence(self, link: Link, stream: Stream) -> str:
        moment = f" after {self.after_ms} ms" if self.after_ms else ""
        return f"connections from {link.caller} to {link.answerer} are reset{moment}"
