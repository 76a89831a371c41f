"""The small server in a process of its own, for the benchmarks of the load, and the cores that each side stays on."""

import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from servers import running


@contextmanager
def desk(*, awake: bool = False) -> Iterator[str]:
    """A small server that runs until the block ends; its URL. `awake`: it never sleeps."""
    program = [sys.executable, str(Path(__file__).with_name("small_server.py"))]
    cores = _cores()
    if len(cores) > 1:
        program += ["--core", str(cores[-1])]
    if awake:
        program += ["--awake"]
    with running(subprocess.Popen(program, stdout=subprocess.PIPE, text=True)) as process:
        assert process.stdout is not None
        yield f"http://127.0.0.1:{int(process.stdout.readline())}"


def keep_off_the_desk() -> None:
    """Have this process, and those it starts from now on, leave the server its core, where there are two."""
    cores = _cores()
    if len(cores) > 1:
        os.sched_setaffinity(0, cores[:-1])


def _cores() -> list[int]:
    return sorted(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else []
