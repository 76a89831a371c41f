"""Proofs: the session token of a person, and the signature under SIMPONI's callback."""

import hashlib
import hmac
import re
from collections.abc import Callable

from itsdangerous import BadSignature, TimestampSigner

from mock_mpaspor.domain.clock import NS_PER_S
from mock_mpaspor.domain.errors import ErrorCode, Refusal


class _Signer(TimestampSigner):
    """A TimestampSigner whose time is an argument."""

    def __init__(self, secret: str, wall: Callable[[], int]) -> None:
        super().__init__(secret, salt="mpaspor.session", digest_method=hashlib.sha256)
        self._wall = wall

    def get_timestamp(self) -> int:
        return self._wall() // NS_PER_S


class Sessions:
    """Tokens that name an account, signed and short-lived; nothing is stored.

    A token says that it is a session's, under a signature that is made for sessions alone: nothing else that the
    service signs opens an account.
    """

    KIND = "session:"

    def __init__(self, secret: str, wall: Callable[[], int], session_s: float) -> None:
        self._signer = _Signer(secret, wall)
        self._wall = wall
        self._session_s = session_s

    def issue(self, account_id: str) -> tuple[str, int]:
        """A token, and when (unix ns) it ends."""
        return self._signer.sign(self.KIND + account_id).decode(), self._wall() + int(self._session_s * NS_PER_S)

    def account_id(self, token: str) -> str:
        """The account that the token names. Raises Refusal(UNAUTHENTICATED)."""
        try:
            named = self._signer.unsign(token, max_age=int(self._session_s)).decode()
        except BadSignature as error:
            raise Refusal(ErrorCode.UNAUTHENTICATED) from error
        if not named.startswith(self.KIND):
            raise Refusal(ErrorCode.UNAUTHENTICATED)
        return named.removeprefix(self.KIND)


class CallbackSignature:
    """Hex HMAC-SHA256 of `timestamp + "." + body`, under a secret shared with SIMPONI."""

    # Assumption: five minutes either way, as payment providers commonly allow.
    WINDOW_S = 300
    # Unix seconds have ten digits until the year 2286; more would not fit a float, nor in the end an int.
    LONGEST_TIMESTAMP = 12
    _FORM = re.compile("[0-9a-f]{64}")

    def __init__(self, secret: str, wall: Callable[[], int]) -> None:
        self._secret = secret.encode()
        self._wall = wall

    def sign(self, timestamp: str, body: bytes) -> str:
        """The signature that belongs to a body sent at `timestamp` (unix seconds)."""
        return hmac.new(self._secret, timestamp.encode() + b"." + body, hashlib.sha256).hexdigest()

    def require_recent(self, timestamp: str, signature: str) -> None:
        """Raise Refusal(BAD_SIGNATURE) for what no body can make right: another form, or a time that is far."""
        if not (timestamp.isascii() and timestamp.isdigit() and len(timestamp) <= self.LONGEST_TIMESTAMP):
            raise Refusal(ErrorCode.BAD_SIGNATURE)
        age_s = abs(self._wall() / NS_PER_S - int(timestamp))
        if age_s > self.WINDOW_S or not self._FORM.fullmatch(signature):
            raise Refusal(ErrorCode.BAD_SIGNATURE)

    def verify(self, timestamp: str, body: bytes, signature: str) -> None:
        """Raise Refusal(BAD_SIGNATURE) unless the signature is right and its time is near."""
        self.require_recent(timestamp, signature)
        if not hmac.compare_digest(self.sign(timestamp, body), signature):
            raise Refusal(ErrorCode.BAD_SIGNATURE)
