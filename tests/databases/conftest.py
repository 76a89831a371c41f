"""The store on either database, without the service around it."""

from collections.abc import Callable, Iterator

import pytest

from mock_mpaspor.store.database import Database


@pytest.fixture
def open_database() -> Iterator[Callable[..., Database]]:
    """Opens databases, and closes them."""
    opened: list[Database] = []

    def begin(url: str, connections: int = 1) -> Database:
        opened.append(Database(url, connections))
        return opened[-1]

    yield begin
    for database in opened:
        database.close()


@pytest.fixture
def database(open_database: Callable[..., Database], database_url: str) -> Database:
    """A database with the tables in it, of either kind, for sixteen threads."""
    made = open_database(database_url, 16)
    made.create_schema()
    return made
