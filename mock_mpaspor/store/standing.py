"""The tables as they stand, beside the schema: made by another version, or under a defect that left a rule out, they
would keep other promises than this process gives."""

from sqlalchemy import Connection, Inspector, MetaData, Table, UniqueConstraint, inspect


def differences(connection: Connection, schema: MetaData) -> list[str]:
    """What the tables lack or have beyond the schema, a phrase each: columns, and columns that must be unique."""
    found = inspect(connection)
    return [phrase for table in schema.sorted_tables for phrase in _of_table(found, table)]


def _of_table(found: Inspector, table: Table) -> list[str]:
    columns = {column["name"] for column in found.get_columns(table.name)}
    if columns != set(table.columns.keys()):
        return [f"{table.name}: other columns ({', '.join(sorted(columns ^ set(table.columns.keys())))})"]
    stand, wanted = _unique(found, table.name), _unique_in(table)
    return [
        *(f"{table.name}: nothing keeps {_shown(rule)} unique" for rule in sorted(wanted - stand)),
        *(f"{table.name}: {_shown(rule)} is unique" for rule in sorted(stand - wanted)),
    ]


def _unique(found: Inspector, table: str) -> set[tuple[str, ...]]:
    constraints = [tuple(sorted(rule["column_names"])) for rule in found.get_unique_constraints(table)]
    indexes = [index["column_names"] for index in found.get_indexes(table) if index["unique"]]
    return {*constraints, *(tuple(sorted(name or "" for name in columns)) for columns in indexes)}


def _unique_in(table: Table) -> set[tuple[str, ...]]:
    constraints = [rule.columns.keys() for rule in table.constraints if isinstance(rule, UniqueConstraint)]
    indexes = [index.columns.keys() for index in table.indexes if index.unique]
    return {tuple(sorted(columns)) for columns in constraints + indexes}


def _shown(rule: tuple[str, ...]) -> str:
    return " + ".join(rule)
