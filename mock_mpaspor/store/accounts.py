"""Accounts. A password is kept as a salted scrypt digest, whose cost is a setting: a load run lowers it."""

import hashlib
import hmac
import secrets
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date

from sqlalchemy import bindparam, select
from sqlalchemy.exc import IntegrityError

from mock_mpaspor.domain.clock import Clock
from mock_mpaspor.domain.errors import ErrorCode, Refusal
from mock_mpaspor.domain.nik import Sex
from mock_mpaspor.store.database import Database
from mock_mpaspor.store.schema import ACCOUNTS

_INSERT = ACCOUNTS.insert()
_BY_EMAIL = select(ACCOUNTS.c.id, ACCOUNTS.c.salt, ACCOUNTS.c.password_hash).where(
    ACCOUNTS.c.email == bindparam("email")
)


@dataclass(frozen=True)
class NewAccount:
    """What a person registers with."""

    name: str
    email: str
    phone: str
    birth_date: date
    sex: Sex
    password: str = field(repr=False)


class Accounts:
    """Opens accounts and recognises their owners. `password_cost` is scrypt's n, a power of two."""

    def __init__(self, database: Database, clock: Clock, new_id: Callable[[], str], password_cost: int) -> None:
        self._database = database
        self._clock = clock
        self._new_id = new_id
        self._cost = password_cost

    def open(self, new: NewAccount) -> str:
        """The id of the account made. Raises Refusal(ACCOUNT_EXISTS) for an e-mail address that has one."""
        account_id, salt = self._new_id(), secrets.token_bytes(16)
        row = {
            "id": account_id,
            "email": new.email.casefold(),
            "name": new.name,
            "phone": new.phone,
            "birth_date": new.birth_date.isoformat(),
            "sex": new.sex,
            "salt": salt,
            "password_hash": self._digest(new.password, salt),
            "created_ns": self._clock(),
        }
        try:
            with self._database.write() as connection:
                connection.execute(_INSERT, row)
        except IntegrityError as error:
            raise Refusal(ErrorCode.ACCOUNT_EXISTS) from error
        return account_id

    def recognise(self, email: str, password: str) -> str:
        """The id of the account. Raises Refusal(WRONG_CREDENTIALS); which of the two was wrong is not told."""
        with self._database.read() as connection:
            row = connection.execute(_BY_EMAIL, {"email": email.casefold()}).first()
        if row is None or not hmac.compare_digest(row.password_hash, self._digest(password, row.salt)):
            raise Refusal(ErrorCode.WRONG_CREDENTIALS)
        return str(row.id)

    def _digest(self, password: str, salt: bytes) -> bytes:
        # scrypt needs 128 · r · n bytes and a little; OpenSSL's own ceiling of 32 MiB would refuse n = 32768.
        ceiling = 128 * 8 * self._cost + 2**20
        return hashlib.scrypt(password.encode(), salt=salt, n=self._cost, r=8, p=1, maxmem=ceiling, dklen=32)
