"""What the service had agreed to, in seconds, as the run's resolved plan states it."""

from pathlib import Path

import msgspec

from loket.audit.sources import read_document


class Agreement(msgspec.Struct, kw_only=True, frozen=True):
    """Time limits of the service under test; None where the plan does not say."""

    hold_ttl_s: float | None = None

    @classmethod
    def read(cls, plan: Path) -> "Agreement":
        """The agreement in `plan.json`; an empty one if there is no plan. Raises Unreadable."""
        document = read_document(plan, _Plan)
        return (document and document.experiment.service) or cls()


class _Experiment(msgspec.Struct, frozen=True):
    service: Agreement | None = None


class _Plan(msgspec.Struct, frozen=True):
    experiment: _Experiment = _Experiment()
