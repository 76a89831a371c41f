"""What can be done to new connections before they reach anybody, and to all connections together; our engine alone
can do it."""

from collections.abc import Mapping

from pydantic import Field

from chaos.disturbances import Disturbance
from chaos.links import Link
from chaos.toxics import Stream


class Refused(Disturbance):
    """New connections are refused, `after_ms` after they were asked for."""

    toxic_type = "dial_refused"

    after_ms: int = Field(default=0, ge=0)

    def attributes(self) -> Mapping[str, int | str]:
        return {"delay": self.after_ms}

    def sentence(self, link: Link, stream: Stream) -> str:
        return f"{link.answerer} refuses new connections of {link.caller}"


class Unresolved(Disturbance):
    """The answerer's name is not found: new connections end without a byte, when a resolver would have given up."""

    toxic_type = "dial_unresolved"

    after_ms: int = Field(default=0, ge=0)

    def attributes(self) -> Mapping[str, int | str]:
        return {"delay": self.after_ms}

    def sentence(self, link: Link, stream: Stream) -> str:
        return f"{link.caller} cannot find the name of {link.answerer}"


class Unanswered(Disturbance):
    """New connections are met with silence, which ends after `after_ms`; with 0 when healed."""

    toxic_type = "dial_timeout"

    after_ms: int = Field(default=0, ge=0)

    def attributes(self) -> Mapping[str, int | str]:
        return {"timeout": self.after_ms}

    def sentence(self, link: Link, stream: Stream) -> str:
        ending = f", and the attempt fails after {self.after_ms} ms" if self.after_ms else ""
        return f"{link.answerer} does not answer new connections of {link.caller}{ending}"


class SharedBandwidth(Disturbance):
    """All connections of the link together carry no more than `kbps` kilobytes (of 1000) a second."""

    toxic_type = "shared_bandwidth"

    kbps: int = Field(gt=0)

    def attributes(self) -> Mapping[str, int | str]:
        return {"rate": self.kbps}

    def sentence(self, link: Link, stream: Stream) -> str:
        return f"{link.traffic(stream)} pass at {self.kbps} KB/s, all connections together"
