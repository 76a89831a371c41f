"""What a person asks for: the kinds of application, their reasons and purposes."""

from enum import StrEnum


class Kind(StrEnum):
    """What is wanted. A lost or damaged passport is a REPLACEMENT decided in person."""

    NEW = "NEW"
    REPLACEMENT = "REPLACEMENT"
    DATA_CHANGE = "DATA_CHANGE"


class Channel(StrEnum):
    """How the application came: over the application, over the old counter queue, or at the counter itself."""

    ONLINE = "online"
    APAPO = "apapo"
    WALK_IN = "walk_in"


class Replaced(StrEnum):
    """Why a passport is replaced."""

    EXPIRED = "expired"
    FULL = "full"
    LOST = "lost"
    DAMAGED = "damaged"


class Delivery(StrEnum):
    """How the passport reaches its holder."""

    COLLECT = "collect"
    POST = "post"


class Purpose(StrEnum):
    """Why the passport is wanted."""

    TOURISM = "tourism"
    UMRAH = "umrah"
    HAJJ = "hajj"
    FORMAL_WORK = "formal_work"
    MIGRANT_WORKER = "migrant_worker"
    STUDY = "study"
    MEDICAL = "medical"


def is_consistent(kind: Kind, replaced: Replaced | None) -> bool:
    """Whether a replacement, and nothing else, says why.

    >>> is_consistent(Kind.REPLACEMENT, None), is_consistent(Kind.NEW, Replaced.LOST), is_consistent(Kind.NEW, None)
    (False, False, True)
    """
    return (kind is Kind.REPLACEMENT) == (replaced is not None)


def is_acceptable_password(password: str) -> bool:
    """M-Paspor's rule: 8 to 12 characters, one of them a capital.

    >>> [is_acceptable_password(word) for word in ("Rahasia123", "rahasia123", "Aa1")]
    [True, False, False]
    """
    return 8 <= len(password) <= 12 and any(letter.isupper() for letter in password)
