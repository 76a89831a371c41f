"""The toxics of the dial: a new connection does not reach its upstream. Those that are open already go on.

A relay has taken the client's connection before it can do anything about it, so a refusal is a reset at once here. A
link that refuses outright is a proxy that is disabled, which its open connections do not survive.
"""

from dataclasses import dataclass
from typing import ClassVar

from chaos.engine.toxics.settings import Settings


@dataclass(frozen=True)
class DialSettings(Settings):
    """Whether the client is told by a reset in the end, or by a close; `wait_ms` until then, None for ever."""

    resets: ClassVar[bool] = True

    @property
    def wait_ms(self) -> int | None:
        raise NotImplementedError


@dataclass(frozen=True)
class DialRefusedSettings(DialSettings):
    """Nobody listens at the upstream: reset, `delay` ms after the client came."""

    delay: int = 0

    @property
    def wait_ms(self) -> int:
        return self.delay


@dataclass(frozen=True)
class DialUnresolvedSettings(DialSettings):
    """The upstream's name is not found: closed without a byte, once the resolver has given up after `delay` ms."""

    resets: ClassVar[bool] = False

    delay: int = 0

    @property
    def wait_ms(self) -> int:
        return self.delay


@dataclass(frozen=True)
class DialTimeoutSettings(DialSettings):
    """The upstream's host does not answer: silence, and a reset after `timeout` ms; 0 is silent until removed."""

    timeout: int = 0

    @property
    def wait_ms(self) -> int | None:
        return self.timeout or None
