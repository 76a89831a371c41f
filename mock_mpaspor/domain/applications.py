"""What a person asks for: the kinds of application, the purposes, and the documents that go with them."""

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


class DocumentKind(StrEnum):
    """What is uploaded: identity card, family card, one proof of birth, the old passport."""

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


def is_whole_jpeg(content: bytes) -> bool:
    """Whether `content` starts and ends as a JPEG does: a cut upload does not.

    >>> is_whole_jpeg(bytes.fromhex("ffd8ffe0ffd9")), is_whole_jpeg(bytes.fromhex("ffd8ffe0"))
    (True, False)
    """
    return content.startswith(b"\xff\xd8\xff") and content.endswith(b"\xff\xd9")


def is_acceptable_password(password: str) -> bool:
    """M-Paspor's rule: 8 to 12 characters, one of them a capital.

    >>> [is_acceptable_password(word) for word in ("Rahasia123", "rahasia123", "Aa1")]
    [True, False, False]
    """
    return 8 <= len(password) <= 12 and any(letter.isupper() for letter in password)
