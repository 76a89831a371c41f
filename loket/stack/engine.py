"""The fault engine as a part: every run has one, whoever the service belongs to."""

from collections.abc import Callable
from pathlib import Path

from loket.stack import recipes
from loket.stack.keeper import Keeper
from loket.stack.part import Part, await_ready

START_TIMEOUT_S = 30.0


class Engine:
    """One engine on a port of its own choice; it writes what it did to whom to `decisions`."""

    def __init__(self, logs: Path, decisions: Path, seed: int, keeper: Keeper) -> None:
        self._log = logs / "engine.log"
        self._log.unlink(missing_ok=True)
        self.part = Part(recipes.engine(seed, decisions, self._log), self._log, keeper)

    def start(self, interrupted: Callable[[], bool]) -> str:
        """Start it and wait until it listens; the URL of its control. Raises StackError."""
        self.part.start()
        await_ready([self.part], START_TIMEOUT_S, interrupted)
        return recipes.control_url(self._log)
