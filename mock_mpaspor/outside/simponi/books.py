"""SIMPONI's database: its tables in a file of its own."""

from pathlib import Path
from random import Random

from sqlalchemy import BigInteger, Column, Integer, LargeBinary, MetaData, String, Table, insert, select

from mock_mpaspor.outside.database import DatabaseFile

metadata = MetaData()

# One row: what the book's numbers are drawn from, so that two books do not issue the same ones.
book_table = Table("book", metadata, Column("seed", BigInteger, nullable=False))

bill_table = Table(
    "bill",
    metadata,
    Column("number", Integer, primary_key=True),
    Column("billing_code", String(15), nullable=False, unique=True),
    Column("reference", String, nullable=False, unique=True),
    Column("amount_idr", BigInteger, nullable=False),
    Column("state", String, nullable=False, index=True),
    Column("issued_unix_ns", BigInteger, nullable=False),
    Column("valid_until_unix_ns", BigInteger, nullable=False),
    Column("paid_unix_ns", BigInteger),
    Column("ntpn", String(16), unique=True),
    Column("ntb", String(12), unique=True),
    Column("channel", String),
)

callback_table = Table(
    "callback",
    metadata,
    Column("event_id", String, primary_key=True),
    Column("body", LargeBinary, nullable=False),
    Column("traceparent", String),
    Column("delivered_unix_ns", BigInteger, index=True),
)


class Books(DatabaseFile):
    """The open database. `seed` is the book's own; `rng` draws it when the file is new."""

    def __init__(self, path: Path, rng: Random) -> None:
        super().__init__(path, metadata)
        with self.write() as connection:
            seed = connection.scalar(select(book_table.c.seed))
            if seed is None:
                seed = rng.getrandbits(62)
                connection.execute(insert(book_table).values(seed=seed))
        self.seed: int = seed
