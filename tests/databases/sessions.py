"""Sessions of others at a PostgreSQL: how a test opens one, and sees who waits for what."""

import time
from collections.abc import Callable

import psycopg

PATIENCE_S = 30.0

_WAITING = """
    SELECT wait_event FROM pg_stat_activity
    WHERE datname = current_database() AND wait_event_type = 'Lock' ORDER BY wait_event
"""
_END_OTHERS = """
    SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity
    WHERE datname = current_database() AND pid <> pg_backend_pid()
"""


def until(condition: Callable[[], bool]) -> None:
    """Poll until the condition holds; fail where it does not in time."""
    deadline_s = time.monotonic() + PATIENCE_S
    while not condition():
        assert time.monotonic() < deadline_s, "the condition never held"
        time.sleep(0.01)


def waiting_for_locks(session: psycopg.Connection) -> list[str]:
    """What the other sessions of this database wait for: `advisory`, `transactionid`, `tuple`, ..."""
    return [row[0] for row in session.execute(_WAITING)]


def end_other_sessions(session: psycopg.Connection) -> None:
    """Every other session of this database is gone afterwards."""
    session.execute(_END_OTHERS)
