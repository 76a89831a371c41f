"""Accounts. A password is kept as a salted scrypt digest, whose cost is a setting: a load run lowers it.

An unknown address costs a digest too, and counts its failures: neither time nor limits tell whether somebody has it.
"""

import hashlib
import hmac
import secrets
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date

from sqlalchemy import bindparam, select, text

from mock_mpaspor.domain.clock import Clock
from mock_mpaspor.domain.errors import ErrorCode, Refusal
from mock_mpaspor.domain.limits import LOG_IN
from mock_mpaspor.domain.nik import Sex
from mock_mpaspor.store.attempts import Attempts, require_room
from mock_mpaspor.store.database import Database
from mock_mpaspor.store.otps import Otps
from mock_mpaspor.store.schema import ACCOUNTS, ApplicationRow
from mock_mpaspor.store.wrong_guesses import WrongGuesses

# Whoever never confirmed an address cannot keep its owner out, nor have a password on what the owner confirms.
_OPEN = text(
    "INSERT INTO accounts (id, email, name, phone, birth_date, sex, salt, password_hash, created_ns)"
    " VALUES (:id, :email, :name, :phone, :birth_date, :sex, :salt, :password_hash, :created_ns)"
    " ON CONFLICT (email) DO UPDATE SET name = excluded.name, phone = excluded.phone,"
    " birth_date = excluded.birth_date, sex = excluded.sex, salt = excluded.salt,"
    " password_hash = excluded.password_hash, created_ns = excluded.created_ns"
    " WHERE accounts.verified_ns IS NULL"
    " RETURNING id"
)
_BY_EMAIL = select(ACCOUNTS.c.id, ACCOUNTS.c.salt, ACCOUNTS.c.password_hash, ACCOUNTS.c.verified_ns).where(
    ACCOUNTS.c.email == bindparam("email")
)
_SALT_BYTES = 16


@dataclass(frozen=True)
class NewAccount:
    """What a person registers with."""

    name: str
    email: str
    phone: str
    birth_date: date
    sex: Sex
    password: str = field(repr=False)


@dataclass(frozen=True)
class Opened:
    """An account made, and when (wall clock, unix ns) the code ends that was mailed to confirm its address."""

    account_id: str
    otp_ends_ns: int


class Accounts:
    """Opens accounts and recognises their owners. `password_cost` is scrypt's n, a power of two."""

    def __init__(
        self,
        database: Database,
        clock: Clock,
        new_id: Callable[[], str],
        password_cost: int,
        otps: Otps,
        attempts: Attempts,
        wrong: WrongGuesses,
    ) -> None:
        self._database = database
        self._clock = clock
        self._new_id = new_id
        self._cost = password_cost
        self._otps = otps
        self._attempts = attempts
        self._wrong = wrong

    def open(self, new: NewAccount) -> Opened:
        """Make an account and mail a code; again for an address that nobody confirmed, in place of what was stated.

        Raises Refusal(ACCOUNT_EXISTS) for an address that was confirmed, Refusal(TOO_MANY_ATTEMPTS) for too many codes.
        """
        account_id, salt, email = self._new_id(), secrets.token_bytes(_SALT_BYTES), new.email.casefold()
        row = {
            "id": account_id,
            "email": email,
            "name": new.name,
            "phone": new.phone,
            "birth_date": new.birth_date.isoformat(),
            "sex": new.sex,
            "salt": salt,
            "password_hash": self._digest(new.password, salt),
            "created_ns": self._clock(),
        }
        with self._database.write() as connection:
            opened = connection.execute(_OPEN, row).scalar()
            if opened is None:
                raise Refusal(ErrorCode.ACCOUNT_EXISTS)
            send = self._otps.send if opened == account_id else self._otps.send_another
            return Opened(opened, send(connection, email))

    def recognise(self, address: str, password: str) -> str:
        """The id of the account. Raises Refusal(WRONG_CREDENTIALS); which of the two was wrong is not told.

        Raises Refusal(NOT_VERIFIED) only for who knows the password, and Refusal(TOO_MANY_ATTEMPTS).
        """
        email = address.casefold()
        with self._database.read() as connection:
            before = self._attempts.standing(connection, LOG_IN, email)
            row = connection.execute(_BY_EMAIL, {"email": email}).first()
        require_room(LOG_IN, before)
        right = self._is_right(row, password)
        if row is None or not right:
            self._wrong.note(LOG_IN, email)
            raise Refusal(ErrorCode.WRONG_CREDENTIALS)
        self._welcome(email)
        if row.verified_ns is None:
            raise Refusal(ErrorCode.NOT_VERIFIED)
        return str(row.id)

    def _welcome(self, email: str) -> None:
        """Forget the failures, unless a burst of guesses has used them up while this password was checked."""
        with self._database.read() as connection:
            standing = self._attempts.standing(connection, LOG_IN, email)
        require_room(LOG_IN, standing)
        if standing.number:
            with self._database.write() as connection:
                self._attempts.clear(connection, LOG_IN, email)

    def _is_right(self, row: ApplicationRow | None, password: str) -> bool:
        salt = b"\0" * _SALT_BYTES if row is None else row.salt
        kept = b"" if row is None else row.password_hash
        return hmac.compare_digest(kept, self._digest(password, salt))

    def _digest(self, password: str, salt: bytes) -> bytes:
        # scrypt needs 128 · r · n bytes and a little; OpenSSL's own ceiling of 32 MiB would refuse n = 32768.
        ceiling = 128 * 8 * self._cost + 2**20
        return hashlib.scrypt(password.encode(), salt=salt, n=self._cost, r=8, p=1, maxmem=ceiling, dklen=32)
