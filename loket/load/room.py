"""How many people one worker has room for at once, and whether this host has room for all that a plan brings.

A person inside holds up to two sockets. What is short is best found before anybody comes: afterwards it can only be
counted.
"""

import resource
from pathlib import Path

MOST_INSIDE = 4_000
SOCKETS_A_PERSON = 2
# The process needs some open files of its own.
OTHER_FILES = 200
PORT_RANGE = Path("/proc/sys/net/ipv4/ip_local_port_range")


class Cramped(Exception):
    """This host has fewer open files or ports than the plan needs; the message says how many, and what helps."""


def most_open_files() -> int:
    """How many files a process of this host may have open once it has raised its own limit for a full worker."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = files_for(MOST_INSIDE)
    # RLIM_INFINITY is not a large number everywhere.
    reach = wanted if hard == resource.RLIM_INFINITY else min(wanted, hard)
    return reach if soft == resource.RLIM_INFINITY else max(soft, reach)


def raise_open_files() -> int:
    """Raise this process's limit as far as a full worker needs; gives what it is then."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    most = most_open_files()
    if soft != resource.RLIM_INFINITY and soft < most:
        resource.setrlimit(resource.RLIMIT_NOFILE, (most, hard))
    return most


def files_for(people: int) -> int:
    """How many open files a worker needs for so many people at once."""
    return people * SOCKETS_A_PERSON + OTHER_FILES


def room(files: int) -> int:
    """How many people a worker that may open so many files can hold at once.

    >>> room(100_000), room(1_024), room(64)
    (4000, 412, 1)
    """
    return max(1, min(MOST_INSIDE, (files - OTHER_FILES) // SOCKETS_A_PERSON))


def ports() -> int | None:
    """How many connections this host can open to one address; None where it does not say."""
    try:
        low, high = map(int, PORT_RANGE.read_text().split())
    except (OSError, ValueError):
        return None
    return high - low + 1


def require_room(people: int, workers: int, files: int, free_ports: int | None) -> None:
    """Raises Cramped where people of the plan would be turned away, or find no port, should all be inside at once."""
    fullest = min(MOST_INSIDE, -(-people // workers))
    if room(files) < fullest:
        raise Cramped(
            f"{people} people in {workers} worker{'s' * (workers > 1)} need up to {files_for(fullest)} open files in"
            f" each, and a process may have {files} here: raise the limit (ulimit -n), or share them among more workers"
        )
    at_once = min(people, workers * MOST_INSIDE)
    if free_ports is not None and free_ports < at_once:
        raise Cramped(
            f"{people} people need up to {at_once} ports at once, and this host has {free_ports} to give"
            f" ({PORT_RANGE}): widen the range, or send fewer people"
        )
