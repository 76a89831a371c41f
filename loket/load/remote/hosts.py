"""The remote workers of a run, as the master knows them: `hosts.json`, and what their being far away may have cost."""

from collections import deque
from collections.abc import Iterator

import msgspec

from loket.load.remote.clocks import clock_doubts
from loket.run_directory import RunDirectory, write_whole
from loket.verdict import Doubt


class Host(msgspec.Struct, kw_only=True, frozen=True):
    """One remote worker: the process that it is, and the name of its files once it has work.

    `slowest_ms` is the longest that a record of it took to reach the master.
    """

    host: str
    pid: int
    worker: str | None = None
    slowest_ms: float | None = None


def write_hosts(directory: RunDirectory, hosts: list[Host]) -> None:
    """Replace the list."""
    write_whole(directory.hosts_file, msgspec.json.format(msgspec.json.encode(hosts), indent=2) + b"\n")


def read_hosts(directory: RunDirectory) -> list[Host]:
    """The list as it stands; empty where every worker is the master's own host's."""
    if not directory.hosts_file.exists():
        return []
    return msgspec.json.decode(directory.hosts_file.read_bytes(), type=list[Host])


def remote_doubts(directory: RunDirectory) -> Iterator[Doubt]:
    """Why not to trust what workers of other hosts did: their clocks, and what was lost with them."""
    for host in read_hosts(directory):
        if host.worker is not None:
            yield from clock_doubts(directory, host.worker)
            yield from _loss(directory, host, host.worker)


def _loss(directory: RunDirectory, host: Host, worker: str) -> Iterator[Doubt]:
    last = next(iter(deque(directory.shifts(worker), maxlen=1)), None)
    if last is None:
        yield Doubt(reason=f"worker {worker} on {host.host} was lost before a record of it came")
    elif last.type != "end":
        origin = directory.origin()
        reach = "what it wrote down last" if host.slowest_ms is None else f"up to {host.slowest_ms:.0f} ms of records"
        yield Doubt(
            reason=(
                f"worker {worker} on {host.host} was lost, and {reach} with it"
                " (all that followed, if it was not killed but cut off)"
            ),
            second=round((last.mono_ns - origin.mono_ns) / 1e9, 2) if origin else None,
        )
