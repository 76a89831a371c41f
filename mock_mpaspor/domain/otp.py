"""The one-time code that confirms an e-mail address: six digits, of which only a keyed digest is kept."""

import hashlib
import hmac
import secrets
from collections.abc import Callable
from dataclasses import dataclass, field

DIGITS = 6


@dataclass(frozen=True)
class MailedCode:
    """A code for an address, good until `ends_ns` (wall clock)."""

    code: str = field(repr=False)
    digest: str
    ends_ns: int


def draw_code(below: Callable[[int], int] = secrets.randbelow) -> str:
    """Six digits that nobody can foresee.

    >>> draw_code(lambda n: 42)
    '000042'
    """
    return f"{below(10**DIGITS):0{DIGITS}}"


def code_digest(code: str, email: str, secret: bytes) -> str:
    """64 hex digits, from which the code cannot be found without `secret`: a million codes are soon tried.

    >>> code_digest("000042", "a@contoh.example", b"s") == code_digest("000042", "b@contoh.example", b"s")
    False
    """
    return hmac.new(secret, f"otp:{email}:{code}".encode(), hashlib.sha256).hexdigest()
