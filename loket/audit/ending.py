"""How the run ended, as far as the audit must know: what was read to its end, when the service came to rest."""

from pathlib import Path

import msgspec

from loket.audit.sources import read_document


class Ending(msgspec.Struct, kw_only=True, frozen=True):
    """The part of `facts.json` that checks depend on. Without the file, nothing is known to have come to rest.

    `quiesced_at_unix_ns`: when the time for the service to finish what it promised was over. `still_pending`: what it
    said it still owed then. `missing_sources`: feeds not read to their end, each with why. `unhealed`: faults that
    were still in the network.
    """

    quiesced_at_unix_ns: int | None = None
    still_pending: dict[str, int] = {}
    missing_sources: dict[str, str] = {}
    unhealed: tuple[str, ...] = ()

    @classmethod
    def read(cls, root: Path) -> "Ending":
        """The ending of the run in `root`. Raises Unreadable."""
        return read_document(root / "facts.json", cls) or cls()

    @property
    def unsettled(self) -> str | None:
        """Why a thing still pending at the end may yet come right; None if it had its whole chance."""
        if self.quiesced_at_unix_ns is None:
            return "the service was not given time to come to rest"
        if self.unhealed:
            return f"faults were still active: {', '.join(self.unhealed)}"
        if "service_unreachable" in self.still_pending:
            return "the service could not be reached while it should have come to rest"
        return None
