"""How often one may try at a door before one has to wait."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Limit:
    """At most `number` attempts within `window_s` (wall clock) of the first of them."""

    door: str
    number: int
    window_s: float


# Assumption: ten wrong passwords for an address in a quarter of an hour; right ones are not counted.
LOG_IN = Limit("log-in", 10, 900)
# Assumption: five mails to an address in a quarter of an hour, besides the first.
MAILED_CODES = Limit("mailed-codes", 5, 900)
# Assumption: ten people whom the civil registry does not know so; who is searching for a number needs far more.
WRONG_IDENTITIES = Limit("wrong-identities", 10, 900)


def guesses(otp_s: float) -> Limit:
    """Assumption: five attempts at a mailed code; the window outlives the code."""
    return Limit("guesses", 5, otp_s)
