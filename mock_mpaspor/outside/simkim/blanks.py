"""The stock of passport blanks: each printed passport takes one, and there is never less than none."""

from collections.abc import Mapping

from sqlalchemy import ColumnElement, Connection, select, update
from sqlalchemy.dialects.sqlite import insert

from mock_mpaspor.outside.database import DatabaseFile
from mock_mpaspor.outside.errors import Code, Refusal
from mock_mpaspor.outside.simkim.books import blank_table
from mock_mpaspor.outside.simkim.zones import ZONES

PASSPORT_TYPES = ("regular", "electronic")


class Blanks:
    """Every office begins with `start` blanks of each passport, once: a restart brings none."""

    def __init__(self, books: DatabaseFile, start: int) -> None:
        self._books = books
        rows = [{"office": o, "passport_type": p, "stock": start} for o in ZONES for p in PASSPORT_TYPES]
        with books.write() as connection:
            connection.execute(insert(blank_table).on_conflict_do_nothing(), rows)

    def add(self, office: str, passport_type: str, number: int) -> int:
        """The stock with so many more."""
        with self._books.write() as connection:
            blanks = update(blank_table).where(*_kind(office, passport_type))
            grown = blanks.values(stock=blank_table.c.stock + number).returning(blank_table.c.stock)
            return int(connection.execute(grown).scalar_one())

    def stock(self, office: str | None = None) -> Mapping[tuple[str, str], int]:
        """(office, passport) → blanks, of one office or of all."""
        rows = select(blank_table).order_by(blank_table.c.office, blank_table.c.passport_type)
        if office is not None:
            rows = rows.where(blank_table.c.office == office)
        with self._books.read() as connection:
            return {(row.office, row.passport_type): row.stock for row in connection.execute(rows)}


def take(connection: Connection, office: str, passport_type: str) -> None:
    """One blank less, in the transaction that prints on it. Refusal where there is none."""
    left = update(blank_table).where(*_kind(office, passport_type), blank_table.c.stock > 0)
    if connection.execute(left.values(stock=blank_table.c.stock - 1)).rowcount == 0:
        raise Refusal(Code.NO_BLANKS)


def _kind(office: str, passport_type: str) -> tuple[ColumnElement[bool], ...]:
    return (blank_table.c.office == office, blank_table.c.passport_type == passport_type)
