"""What the service writes to people. Nothing leaves the house: whoever runs it reads the mails here."""

from collections.abc import Callable
from dataclasses import dataclass, field

from sqlalchemy import Connection, bindparam, select, text

from mock_mpaspor.domain.otp import MailedCode
from mock_mpaspor.store.database import Database
from mock_mpaspor.store.schema import MAILS

LARGEST_PAGE = 100

SUBJECT = "Kode verifikasi M-Paspor"
BODY = (
    "Kode verifikasi akun M-Paspor Anda: {code}\n"
    "Jangan berikan kode ini kepada siapa pun. Abaikan surel ini jika Anda tidak mendaftar.\n"
)

# One statement whether or not somebody waits for a code there: the time it takes must not tell.
_SEND_CODE = text(
    "INSERT INTO mails (recipient, subject, body, sent_ns)"
    " SELECT email, :subject, :body, :now FROM accounts WHERE email = :email AND verified_ns IS NULL"
)
_NEWEST = select(MAILS).order_by(MAILS.c.id.desc()).limit(LARGEST_PAGE)
_NEWEST_TO = _NEWEST.where(MAILS.c.recipient == bindparam("to"))


@dataclass(frozen=True)
class Mail:
    """A mail as it was sent, at `sent_ns` (wall clock)."""

    recipient: str
    subject: str
    body: str = field(repr=False)
    sent_ns: int


class Mails:
    """Sends and keeps mails. `wall` is the wall clock (unix ns)."""

    def __init__(self, database: Database, wall: Callable[[], int]) -> None:
        self._database = database
        self._wall = wall

    def send_code(self, connection: Connection, email: str, mailed: MailedCode) -> None:
        """Within the transaction of `connection`, send a code to whoever has yet to confirm the address."""
        body = BODY.format(code=mailed.code)
        connection.execute(_SEND_CODE, {"subject": SUBJECT, "body": body, "now": self._wall(), "email": email})

    def read(self, recipient: str | None) -> list[Mail]:
        """The newest mails first, a page at most: to everybody where no recipient is named."""
        with self._database.read() as connection:
            if recipient is None:
                rows = connection.execute(_NEWEST).all()
            else:
                rows = connection.execute(_NEWEST_TO, {"to": recipient.casefold()}).all()
        return [Mail(row.recipient, row.subject, row.body, row.sent_ns) for row in rows]
