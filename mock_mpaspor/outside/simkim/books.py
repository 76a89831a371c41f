"""SIMKIM's database: its tables in a file of its own."""

from sqlalchemy import BigInteger, CheckConstraint, Column, Date, Integer, LargeBinary, MetaData, String, Table

metadata = MetaData()

# `office` and `day` stand beside the file for the clerks' list; `due_ns` is when a clerk of SIMKIM's own acts next.
case_table = Table(
    "case",
    metadata,
    Column("case", String, primary_key=True),
    Column("office", String, nullable=False),
    Column("day", Date, index=True),
    Column("file", LargeBinary, nullable=False),
    Column("state", String, nullable=False, index=True),
    Column("since_ns", BigInteger, nullable=False),
    Column("done", String, nullable=False),
    Column("interviewed_ns", BigInteger),
    Column("due_ns", BigInteger, index=True),
)

# SQLite gives a row without a number the next after the last; one writer at a time leaves no gap.
progress_table = Table(
    "progress",
    metadata,
    Column("seq", Integer, primary_key=True),
    Column("unix_ns", BigInteger, nullable=False),
    Column("case", String, nullable=False),
    Column("type", String, nullable=False),
    Column("reason", String),
)

blank_table = Table(
    "blank",
    metadata,
    Column("office", String, primary_key=True),
    Column("passport_type", String, primary_key=True),
    Column("stock", Integer, CheckConstraint("stock >= 0"), nullable=False),
)

# A row is a part of the office that is out of order.
outage_table = Table("outage", metadata, Column("part", String, primary_key=True))
