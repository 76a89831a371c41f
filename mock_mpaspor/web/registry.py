"""Asking the civil registry for somebody with an account: as often as they are right, and seldom wrong.

Without a limit an account would be a way to try out who has which number.
"""

from mock_mpaspor.domain.errors import ErrorCode, Refusal
from mock_mpaspor.domain.identity import Identity
from mock_mpaspor.domain.limits import WRONG_IDENTITIES
from mock_mpaspor.web.parts import parts
from mock_mpaspor.web.requests import trace_id


def confirm(account_id: str, identity: Identity) -> None:
    """Have Dukcapil confirm the identity.

    Raises Refusal(TOO_MANY_ATTEMPTS) before asking, Refusal(IDENTITY_INVALID), which counts, and
    Refusal(DUKCAPIL_UNAVAILABLE), which does not.
    """
    parts().wrong_guesses.require_room(WRONG_IDENTITIES, account_id)
    try:
        parts().dukcapil.confirm(identity, trace_id())
    except Refusal as refusal:
        if refusal.code is ErrorCode.IDENTITY_INVALID:
            parts().wrong_guesses.note(WRONG_IDENTITIES, account_id)
        raise
