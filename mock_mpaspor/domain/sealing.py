"""The seal under which a NIK is kept: AES-256-GCM, with a key of its own drawn from the service's secret.

What is sealed is bound to the person it belongs to: copied into another row, it does not open.
"""

import secrets
from collections.abc import Callable

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

KEY_BYTES = 32
NONCE_BYTES = 12


class SealBrokenError(ValueError):
    """The sealed text was altered, belongs to somebody else, or was sealed under another secret."""


class Seal:
    """Seals text and opens it again. `draw` gives so many random bytes: no nonce may come twice.

    >>> seal = Seal(b"a secret")
    >>> seal.open(seal.close("9971014203900001", "somebody"), "somebody")
    '9971014203900001'
    """

    def __init__(self, secret: bytes, draw: Callable[[int], bytes] = secrets.token_bytes) -> None:
        key = HKDF(algorithm=SHA256(), length=KEY_BYTES, salt=None, info=b"mpaspor.nik").derive(secret)
        self._cipher = AESGCM(key)
        self._draw = draw

    def close(self, plain: str, owner: str) -> bytes:
        """`plain` sealed: the nonce, then the cipher text with its tag."""
        nonce = self._draw(NONCE_BYTES)
        return nonce + self._cipher.encrypt(nonce, plain.encode(), owner.encode())

    def open(self, sealed: bytes, owner: str) -> str:
        """What was sealed for `owner`. Raises SealBrokenError."""
        try:
            return self._cipher.decrypt(sealed[:NONCE_BYTES], sealed[NONCE_BYTES:], owner.encode()).decode()
        except (InvalidTag, ValueError) as error:
            raise SealBrokenError("this seal does not open") from error
