"""Another process at the service's database: it sees everything that is stored, and can keep writers out."""

import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import psycopg

from mock_mpaspor.store.schema import METADATA
from mock_mpaspor.web.parts import EXTENSION
from tests.service.house import Service

SQLITE = "sqlite:///"


@contextmanager
def writers_kept_out(service: Service) -> Iterator[None]:
    """Nobody gets to write meanwhile. The service's only connection (one thread) gives up at once."""
    url = service.settings.database_url
    impatience = "PRAGMA busy_timeout=1" if url.startswith(SQLITE) else "SET lock_timeout = 1"
    with service.app.extensions[EXTENSION].database.read() as connection:
        connection.exec_driver_sql(impatience)
    if url.startswith(SQLITE):
        with closing(sqlite3.connect(url.removeprefix(SQLITE), isolation_level=None)) as other:
            other.execute("BEGIN IMMEDIATE")
            yield
    else:
        with psycopg.connect(url) as session:
            session.execute(f"LOCK TABLE {', '.join(METADATA.tables)} IN EXCLUSIVE MODE")
            yield


def everything_stored(service: Service) -> bytes:
    """What the database keeps: the bytes of its files, or the rows of all its tables."""
    url = service.settings.database_url
    if url.startswith(SQLITE):
        path = Path(url.removeprefix(SQLITE))
        return b"".join(each.read_bytes() for each in path.parent.iterdir() if each.name.startswith(path.name))
    with psycopg.connect(url) as session:
        rows = [session.execute(f"SELECT * FROM {table}").fetchall() for table in METADATA.tables]
    return repr(rows).encode()
