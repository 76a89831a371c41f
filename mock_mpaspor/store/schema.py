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
    UniqueConstraint,
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
    # When the e-mail address was confirmed.
    Column("verified_ns", BigInteger),
    Column("created_ns", BigInteger, nullable=False),
)

# One code at a time, of which only a digest is kept; a new one replaces it.
OTPS = Table(
    "otps",
    METADATA,
    Column("account_id", String(32), ForeignKey("accounts.id"), primary_key=True),
    Column("digest", String(64), nullable=False),
    Column("ends_ns", BigInteger, nullable=False),
)

# What was sent by e-mail. Nothing leaves the house: the harness reads it here.
MAILS = Table(
    "mails",
    METADATA,
    Column("id", SEQUENCE, primary_key=True, autoincrement=True),
    Column("recipient", String(254), nullable=False, index=True),
    Column("subject", String(200), nullable=False),
    Column("body", Text, nullable=False),
    Column("sent_ns", BigInteger, nullable=False),
)

# Attempts at a door within its window, by a keyed hash of who tried.
ATTEMPTS = Table(
    "attempts",
    METADATA,
    Column("subject", String(80), primary_key=True),
    Column("began_ns", BigInteger, nullable=False),
    Column("number", Integer, nullable=False),
)

# The people an account applies for; the NIK is sealed, `applicant` is its keyed hash.
APPLICANTS = Table(
    "applicants",
    METADATA,
    Column("account_id", String(32), ForeignKey("accounts.id"), primary_key=True),
    Column("applicant", String(32), primary_key=True),
    Column("nik_sealed", LargeBinary, nullable=False),
    Column("name", String(200), nullable=False),
    Column("birth_date", String(10), nullable=False),
    Column("sex", String(6), nullable=False),
    Column("created_ns", BigInteger, nullable=False),
)

SLOTS = Table(
    "slots",
    METADATA,
    Column("id", String(80), primary_key=True),
    Column("office", String(40), nullable=False),
    Column("date", String(10), nullable=False),
    Column("session", String(20), nullable=False),
    Column("lane", String(12), nullable=False, server_default="online"),
    Column("opens_ns", BigInteger, nullable=False, server_default="0"),
    # The end of its day in the office's zone: from then on nobody can have a place in it.
    Column("ends_ns", BigInteger, nullable=False),
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
    Column("channel", String(10), nullable=False, server_default="online"),
    Column("kind", String(20), nullable=False),
    # Why a passport is replaced; absent for the other kinds.
    Column("replaced", String(10)),
    Column("express", Boolean, nullable=False, default=False),
    Column("married", Boolean, nullable=False, default=False),
    # Under seventeen and unmarried on the day of the identity; absent until then.
    Column("minor", Boolean),
    # What the interview at the office decided, where one is needed; force majeure waives its surcharge.
    Column("interview_passed", Boolean, nullable=False, default=False),
    Column("force_majeure", Boolean, nullable=False, default=False),
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
    # The appointment was moved so many times by its owner, and may be moved once more for each free move.
    Column("moved", Integer, nullable=False, default=0),
    Column("free_moves", Integer, nullable=False, default=0),
    Column("queue_number", Integer),
    Column("delivery", String(10), nullable=False, server_default="collect"),
    Column("address", String(300)),
    # The instant at which the present state ends by itself: of a hold, an unpaid code, a day of appointment, ...
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
Index("applications_by_account", APPLICATIONS.c.account_id, APPLICATIONS.c.created_ns)
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
    Column("application_id", String(32), ForeignKey("applications.id"), nullable=False),
    Column("kind", String(30), nullable=False),
    Column("bytes", Integer, nullable=False),
    Column("sha256", String(64), nullable=False),
    Column("created_ns", BigInteger, nullable=False),
    UniqueConstraint("application_id", "kind"),
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
Index("outbox_of_application", OUTBOX.c.application_id)

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

Index("payments_of_application", PAYMENTS.c.application_id)

# How far a feed of another system was read, and when (wall clock, unix ns) it last answered.
CURSORS = Table(
    "cursors",
    METADATA,
    Column("feed", String(20), primary_key=True),
    Column("seq", BigInteger, nullable=False),
    Column("read_ns", BigInteger, nullable=False),
)

# Numbers of the counter queue (APAPO) given out for an office's day.
QUEUE_NUMBERS = Table(
    "queue_numbers",
    METADATA,
    Column("office", String(40), primary_key=True),
    Column("date", String(10), primary_key=True),
    Column("last", Integer, nullable=False),
)

# The waiting room of one opening of an office. Its row is the lock under which positions are given out.
ROOMS = Table(
    "rooms",
    METADATA,
    Column("office", String(40), primary_key=True),
    Column("opens_ns", BigInteger, primary_key=True),
    Column("joined", Integer, nullable=False, default=0),
    # Whether positions are final: always in the order of arrival, from the draw on by lot.
    Column("drawn", Boolean, nullable=False),
    # When the next person may be let in.
    Column("next_ns", BigInteger, nullable=False),
)

# One ticket an account; `position` and `admitted_ns` (when its turn comes) are absent until the lots are drawn.
TICKETS = Table(
    "tickets",
    METADATA,
    Column("id", String(32), primary_key=True),
    Column("office", String(40), nullable=False),
    Column("opens_ns", BigInteger, nullable=False),
    Column("account_id", String(32), ForeignKey("accounts.id"), nullable=False),
    Column("position", Integer),
    Column("admitted_ns", BigInteger),
    # Whether the trail has been told of the admission.
    Column("told", Boolean, nullable=False, default=False),
    UniqueConstraint("office", "opens_ns", "account_id"),
    UniqueConstraint("office", "opens_ns", "position"),
)

# Whose turn has come and whom the trail does not know of yet: few, however many wait.
Index(
    "tickets_untold",
    TICKETS.c.office,
    TICKETS.c.opens_ns,
    TICKETS.c.admitted_ns,
    sqlite_where=text("told IS 0"),
    postgresql_where=text("told IS false"),
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
    Column("office", String(40)),
    Column("position", Integer),
    Column("attempt", Integer),
    sqlite_autoincrement=True,
)
