"""What can be done to single requests and their answers on a link that speaks HTTP; our engine alone can do it."""

from collections.abc import Mapping
from typing import Annotated

from pydantic import AfterValidator, Field

from chaos.disturbances import Disturbance
from chaos.links import Link
from chaos.toxics import Stream


def _from_the_root(path: str) -> str:
    if path and not path.startswith("/"):
        raise ValueError(f"expected a path that begins with /, found {path!r}")
    return path


class HttpDisturbance(Disturbance):
    """About the requests that have this method, path and header, and the `first` of those alone; empty means all."""

    method: str = ""
    path: Annotated[str, AfterValidator(_from_the_root)] = ""
    header: str = ""
    first: int = Field(default=0, ge=0)

    def attributes(self) -> Mapping[str, int | str]:
        chosen: dict[str, int | str] = {
            "method": self.method,
            "path": self.path,
            "header": self.header,
            "first": self.first,
        }
        return {**{name: value for name, value in chosen.items() if value}, **self.effect()}

    def effect(self) -> Mapping[str, int]:
        """The attributes that say what is done."""
        return {}

    def sentence(self, link: Link, stream: Stream) -> str:
        return f"{link.answerer}'s answers to {self._which(link)} {self.what()}"

    def what(self) -> str:
        """What becomes of the answers, as the end of a sentence."""
        raise NotImplementedError

    def _which(self, link: Link) -> str:
        first = f"the first {self.first} of " if self.first else ""
        name = " ".join(word for word in (self.method.upper(), self.path) if word) or "requests"
        return f"{first}{link.caller}'s {name}" + (f" with {self.header}" if self.header else "")


class Status(HttpDisturbance):
    """A request is answered with `code`, and with Retry-After where that is given; the answerer never hears of it."""

    toxic_type = "http_status"

    code: int = Field(ge=200, le=599)
    retry_after_s: int = Field(default=0, ge=0)

    def effect(self) -> Mapping[str, int]:
        return {"status": self.code} | ({"retry_after": self.retry_after_s} if self.retry_after_s else {})

    def what(self) -> str:
        return f"are replaced by {self.code}, and it never hears of them"


class SlowAnswer(HttpDisturbance):
    """An answer comes `ms` later, give or take `jitter_ms`."""

    toxic_type = "http_latency"

    ms: int = Field(ge=0)
    jitter_ms: int = Field(default=0, ge=0)

    def effect(self) -> Mapping[str, int]:
        return {"latency": self.ms, "jitter": self.jitter_ms}

    def what(self) -> str:
        return f"come {self.ms} ± {self.jitter_ms} ms later" if self.jitter_ms else f"come {self.ms} ms later"


class CutAnswer(HttpDisturbance):
    """Of an answer's body `bytes` come through, then the connection ends."""

    toxic_type = "http_cut"

    bytes: int = Field(ge=0)

    def effect(self) -> Mapping[str, int]:
        return {"bytes": self.bytes}

    def what(self) -> str:
        return f"are cut off after {self.bytes} bytes"


class GarbledAnswer(HttpDisturbance):
    """An answer's body is no JSON any more."""

    toxic_type = "http_garble"

    def what(self) -> str:
        return "are garbled"


class LostAnswer(HttpDisturbance):
    """The work is done and the answer lost; the connection ends `after_ms` later, with 0 it is silent until healed."""

    toxic_type = "http_lose"

    after_ms: int = Field(default=0, ge=0)

    def effect(self) -> Mapping[str, int]:
        return {"timeout": self.after_ms}

    def what(self) -> str:
        return "are lost, though it did the work"
