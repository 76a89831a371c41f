"""The arrival pass: a signed code for one application and one appointment, shown at the office as a QR code.

A moved appointment has another code; the old one is still genuine, and no longer the one that the office expects.
"""

import hashlib
from dataclasses import dataclass

from itsdangerous import BadSignature, Signer


class ForgedPassError(ValueError):
    """The code was not made by this service, or was altered."""


@dataclass(frozen=True)
class Pass:
    """What a code stands for."""

    application_id: str
    slot: str


class ArrivalPasses:
    """Makes codes and reads them.

    >>> passes = ArrivalPasses("a secret")
    >>> passes.read(passes.code("0123456789abcdef", "kupang-20250207-morning"))
    Pass(application_id='0123456789abcdef', slot='kupang-20250207-morning')
    """

    def __init__(self, secret: str) -> None:
        self._signer = Signer(secret, salt="mpaspor.arrival-pass", digest_method=hashlib.sha256)

    def code(self, application_id: str, slot: str) -> str:
        """The code; the same for the same appointment always."""
        return self._signer.sign(f"{application_id}:{slot}").decode()

    def read(self, code: str) -> Pass:
        """What the code stands for. Raises ForgedPassError."""
        try:
            application_id, _, slot = self._signer.unsign(code).decode().partition(":")
        except BadSignature as error:
            raise ForgedPassError("this arrival pass is not genuine") from error
        return Pass(application_id, slot)
