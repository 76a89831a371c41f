"""The documents that go with an application, by its kind and its applicant.

An applicant shows an identity card, a family card and one proof of birth; a replacement also the old passport; a
minor, who has no identity card, the parents' cards, passports and marriage book instead.
"""

from collections.abc import Collection
from dataclasses import dataclass
from enum import StrEnum

from mock_mpaspor.domain.applications import Kind, Replaced


class DocumentKind(StrEnum):
    """What is uploaded."""

    KTP = "ktp"
    KK = "kk"
    BIRTH_CERTIFICATE = "birth_certificate"
    MARRIAGE_CERTIFICATE = "marriage_certificate"
    BAPTISM_CERTIFICATE = "baptism_certificate"
    DIPLOMA = "diploma"
    OLD_PASSPORT = "old_passport"
    POLICE_REPORT = "police_report"
    PARENT_KTP = "parent_ktp"
    PARENT_PASSPORT = "parent_passport"
    PARENT_MARRIAGE_BOOK = "parent_marriage_book"


PROOFS_OF_BIRTH = (
    DocumentKind.BIRTH_CERTIFICATE,
    DocumentKind.MARRIAGE_CERTIFICATE,
    DocumentKind.BAPTISM_CERTIFICATE,
    DocumentKind.DIPLOMA,
)
_OF_PARENTS = (DocumentKind.PARENT_KTP, DocumentKind.PARENT_PASSPORT, DocumentKind.PARENT_MARRIAGE_BOOK)


@dataclass(frozen=True)
class Requirements:
    """All of `required` and any one of `one_of`."""

    required: tuple[DocumentKind, ...]
    one_of: tuple[DocumentKind, ...]

    def missing(self, stored: Collection[str]) -> tuple[DocumentKind, ...]:
        """What has still to be uploaded; the first of `one_of` stands for all of them.

        >>> requirements(Kind.NEW, None, minor=False).missing(["kk", "diploma"])
        (<DocumentKind.KTP: 'ktp'>,)
        >>> requirements(Kind.NEW, None, minor=False).missing(["kk", "ktp"])
        (<DocumentKind.BIRTH_CERTIFICATE: 'birth_certificate'>,)
        """
        missing = tuple(kind for kind in self.required if kind not in stored)
        return missing if any(kind in stored for kind in self.one_of) else (*missing, self.one_of[0])


def requirements(kind: Kind, replaced: Replaced | None, minor: bool, married: bool = False) -> Requirements:
    """What an application needs; whoever says that they are married shows it.

    >>> [str(kind) for kind in requirements(Kind.REPLACEMENT, Replaced.LOST, minor=False).required]
    ['ktp', 'kk', 'police_report']
    """
    of_applicant = (DocumentKind.KK, *_OF_PARENTS) if minor else (DocumentKind.KTP, DocumentKind.KK)
    proofs = (DocumentKind.MARRIAGE_CERTIFICATE,) if married else PROOFS_OF_BIRTH
    return Requirements((*of_applicant, *_of_passport(kind, replaced)), proofs)


def _of_passport(kind: Kind, replaced: Replaced | None) -> tuple[DocumentKind, ...]:
    if kind is Kind.NEW:
        return ()
    # Assumption: a lost passport is stood for by the police's report of it; a change of data shows the old passport.
    return (DocumentKind.POLICE_REPORT if replaced is Replaced.LOST else DocumentKind.OLD_PASSPORT,)
