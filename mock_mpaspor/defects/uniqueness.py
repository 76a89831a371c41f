"""Rules left out of the tables: M12 one code may belong to several applications, M29 a person may book several times.

Tables keep the rules they were made with, so a database belongs to its defects: store/opening.py refuses another's.
"""

from dataclasses import replace

from sqlalchemy import Connection, MetaData, Table, UniqueConstraint

from mock_mpaspor.store.bills import Bills
from mock_mpaspor.store.holds import Holds, Snapshot
from mock_mpaspor.store.idempotency import KeyedRequest
from mock_mpaspor.store.schema import METADATA, ApplicationRow


def tables_without(table: Table, *columns: str) -> MetaData:
    """The tables, but that the rows of `table` need not differ in exactly these columns."""
    tables = MetaData()
    for each in METADATA.sorted_tables:
        each.to_metadata(tables)
    changed = tables.tables[table.name]
    for constraint in list(changed.constraints):
        if isinstance(constraint, UniqueConstraint) and set(constraint.columns.keys()) == set(columns):
            changed.constraints.remove(constraint)
    for index in list(changed.indexes):
        if index.unique and {column.name for column in index.columns} == set(columns):
            changed.indexes.remove(index)
    return tables


class CollidingBills(Bills):
    """M12: ten codes that come one after another are kept as the first of them."""

    _issued = 0
    _kept = ""

    def issue(
        self, connection: Connection, row: ApplicationRow, billing_code: str, trace_id: str | None, now_ns: int
    ) -> bool:
        if self._issued % 10 == 0:
            self._kept = billing_code
        self._issued += 1
        return super().issue(connection, row, self._kept, trace_id, now_ns)


class GenerousHolds(Holds):
    """M29: nobody is asked whether they have a place already."""

    def _look(self, request: KeyedRequest, slot: str) -> Snapshot:
        return replace(super()._look(request, slot), booked=False)
