"""The load of a run as processes: Locust's master and its workers, started, watched and stopped."""

import sys
from pathlib import Path

from loket.facts import Death
from loket.run.gathering import Gathering
from loket.stack.keeper import Keeper
from loket.stack.part import Part, Recipe
from loket.stack.probe import LOOPBACK, free_ports

ROOT = Path(__file__).resolve().parents[2]
# What the load's processes are told; it carries the administration token and goes with them.
LOAD_PLAN = "load.json"
# Locust gives running greenlets this long to write their last line once the run stops.
STOP_TIMEOUT_S = 5


def scenario_file(scenario: str) -> Path:
    """Where the people of a scenario are."""
    return ROOT / "locustfiles" / f"{scenario}.py"


def locust_on(path: Path) -> list[str]:
    """The beginning of every command line that has Locust run the file; what it logs stays ours to say."""
    return [sys.executable, "-m", "locust", "-f", str(path), "--skip-log-setup"]


class LoadProcesses:
    """Master and `workers` workers of one scenario; the master ends by itself when every person has left.

    Where a `gathering` is given the workers are those that come to it, and only the master is started here.
    """

    def __init__(
        self, scenario: str, plan: Path, workers: int, logs: Path, keeper: Keeper, gathering: Gathering | None = None
    ) -> None:
        host, port = (gathering.host, gathering.port) if gathering else (LOOPBACK, free_ports(1)[0])
        expected = gathering.workers if gathering else workers
        common = [*locust_on(scenario_file(scenario)), "--loket-plan", str(plan)]
        master = [*common, "--master", "--headless", "--master-bind-host", host]
        master += ["--master-bind-port", str(port), "--expect-workers", str(expected), "--users", str(expected)]
        master += ["--spawn-rate", str(expected), "--stop-timeout", str(STOP_TIMEOUT_S), "--reset-stats"]
        master += ["--loket-remote-workers", str(expected)] if gathering else []
        worker = [*common, "--worker", "--master-host", host, "--master-port", str(port)]
        self.master = Part(Recipe("locust-master", master), logs / "locust-master.log", keeper)
        self.workers = [
            Part(Recipe(f"locust-worker-{n}", worker), logs / f"locust-worker-{n}.log", keeper)
            for n in range(0 if gathering else workers)
        ]
        self._seen: dict[str, float] = {}

    def start(self) -> None:
        for part in (self.master, *self.workers):
            part.start()

    def running(self) -> bool:
        return self.master.alive()

    def stop(self) -> None:
        """Ask the master, which tells its workers; end whatever has not left by then. Idempotent."""
        self.master.stop(grace_s=STOP_TIMEOUT_S + 5.0)
        for worker in self.workers:
            worker.ask_to_stop()
        for worker in self.workers:
            worker.stop()

    def trouble(self) -> list[str]:
        """Which of the load's own processes ended badly so far, one sentence each; ask before `stop`."""
        return [f"{part.name} ended by {how_it_ended(part)}" for part in self._ended_badly()]

    def look(self, second: float) -> None:
        """Note who has ended badly since the last look; `second` is now, in seconds of the run."""
        for part in self._ended_badly():
            self._seen.setdefault(part.name, round(second, 2))

    def losses(self) -> list[Death]:
        """Who ended badly, in which second by the first look that saw it, and what they said last."""
        ended = {part.name: part for part in self._ended_badly()}
        return [
            Death(part=name, second=second, ending=how_it_ended(ended[name])) for name, second in self._seen.items()
        ]

    def _ended_badly(self) -> list[Part]:
        return [part for part in (self.master, *self.workers) if part.exit_code() not in (0, None)]


def how_it_ended(part: Part) -> str:
    """`signal SIGKILL: ` and the end of its log."""
    return f"{part.ending()}: {part.log_tail()}"
