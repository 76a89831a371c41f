"""A toxic: the disturbance of one stream of one proxy, in the words that Toxiproxy speaks."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

Stream = Literal["downstream", "upstream"]
ToxicType = Literal[
    "latency", "timeout", "bandwidth", "reset_peer",
    "dial_refused", "dial_timeout", "dial_unresolved", "shared_bandwidth",
    "http_status", "http_latency", "http_cut", "http_garble", "http_lose",
]  # fmt: skip


@dataclass(frozen=True)
class Toxic:
    """`toxicity` is the share of connections concerned, 0 to 1; `attributes` are Toxiproxy's own integers.

    The types of the second and third line are our engine's own; those that begin with `http_` have a toxicity of
    requests, and some of their attributes are texts.
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
