"""Client network profiles: what lies between a person's telephone and M-Paspor on an ordinary day.

They are the base conditions of a run, not faults: healing leaves them alone. Figures: assumptions after Ookla
(June 2025) and Opensignal (December 2024), by which the east is not slower as such.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from chaos.toxics import Stream, Toxic

TOXIC_PREFIX = "profile_"


@dataclass(frozen=True)
class Profile:
    """The round trip ± jitter that a connection gains, its rates in KB/s of 1000 bytes, the share reset."""

    name: str
    latency_ms: int
    jitter_ms: int
    down_kbps: int
    up_kbps: int
    reset_share: float

    def toxics(self) -> tuple[Toxic, ...]:
        """The toxics that make this network of a perfect one, halves of the round trip on either stream."""
        up_ms, up_jitter_ms = self.latency_ms // 2, self.jitter_ms // 2
        down_ms, down_jitter_ms = self.latency_ms - up_ms, self.jitter_ms - up_jitter_ms
        toxics = [
            _latency("upstream", up_ms, up_jitter_ms),
            _latency("downstream", down_ms, down_jitter_ms),
            _bandwidth("upstream", self.up_kbps),
            _bandwidth("downstream", self.down_kbps),
        ]
        if self.reset_share:
            toxics.append(_reset(self.reset_share))
        return tuple(toxics)


def _latency(stream: Stream, latency_ms: int, jitter_ms: int) -> Toxic:
    attributes = {"latency": latency_ms, "jitter": jitter_ms}
    return Toxic(f"{TOXIC_PREFIX}latency_{stream}", "latency", stream, 1.0, attributes)


def _bandwidth(stream: Stream, rate_kbps: int) -> Toxic:
    return Toxic(f"{TOXIC_PREFIX}bandwidth_{stream}", "bandwidth", stream, 1.0, {"rate": rate_kbps})


def _reset(share: float) -> Toxic:
    return Toxic(f"{TOXIC_PREFIX}reset", "reset_peer", "downstream", share, {"timeout": 0})


# Assumption: every figure, until measured on the networks themselves.
PROFILES = {
    profile.name: profile
    for profile in (
        Profile("java_4g", 30, 15, 5000, 1300, 0.0),
        Profile("java_congested", 80, 60, 2000, 500, 0.005),
        Profile("kupang_4g", 60, 30, 2500, 1000, 0.005),
        Profile("kepri_island", 90, 80, 1000, 400, 0.01),
        Profile("remote_satellite", 650, 100, 1250, 375, 0.02),
    )
}


def in_words(profile: str | None, profiles: Mapping[str, float] | None) -> str:
    """The networks of the people, each with its share where there are several; empty for a perfect one.

    >>> in_words("java_4g", None), in_words(None, {"java_4g": 0.8, "remote_satellite": 0.2}), in_words(None, None)
    ('java_4g', 'java_4g (80%), remote_satellite (20%)', '')
    """
    if profiles:
        return ", ".join(f"{name} ({share:.0%})" for name, share in profiles.items())
    return profile or ""
