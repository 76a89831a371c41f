"""The database as a process finds it when it starts: it can be used, or one sentence says why not."""

from sqlalchemy import URL, MetaData, make_url
from sqlalchemy.exc import ArgumentError, DBAPIError

from mock_mpaspor.store.dialects import lock_schema, open_engines
from mock_mpaspor.store.schema import METADATA
from mock_mpaspor.store.standing import differences

VARIABLE = "MPASPOR_DATABASE_URL"
EXPECTED = f"{VARIABLE} is `sqlite:///FILE` or `postgresql://USER@HOST:PORT/DATABASE`"
_KINDS = {
    "sqlite": "a file that can be written, in a folder that is there",
    "postgresql": "a PostgreSQL that runs and lets this user make tables",
}
# Words of the query that libpq takes a secret from, or a path to one.
_SECRET = ("password", "passfile", "sslpassword", "sslkey")


class DatabaseUnusableError(Exception):
    """What, where (without a password), and what was expected; one line."""


def require_database(url: str, schema: MetaData = METADATA) -> None:
    """Make the tables that are missing, and leave nothing open.

    Raises DatabaseUnusableError, also for tables that keep other rules than `schema`.
    """
    stated = _stated(url)
    try:
        # A driver's name in the URL may be one that is not installed.
        _, writes, writer = open_engines(url, 1)
    except (ArgumentError, ImportError) as error:
        raise DatabaseUnusableError(f"{EXPECTED}, not {_shown(stated)}") from error
    try:
        with writer, writes.begin() as connection:
            lock_schema(connection)
            schema.create_all(connection)
            other = differences(connection, schema)
    except DBAPIError as error:
        raise DatabaseUnusableError(
            f"the database {_shown(stated)} cannot be used ({_reason(error)}); "
            f"{VARIABLE} must name {_KINDS[stated.get_backend_name()]}"
        ) from error
    finally:
        writes.dispose()
    if other:
        raise DatabaseUnusableError(
            f"the database {_shown(stated)} was made by another version or with other defects planted "
            f"({'; '.join(other)}); {VARIABLE} must name an empty one, or one made alike"
        )


def _stated(url: str) -> URL:
    try:
        stated = make_url(url)
    except (ArgumentError, ValueError) as error:
        # What cannot be read cannot be shown without what may be a password in it.
        raise DatabaseUnusableError(f"{EXPECTED}; what stands in it is no URL") from error
    if stated.get_backend_name() not in _KINDS:
        raise DatabaseUnusableError(f"{EXPECTED}, not {_shown(stated)}")
    return stated


def _shown(stated: URL) -> str:
    return stated.difference_update_query(_SECRET).render_as_string(hide_password=True)


def _reason(error: DBAPIError) -> str:
    """What the database says itself, its first line."""
    lines = str(error.orig).strip().splitlines()
    return lines[0].strip() if lines else type(error.orig).__name__
