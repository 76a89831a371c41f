"""The keeper's promises: it ends what was watched when the runner vanishes, and touches nothing otherwise."""

import os
import signal
import subprocess
import sys
import textwrap
from pathlib import Path

import pytest

from loket.stack.keeper import Keeper, end, listen


@pytest.mark.parametrize(
    ("lines", "groups"),
    [
        (["watch 10", "watch 11"], {10, 11}),
        (["watch 10", "watch 11", "forget 10"], {11}),
        (["watch 10", "done"], set()),
        ([], set()),
    ],
)
def test_groups_left_at_end_of_file_are_those_to_end(lines: list[str], groups: set[int]) -> None:
    """What is watched and not forgotten is ended, unless the runner said that it was done."""
    assert listen(lines).groups == groups


def test_a_group_that_ignores_the_polite_signal_is_killed() -> None:
    """A process that ignores SIGTERM ends all the same."""
    stubborn = subprocess.Popen(
        [
            sys.executable,
            "-c",
            "import signal, sys, time; signal.signal(15, 1); print(1, flush=True); time.sleep(60)",
        ],
        stdout=subprocess.PIPE,
        start_new_session=True,
    )
    assert stubborn.stdout is not None
    stubborn.stdout.readline()
    end([stubborn.pid], grace_s=0.2)
    assert stubborn.wait(10) == -signal.SIGKILL
    stubborn.stdout.close()


def test_a_killed_runner_leaves_no_process_behind(tmp_path: Path) -> None:
    """`kill -9` of the runner: the keeper ends the parts that the runner had started."""
    runner = subprocess.Popen(
        [
            sys.executable,
            "-c",
            textwrap.dedent(f"""
                import subprocess, sys, time
                from pathlib import Path
                from loket.stack.keeper import Keeper
                keeper = Keeper(Path({str(tmp_path / "keeper.log")!r}))
                part = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(60)"], start_new_session=True)
                keeper.watch(part.pid)
                print(part.pid, flush=True)
                time.sleep(60)
            """),
        ],
        stdout=subprocess.PIPE,
        env={**os.environ, "PYTHONPATH": str(Path(__file__).resolve().parents[2])},
    )
    assert runner.stdout is not None
    part = int(runner.stdout.readline())
    watched = os.pidfd_open(part)
    runner.kill()
    runner.wait()
    runner.stdout.close()
    assert _ended(watched), "the part outlived its runner"


def test_a_dismissed_keeper_touches_nothing(tmp_path: Path) -> None:
    """A runner that ends in good order keeps what it did not stop itself."""
    part = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(60)"], start_new_session=True)
    keeper = Keeper(tmp_path / "keeper.log")
    keeper.watch(part.pid)
    keeper.dismiss()
    try:
        assert part.poll() is None
    finally:
        part.kill()
        part.wait()


def _ended(pidfd: int, timeout_s: float = 10.0) -> bool:
    import select

    try:
        readable, _, _ = select.select([pidfd], [], [], timeout_s)
        return bool(readable)
    finally:
        os.close(pidfd)
