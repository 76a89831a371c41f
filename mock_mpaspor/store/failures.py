"""What an error of the database means for the request that met it: nothing was done, or nobody knows.

Before the commit, `busy` (definite, nothing was done): no connection, one that was lost or fell silent; a time-out of
a lock, a statement, a standstill; no turn in the pool or among the writers; no room; a deadlock.
In the commit, `busy` where the server says that it rolled back; `internal` (not definite) for anything else, such as
a connection that is lost: the commit may have been done.
At any time, a constraint is the caller's own matter (IntegrityError as it is), and a statement that cannot be right is
a mistake of ours: it goes up as it is, to be logged and answered with `internal`.
"""

import logging
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy.exc import DBAPIError, IntegrityError
from sqlalchemy.exc import InterfaceError as NoInterfaceError
from sqlalchemy.exc import OperationalError as NotNowError
from sqlalchemy.exc import TimeoutError as NoTurnError

from mock_mpaspor.domain.errors import ErrorCode, Refusal

LOG = logging.getLogger(__name__)

# SQLSTATE classes: connection, transaction rolled back, resources, object not available, operator, system; and the
# one code by which the server ends a transaction that stands still.
_PASSING = ("08", "40", "53", "55", "57", "58", "25P03")
# Of those, what the server says only of a transaction that it has rolled back.
_ROLLED_BACK = ("40", "53", "55", "57014")
_COLLISION = ("40001", "40P01")
# "The completion of the statement is unknown."
_UNKNOWN = "40003"
# SQLite's primary result codes. SQLITE_ERROR, a statement that cannot be right, is not among them.
_SQLITE_PASSING = {
    sqlite3.SQLITE_BUSY,
    sqlite3.SQLITE_LOCKED,
    sqlite3.SQLITE_NOMEM,
    sqlite3.SQLITE_READONLY,
    sqlite3.SQLITE_INTERRUPT,
    sqlite3.SQLITE_IOERR,
    sqlite3.SQLITE_FULL,
    sqlite3.SQLITE_CANTOPEN,
    sqlite3.SQLITE_PROTOCOL,
}
_SQLITE_ROLLED_BACK = {sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED, sqlite3.SQLITE_FULL}


class Collision(Refusal):
    """BUSY, because two transactions stood in each other's way: the same again may well succeed at once."""

    def __init__(self) -> None:
        super().__init__(ErrorCode.BUSY)


@contextmanager
def nothing_done() -> Iterator[None]:
    """Around everything but the commit: Refusal(BUSY) for what passes by itself."""
    try:
        yield
    except NoTurnError as error:
        LOG.warning("the database: no turn in time")
        raise Refusal(ErrorCode.BUSY) from error
    except DBAPIError as error:
        if not _passes(error):
            raise
        raise _busy(error) from error


@contextmanager
def perhaps_done() -> Iterator[None]:
    """Around the commit: Refusal(BUSY) where it was rolled back for certain, or else Refusal(INTERNAL)."""
    try:
        yield
    except IntegrityError:
        raise
    except DBAPIError as error:
        if _rolled_back(error):
            raise _busy(error) from error
        LOG.error("the database: a commit without an answer (%s)", _name(error))
        raise Refusal(ErrorCode.INTERNAL) from error


def _busy(error: DBAPIError) -> Refusal:
    LOG.warning("the database: nothing was done (%s)", _name(error))
    return Collision() if _sqlstate(error) in _COLLISION else Refusal(ErrorCode.BUSY)


def _passes(error: DBAPIError) -> bool:
    if isinstance(error.orig, sqlite3.Error):
        return _sqlite_code(error.orig) in _SQLITE_PASSING
    state = _sqlstate(error)
    # Without a state it is the client that speaks: of a connection lost, refused or closed.
    return state.startswith(_PASSING) if state else isinstance(error, NotNowError | NoInterfaceError)


def _rolled_back(error: DBAPIError) -> bool:
    if isinstance(error.orig, sqlite3.Error):
        return _sqlite_code(error.orig) in _SQLITE_ROLLED_BACK
    state = _sqlstate(error)
    return state.startswith(_ROLLED_BACK) and state != _UNKNOWN


def _sqlstate(error: DBAPIError) -> str:
    return getattr(error.orig, "sqlstate", None) or ""


def _sqlite_code(error: sqlite3.Error) -> int:
    return getattr(error, "sqlite_errorcode", sqlite3.SQLITE_ERROR) & 0xFF


def _name(error: DBAPIError) -> str:
    """The kind of error and nothing of its text, in which people's data may stand."""
    return f"{type(error.orig).__name__} {_sqlstate(error)}".strip()
