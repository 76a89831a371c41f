"""What the control API can ask of the engine, once it has been read and found sound."""

from collections.abc import Mapping
from dataclasses import dataclass

from chaos.engine.leases import Claim
from chaos.engine.toxics.settings import Settings


@dataclass(frozen=True)
class NewProxy:
    """An empty `listen` is every interface and a port of the system's choice."""

    name: str
    listen: str
    upstream: str
    enabled: bool


@dataclass(frozen=True)
class ProxyChange:
    """What is None stays as it is."""

    listen: str | None
    upstream: str | None
    enabled: bool | None
    claim: Claim | None


@dataclass(frozen=True)
class NewToxic:
    """`stream` as it was written; `settings` of the kind that `type` names."""

    name: str
    type: str
    stream: str
    toxicity: float
    settings: Settings
    claim: Claim | None


@dataclass(frozen=True)
class ToxicChange:
    """`attributes` are the ones to replace; a toxicity of None stays."""

    attributes: Mapping[str, int | str]
    toxicity: float | None
    claim: Claim | None
