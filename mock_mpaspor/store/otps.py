"""Confirming an e-mail address by a mailed code: one code at a time, few attempts at it, and a bounded resend.

Every address is treated alike, with the same statements, whether or not an account has it: only a right code tells.
"""

import hmac
from collections.abc import Callable

from sqlalchemy import Connection, bindparam, select, text

from mock_mpaspor.domain.clock import NS_PER_S
from mock_mpaspor.domain.errors import ErrorCode, Refusal
from mock_mpaspor.domain.limits import MAILED_CODES, guesses
from mock_mpaspor.domain.otp import MailedCode, code_digest, draw_code
from mock_mpaspor.store.attempts import Attempts, require_within
from mock_mpaspor.store.database import Database
from mock_mpaspor.store.mails import Mails
from mock_mpaspor.store.schema import ACCOUNTS, OTPS, ApplicationRow

_REPLACE = text(
    "INSERT INTO otps (account_id, digest, ends_ns)"
    " SELECT id, :digest, :ends_ns FROM accounts WHERE email = :email AND verified_ns IS NULL"
    " ON CONFLICT (account_id) DO UPDATE SET digest = excluded.digest, ends_ns = excluded.ends_ns"
)
_WAITING = (
    select(ACCOUNTS.c.id, ACCOUNTS.c.verified_ns, OTPS.c.digest, OTPS.c.ends_ns)
    .join(OTPS, OTPS.c.account_id == ACCOUNTS.c.id)
    .where(ACCOUNTS.c.email == bindparam("the_email"))
)
_CONFIRM = (
    ACCOUNTS.update()
    .where(ACCOUNTS.c.id == bindparam("account"), ACCOUNTS.c.verified_ns.is_(None))
    .values(verified_ns=bindparam("now"))
)


class Otps:
    """Mails codes and checks them. `wall` is the wall clock (unix ns), `otp_s` how long a code is good."""

    def __init__(
        self,
        database: Database,
        wall: Callable[[], int],
        mails: Mails,
        attempts: Attempts,
        secret: bytes,
        otp_s: float,
    ) -> None:
        self._database = database
        self._wall = wall
        self._mails = mails
        self._attempts = attempts
        self._secret = secret
        self._otp_ns = int(otp_s * NS_PER_S)
        self._guesses = guesses(otp_s)

    def send(self, connection: Connection, email: str) -> int:
        """Within the transaction of `connection`, mail a new code, which replaces the one before; when it ends."""
        code = draw_code()
        mailed = MailedCode(code, code_digest(code, email, self._secret), self._wall() + self._otp_ns)
        connection.execute(_REPLACE, {"digest": mailed.digest, "ends_ns": mailed.ends_ns, "email": email})
        self._mails.send_code(connection, email, mailed)
        self._attempts.clear(connection, self._guesses, email)
        return mailed.ends_ns

    def resend(self, address: str) -> int:
        """Mail a new code to whoever waits for one; when it would end. Raises Refusal(TOO_MANY_ATTEMPTS)."""
        email = address.casefold()
        with self._database.write() as connection:
            return self.send_another(connection, email)

    def send_another(self, connection: Connection, email: str) -> int:
        """As `send`, for an address that was sent one before. Raises Refusal(TOO_MANY_ATTEMPTS)."""
        require_within(MAILED_CODES, self._attempts.count(connection, MAILED_CODES, email))
        return self.send(connection, email)

    def confirm(self, address: str, code: str) -> str:
        """The id of the account whose address this code confirms; again with the same code: the same.

        Raises Refusal(OTP_WRONG), Refusal(OTP_EXPIRED) for who knows the code, and Refusal(TOO_MANY_ATTEMPTS).
        """
        email = address.casefold()
        with self._database.write() as connection:
            # A wrong attempt is committed: it must count, whatever the answer.
            answered = self._judge(connection, email, code)
        if isinstance(answered, Refusal):
            raise answered
        return answered

    def _judge(self, connection: Connection, email: str, code: str) -> str | Refusal:
        standing = self._attempts.count(connection, self._guesses, email)
        if standing.number > self._guesses.number:
            return Refusal(ErrorCode.TOO_MANY_ATTEMPTS, retry_after_s=standing.ends_in_s)
        row = connection.execute(_WAITING, {"the_email": email}).first()
        if not self._is_right(row, email, code) or row is None:
            return Refusal(ErrorCode.OTP_WRONG)
        if row.verified_ns is None:
            if self._wall() >= row.ends_ns:
                return Refusal(ErrorCode.OTP_EXPIRED)
            connection.execute(_CONFIRM, {"account": row.id, "now": self._wall()})
        self._attempts.clear(connection, self._guesses, email)
        return str(row.id)

    def _is_right(self, row: ApplicationRow | None, email: str, code: str) -> bool:
        kept = "" if row is None else row.digest
        return hmac.compare_digest(kept, code_digest(code, email, self._secret))
