"""A toxic: the disturbance of one stream of one proxy, in the words that Toxiproxy speaks."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

Stream = Literal["downstream", "upstream"]
ToxicType = Literal[
    "latency", "timeout", "bandwidth", "reset_peer",
    "http_status", "http_latency", "http_cut", "http_garble", "http_lose",
]  # fmt: skip


@dataclass(frozen=True)
class Toxic:
    """`toxicity` is the share of connections concerned, 0 to 1; `attributes` are Toxiproxy's own integers.

    Types that begin with `http_` are our engine's own: their toxicity is one of requests, and some attributes texts.
    """

    name: str
    type: ToxicType
    stream: Stream = "downstream"
    toxicity: float = 1.0
    attributes: Mapping[str, int | str] = field(default_factory=dict)

    def body(self) -> dict[str, object]:
        """The JSON object that makes the toxic."""
        return {
            "name": self.name,
            "type": self.type,
            "stream": self.stream,
            "toxicity": self.toxicity,
            "attributes": self.attributes,
        }
