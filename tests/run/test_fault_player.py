"""The faults of a run: whatever breaks while they are played, the network itself is asked whether it is healed."""

from pathlib import Path

import pytest

from loket.experiment import Experiment
from loket.facts import Facts
from loket.records import Origin
from loket.run import fault_player
from loket.run.fault_player import FaultPlayer
from loket.run_directory import RunDirectory


class Sick:
    """A stage whose network still has a fault."""

    network: "Sick"

    def __init__(self) -> None:
        self.network = self

    def dead(self) -> dict[str, str]:
        return {}

    def verify_healed(self) -> list[str]:
        return ["fault_slow on link edge"]


def test_a_timeline_that_broke_is_told_and_the_healing_verified(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A mistake in playing the faults does not hide that one of them stayed."""

    def broken(timeline: object, timeout_s: float) -> bool:
        raise ValueError("no such toxic")

    monkeypatch.setattr(fault_player.Timeline, "stop", broken)
    facts = Facts(started_at="")
    run, origin = RunDirectory(tmp_path), Origin(mono_ns=0, unix_ns=0)
    player = FaultPlayer(Experiment.read("quota_rush"), Sick(), run, facts, origin)  # type: ignore[arg-type]
    player.heal()
    assert facts.trouble == ["the faults were not played to their end: ValueError: no such toxic"]
    assert facts.unhealed == ["fault_slow on link edge"]
