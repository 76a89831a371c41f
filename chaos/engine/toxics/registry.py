"""The toxics by the type that the API gives them. A new toxic is a file beside this one and a line here."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from chaos.engine.toxics.bandwidth import BandwidthSettings, BandwidthStage
from chaos.engine.toxics.dial import (
    DialRefusedSettings,
    DialSettings,
    DialTimeoutSettings,
    DialUnresolvedSettings,
)
from chaos.engine.toxics.http_cut import HttpCutSettings, HttpCutStage
from chaos.engine.toxics.http_garble import HttpGarbleStage
from chaos.engine.toxics.http_latency import HttpLatencySettings, HttpLatencyStage
from chaos.engine.toxics.http_lose import HttpLoseSettings, HttpLoseStage
from chaos.engine.toxics.http_status import HttpStatusSettings, HttpStatusStage
from chaos.engine.toxics.latency import LatencySettings, LatencyStage
from chaos.engine.toxics.limit_data import LimitDataSettings, LimitDataStage
from chaos.engine.toxics.matching import HttpSettings
from chaos.engine.toxics.noop import NoopSettings, NoopStage
from chaos.engine.toxics.reset_peer import ResetPeerSettings, ResetPeerStage
from chaos.engine.toxics.settings import Settings
from chaos.engine.toxics.shared_bandwidth import SharedBandwidthSettings, SharedBandwidthStage
from chaos.engine.toxics.slicer import SlicerSettings, SlicerStage
from chaos.engine.toxics.slow_close import SlowCloseSettings, SlowCloseStage
from chaos.engine.toxics.stage import AnyStage, Flow, Stage
from chaos.engine.toxics.timeout import TimeoutSettings, TimeoutStage


@dataclass(frozen=True)
class Kind:
    """A type of toxic: what can be set, and what it does to one direction of a connection."""

    # A stage is only ever given settings of its own kind: the pairs below see to that, the types cannot say it.
    settings: type[Settings]
    stage: Callable[[Flow, Any, str], AnyStage]

    @property
    def at_door(self) -> bool:
        """Whether it is about new connections before they are dialled, and does nothing to a stream."""
        return issubclass(self.settings, DialSettings)

    @property
    def by_request(self) -> bool:
        """Whether it decides about each request, and not about connections."""
        return issubclass(self.settings, HttpSettings)


KINDS: dict[str, Kind] = {
    "bandwidth": Kind(BandwidthSettings, BandwidthStage),
    "dial_refused": Kind(DialRefusedSettings, Stage),
    "dial_timeout": Kind(DialTimeoutSettings, Stage),
    "dial_unresolved": Kind(DialUnresolvedSettings, Stage),
    "http_cut": Kind(HttpCutSettings, HttpCutStage),
    "http_garble": Kind(HttpSettings, HttpGarbleStage),
    "http_latency": Kind(HttpLatencySettings, HttpLatencyStage),
    "http_lose": Kind(HttpLoseSettings, HttpLoseStage),
    "http_status": Kind(HttpStatusSettings, HttpStatusStage),
    "latency": Kind(LatencySettings, LatencyStage),
    "limit_data": Kind(LimitDataSettings, LimitDataStage),
    "noop": Kind(NoopSettings, NoopStage),
    "reset_peer": Kind(ResetPeerSettings, ResetPeerStage),
    "shared_bandwidth": Kind(SharedBandwidthSettings, SharedBandwidthStage),
    "slicer": Kind(SlicerSettings, SlicerStage),
    "slow_close": Kind(SlowCloseSettings, SlowCloseStage),
    "timeout": Kind(TimeoutSettings, TimeoutStage),
}
