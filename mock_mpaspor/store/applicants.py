"""The people an account applies for: five at most. Here, sealed, is the only place where a NIK is kept."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date

from sqlalchemy import Connection, and_, bindparam, distinct, exists, func, select

from mock_mpaspor.domain import nik
from mock_mpaspor.domain.errors import ErrorCode, Refusal
from mock_mpaspor.domain.identity import Identity
from mock_mpaspor.domain.nik import Sex
from mock_mpaspor.domain.sealing import Seal
from mock_mpaspor.domain.states import State
from mock_mpaspor.store.database import Database
from mock_mpaspor.store.schema import ACCOUNTS, APPLICANTS, APPLICATIONS, ApplicationRow

MOST_APPLICANTS = 5

# Whoever links for this account waits here, so that two sixth people cannot both be the fifth.
_LOCK = select(ACCOUNTS.c.id).where(ACCOUNTS.c.id == bindparam("account")).with_for_update(key_share=True)
# Those count whom an application is for that was not cancelled, whatever else was stated on the way.
_COUNTS = and_(
    APPLICATIONS.c.account_id == APPLICANTS.c.account_id,
    APPLICATIONS.c.applicant == APPLICANTS.c.applicant,
    APPLICATIONS.c.state != State.CANCELLED,
)
_NUMBER = (
    select(func.count(distinct(APPLICANTS.c.applicant)))
    .join(APPLICATIONS, _COUNTS)
    .where(
        APPLICANTS.c.account_id == bindparam("account"),
        APPLICANTS.c.applicant != bindparam("who"),
        APPLICATIONS.c.id != bindparam("besides"),
    )
)
_LINK = APPLICANTS.insert()
_RENEW = APPLICANTS.update().where(
    APPLICANTS.c.account_id == bindparam("account"), APPLICANTS.c.applicant == bindparam("who")
)
_FORGET = APPLICANTS.delete().where(
    APPLICANTS.c.account_id == bindparam("account"),
    APPLICANTS.c.applicant == bindparam("who"),
    ~exists().where(
        APPLICATIONS.c.account_id == bindparam("account"),
        APPLICATIONS.c.applicant == bindparam("who"),
        APPLICATIONS.c.id != bindparam("besides"),
    ),
)
_OF_ACCOUNT = (
    select(APPLICANTS)
    .where(APPLICANTS.c.account_id == bindparam("account"), exists().where(_COUNTS))
    .order_by(APPLICANTS.c.created_ns, APPLICANTS.c.applicant)
)
_OF_APPLICATION = (
    select(APPLICANTS)
    .join(
        APPLICATIONS,
        (APPLICATIONS.c.account_id == APPLICANTS.c.account_id) & (APPLICATIONS.c.applicant == APPLICANTS.c.applicant),
    )
    .where(APPLICATIONS.c.id == bindparam("application_id"))
)


@dataclass(frozen=True)
class Applicant:
    """Somebody whom an account applies for; `applicant` is the keyed hash that stands for the NIK elsewhere."""

    applicant: str
    identity: Identity


class Applicants:
    """Links people to accounts and finds them again. `secret` keys the hash that stands for a NIK."""

    def __init__(self, database: Database, wall: Callable[[], int], seal: Seal, secret: bytes) -> None:
        self._database = database
        self._wall = wall
        self._seal = seal
        self._secret = secret

    def hashed(self, identity: Identity) -> str:
        """What stands for this person's NIK everywhere else."""
        return nik.keyed_hash(identity.nik, self._secret)

    def link(
        self,
        connection: Connection,
        account_id: str,
        identity: Identity,
        besides: str = "",
        at_most: int | None = MOST_APPLICANTS,
    ) -> str:
        """Within the transaction of `connection`, let the account apply for this person; their keyed hash.

        `besides` is the application that is to be for them, whoever it was for before. `at_most` is None for a counter,
        which applies for anybody. Raises Refusal(TOO_MANY_APPLICANTS), and Refusal(UNAUTHENTICATED) for an account that
        is not there (any more).
        """
        who = self.hashed(identity)
        known = {
            "nik_sealed": self._seal.close(identity.nik, who),
            "name": identity.name,
            "birth_date": identity.birth_date.isoformat(),
            "sex": identity.sex,
        }
        if connection.execute(_LOCK, {"account": account_id}).first() is None:
            raise Refusal(ErrorCode.UNAUTHENTICATED)
        others = connection.execute(_NUMBER, {"account": account_id, "who": who, "besides": besides}).scalar_one()
        if at_most is not None and others >= at_most:
            raise Refusal(ErrorCode.TOO_MANY_APPLICANTS)
        if connection.execute(_RENEW, {**known, "account": account_id, "who": who}).rowcount:
            return who
        row = {**known, "account_id": account_id, "applicant": who, "created_ns": self._wall()}
        connection.execute(_LINK, row)
        return who

    def forget(self, connection: Connection, account_id: str, who: str, besides: str) -> None:
        """Within the transaction of `connection`, forget somebody whom only the application `besides` named."""
        connection.execute(_FORGET, {"account": account_id, "who": who, "besides": besides})

    def of_account(self, account_id: str) -> list[Applicant]:
        """The people an account applies for, in the order in which they were linked."""
        with self._database.read() as connection:
            rows = connection.execute(_OF_ACCOUNT, {"account": account_id}).all()
        return [self._opened(row) for row in rows]

    def of(self, application_id: str) -> Applicant:
        """Whose application it is. Raises LookupError where nobody was identified yet."""
        with self._database.read() as connection:
            row = connection.execute(_OF_APPLICATION, {"application_id": application_id}).first()
        if row is None:
            raise LookupError(f"nobody was identified for application {application_id}")
        return self._opened(row)

    def _opened(self, row: ApplicationRow) -> Applicant:
        number = self._seal.open(row.nik_sealed, row.applicant)
        identity = Identity(number, row.name, date.fromisoformat(row.birth_date), Sex(row.sex))
        return Applicant(row.applicant, identity)
