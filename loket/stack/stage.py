"""The stage of a run: whatever stands ready for the people, with the network in front of it."""

from collections.abc import Collection, Mapping
from typing import Protocol

from chaos.control import Network
from loket.stack.settings import Entrance, Feeds


class Stage(Protocol):
    """`network`, `entrance` and `feeds` are there once it has started."""

    network: Network

    @property
    def entrance(self) -> Entrance: ...

    @property
    def feeds(self) -> Feeds: ...

    def start(self) -> None:
        """Start what belongs to it and wait until it serves. Raises StackError or NetworkError."""

    def open_edges(self, profiles: Collection[str]) -> Mapping[str, str]:
        """A way in of its own for the people of each network; their URLs. Raises NetworkError."""

    def stop(self) -> None:
        """End every process of it, started or half started. Idempotent."""

    def dead(self) -> dict[str, str]:
        """Its parts that ended by themselves, each with how."""

    def restart(self, name: str) -> None:
        """Start a dead part again. Raises StackError."""
