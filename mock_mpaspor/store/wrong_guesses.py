"""Wrong guesses at a door that right ones pass freely: only failures count, also those of a burst."""

from mock_mpaspor.domain.limits import Limit
from mock_mpaspor.store.attempts import Attempts, require_room, require_within
from mock_mpaspor.store.database import Database


class WrongGuesses:
    """Counts them by door and by who guesses."""

    def __init__(self, database: Database, attempts: Attempts) -> None:
        self._database = database
        self._attempts = attempts

    def require_room(self, limit: Limit, who: str) -> None:
        """Raise Refusal(TOO_MANY_ATTEMPTS) where no further guess is left."""
        with self._database.read() as connection:
            standing = self._attempts.standing(connection, limit, who)
        require_room(limit, standing)

    def note(self, limit: Limit, who: str) -> None:
        """One more. Raises Refusal(TOO_MANY_ATTEMPTS) where a burst has used them up meanwhile."""
        with self._database.write() as connection:
            standing = self._attempts.count(connection, limit, who)
        require_within(limit, standing)
