"""The keeper: a small process that ends the run's processes when the runner dies without a word.

The runner names process groups on the keeper's standard input, and what it has put on servers that are not its own; end
of file without `done` means that the runner is gone (killed, crashed), so every group still named is ended, and what
was put elsewhere is deleted. Run as `python -m loket.stack.keeper`.
"""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterable
from contextlib import suppress
from dataclasses import dataclass, field
from http.client import HTTPConnection, HTTPException
from pathlib import Path
from urllib.parse import urlsplit

GRACE_S = 3.0
DELETE_TIMEOUT_S = 1.0


class Keeper:
    """The runner's end of the pipe. Thread-safe as far as one short write to a pipe is."""

    def __init__(self, log: Path) -> None:
        with log.open("ab") as output:
            self._process = subprocess.Popen(
                [sys.executable, "-m", "loket.stack.keeper"],
                stdin=subprocess.PIPE,
                stdout=output,
                stderr=output,
                start_new_session=True,
            )

    def watch(self, group: int) -> None:
        """End this process group should the runner vanish."""
        self._say(f"watch {group}")

    def forget(self, group: int) -> None:
        """This group has ended: its number may soon be somebody else's."""
        self._say(f"forget {group}")

    def delete_later(self, url: str) -> None:
        """HTTP DELETE this URL should the runner vanish."""
        self._say(f"delete {url}")

    def dismiss(self) -> None:
        """The runner ends in good order; the keeper leaves without touching anything."""
        self._say("done")
        if self._process.stdin:
            with suppress(BrokenPipeError):
                self._process.stdin.close()
        self._process.wait()

    def _say(self, line: str) -> None:
        # A keeper that somebody killed cannot help any more; that must not keep the runner from stopping its parts.
        if self._process.stdin:
            with suppress(BrokenPipeError):
                self._process.stdin.write(line.encode() + b"\n")
                self._process.stdin.flush()


@dataclass
class Estate:
    """What a runner leaves behind: process groups to end, URLs to delete."""

    groups: set[int] = field(default_factory=set)
    urls: list[str] = field(default_factory=list)


def listen(lines: Iterable[str]) -> Estate:
    """What is left once `lines` are over: nothing after `done`, else what was named and not forgotten."""
    left = Estate()
    for line in lines:
        match line.split():
            case ["watch", group]:
                left.groups.add(int(group))
            case ["forget", group]:
                left.groups.discard(int(group))
            case ["delete", url]:
                left.urls.append(url)
            case ["done"]:
                return Estate()
    return left


def delete(urls: Iterable[str]) -> None:
    """HTTP DELETE each, whether or not it is there; one that nobody answers for is told on the error stream."""
    for url in urls:
        parts = urlsplit(url)
        connection = HTTPConnection(parts.hostname or "", parts.port, timeout=DELETE_TIMEOUT_S)
        try:
            connection.request("DELETE", parts.path)
            connection.getresponse().read()
        except (OSError, HTTPException) as error:
            sys.stderr.write(f"could not delete {url}: {error}\n")
        finally:
            connection.close()


def end(groups: Iterable[int], grace_s: float = GRACE_S) -> None:
    """SIGTERM to every group, SIGKILL to those that are still there `grace_s` later."""
    left = {group for group in groups if _signal(group, signal.SIGTERM)}
    deadline = time.monotonic() + grace_s
    while left and time.monotonic() < deadline:
        time.sleep(0.05)
        left = {group for group in left if _signal(group, 0)}
    for group in left:
        _signal(group, signal.SIGKILL)


def _signal(group: int, number: int) -> bool:
    try:
        os.killpg(group, number)
    except (ProcessLookupError, PermissionError):
        return False
    return True


if __name__ == "__main__":
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    left = listen(sys.stdin)
    # The network first: whoever is not to be ended here breathes again.
    delete(left.urls)
    end(left.groups)
