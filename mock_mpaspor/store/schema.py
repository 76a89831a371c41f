"""The tables, portable between SQLite and PostgreSQL. Instants are unix nanoseconds, money is whole rupiah.

Three rules stand in the schema itself: no slot's free count leaves 0..capacity, a billing code belongs to one
application, and an applicant has one live booking (a row with a slot).
"""

from typing import Any

from sqlalchemy import (
    BigInteger,
    Boolean,
    CheckConstraint,
    Column,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    Row,
    String,
    Table,
    Text,
    text,
)

# A row of APPLICATIONS read whole; its columns are its attributes.
ApplicationRow = Row[*tuple[Any, ...]]

METADATA = MetaData()

# SQLite numbers rows by itself only where the key's type reads INTEGER.
SEQUENCE = BigInteger().with_variant(Integer, "sqlite")

ACCOUNTS = Table(
    "accounts",
    METADATA,
    Column("id", String(32), primary_key=True),
    Column("email", String(254), nullable=False, unique=True),
    Column("name", String(200), nullable=False),
    Column("phone", String(30), nullable=False),
    Column("birth_date", String(10), nullable=False),
    Column("sex", String(6), nullable=False),
    Column("salt", LargeBinary, nullable=False),
    Column("password_hash", LargeBinary, nullable=False),
    Column("created_ns", BigInteger, nullable=False),
)

OPENINGS = Table(
    "openings",
    METADATA,
    Column("office", String(40), primary_key=True),
    Column("opens_ns", BigInteger, nullable=False),
)

SLOTS = Table(
    "slots",
    METADATA,
    Column("id", String(80), primary_key=True),
    Column("office", String(40), nullable=False),
    Column("date", String(10), nullable=False),
    Column("session", String(20), nullable=False),
    Column("position", Integer, nullable=False),
    Column("capacity", Integer, nullable=False),
    Column("free", Integer, nullable=False),
    CheckConstraint("free >= 0 AND free <= capacity", name="free_within_capacity"),
)
Index("slots_by_office", SLOTS.c.office, SLOTS.c.position)

APPLICATIONS = Table(
    "applications",
    METADATA,
    Column("id", String(32), primary_key=True),
    Column("account_id", String(32), ForeignKey("accounts.id"), nullable=False),
    Column("applicant", String(32)),
    Column("payer", String(200)),
    Column("kind", String(20), nullable=False),
    Column("passport_type", String(20), nullable=False),
    Column("validity_years", Integer, nullable=False),
    Column("purpose", String(20), nullable=False),
    Column("office", String(40), nullable=False),
    Column("state", String(20), nullable=False),
    Column("slot", String(80), ForeignKey("slots.id")),
    Column("amount_idr", Integer, nullable=False),
    Column("billing_code", String(15), unique=True),
    Column("code_shown", Boolean, nullable=False, default=False),
    Column("requested_ns", BigInteger),
    # The instant at which the present state ends by itself: of a hold, or of an unpaid code.
    Column("ends_ns", BigInteger),
    Column("pay_before_ns", BigInteger),
    # When SIMPONI is asked next whether this bill was paid, and how often it was asked.
    Column("reconcile_ns", BigInteger),
    Column("reconciled", Integer, nullable=False, default=0),
    Column("created_ns", BigInteger, nullable=False),
)
HOLDS_A_PLACE = text("slot IS NOT NULL")
Index(
    "one_live_booking",
    APPLICATIONS.c.applicant,
    unique=True,
    sqlite_where=HOLDS_A_PLACE,
    postgresql_where=HOLDS_A_PLACE,
)
Index("applications_ending", APPLICATIONS.c.state, APPLICATIONS.c.ends_ns)
_TO_RECONCILE = text("reconcile_ns IS NOT NULL")
Index(
    "applications_to_reconcile",
    APPLICATIONS.c.reconcile_ns,
    sqlite_where=_TO_RECONCILE,
    postgresql_where=_TO_RECONCILE,
)

DOCUMENTS = Table(
    "documents",
    METADATA,
    Column("id", String(32), primary_key=True),
    Column("application_id", String(32), ForeignKey("applications.id"), nullable=False, index=True),
    Column("kind", String(30), nullable=False),
    Column("bytes", Integer, nullable=False),
    Column("sha256", String(64), nullable=False),
    Column("created_ns", BigInteger, nullable=False),
)

IDEMPOTENCY = Table(
    "idempotency",
    METADATA,
    Column("account_id", String(32), primary_key=True),
    Column("key", String(200), primary_key=True),
    Column("fingerprint", String(200), nullable=False),
    Column("answer", Text, nullable=False),
    Column("created_ns", BigInteger, nullable=False),
)

OUTBOX = Table(
    "outbox",
    METADATA,
    Column("id", SEQUENCE, primary_key=True, autoincrement=True),
    Column("topic", String(10), nullable=False),
    Column("application_id", String(32), ForeignKey("applications.id"), nullable=False),
    Column("ntpn", String(16)),
    Column("trace_id", String(32)),
    Column("created_ns", BigInteger, nullable=False),
    Column("give_up_ns", BigInteger),
    Column("attempts", Integer, nullable=False, default=0),
    Column("last_failure", String(20)),
    Column("due_ns", BigInteger, nullable=False),
    Column("done_ns", BigInteger),
)
_UNDONE = text("done_ns IS NULL")
Index("outbox_due", OUTBOX.c.due_ns, sqlite_where=_UNDONE, postgresql_where=_UNDONE)

PAYMENTS = Table(
    "payments",
    METADATA,
    Column("ntpn", String(16), primary_key=True),
    Column("application_id", String(32), ForeignKey("applications.id"), nullable=False),
    Column("billing_code", String(15), nullable=False),
    Column("amount_idr", Integer, nullable=False),
    Column("outcome", String(20), nullable=False),
    Column("recorded_ns", BigInteger, nullable=False),
)

EVENTS = Table(
    "events",
    METADATA,
    Column("seq", SEQUENCE, primary_key=True, autoincrement=True),
    Column("unix_ns", BigInteger, nullable=False),
    Column("type", String(30), nullable=False),
    Column("application_id", String(32), index=True),
    Column("applicant", String(32)),
    Column("slot", String(80)),
    Column("capacity", Integer),
    Column("key", String(200)),
    Column("billing_code", String(15)),
    Column("amount_idr", Integer),
    Column("ntpn", String(16)),
    Column("trace_id", String(32)),
    Column("reason", String(20)),
    Column("attempt", Integer),
    sqlite_autoincrement=True,
)
