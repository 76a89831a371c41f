"""What the database holds, as text: where a secret would be found if it were there."""

from collections.abc import Iterator

from sqlalchemy import inspect, text

from mock_mpaspor.web.parts import EXTENSION
from tests.service.house import Service


def rows_by_table(service: Service) -> Iterator[tuple[str, list[str]]]:
    """Every table of the database with its rows as text."""
    database = service.app.extensions[EXTENSION].database
    with database.read() as connection:
        for table in inspect(connection).get_table_names():
            yield table, [repr(tuple(row)) for row in connection.execute(text(f'SELECT * FROM "{table}"'))]
