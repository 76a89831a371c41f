"""A system ready to be served: its app, and the work that goes on between requests."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

from flask import Flask


class Background(Protocol):
    def start(self) -> None: ...

    def stop(self) -> None: ...


@dataclass(frozen=True)
class System:
    """`close` gives back files and connections; it comes after the background has stopped."""

    app: Flask
    background: tuple[Background, ...] = ()
    close: Callable[[], None] = lambda: None

    def start(self) -> None:
        for work in self.background:
            work.start()

    def stop(self) -> None:
        for work in self.background:
            work.stop()
        self.close()
