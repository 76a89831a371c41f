"""People of several offices in one run: a fault of one office hits those who go there, and nobody else."""

from collections.abc import Callable
from pathlib import Path

import pytest

from loket.experiment import Experiment
from loket.records import OperationType
from loket.run_directory import RunDirectory
from tests.run.conftest import TINY, Run

TWO_OFFICES = TINY.replace("office: belakang_padang", "offices: {belakang_padang: 0.5, kupang: 0.5}").replace(
    "  - {name: slow, link: edge, at: opens, for: 9s, latency: {ms: 50}}",
    "  - {name: failing, link: edge, at: 0s, for: 9s, share: 0.5, office: kupang, status: {code: 503}}",
)
# The network's own 503: the service's, where the civil registry is at fault, says why.
UNREAD = "http_503"


@pytest.mark.slow
def test_what_fails_at_one_office_is_served_at_the_other(start: Callable[..., Run], tiny: Callable[..., Path]) -> None:
    """Of the people who were answered 503 all go to the one, and nobody of the other was."""
    path = tiny(TWO_OFFICES)
    run = start(path)
    assert run.end() != 3, run.out.read_text() + run.said
    directory = RunDirectory(run.root)
    plan = Experiment.read(path).load_plan_on_paper(run.root)
    ended = [row for row in directory.operations("w0") if row.type is not OperationType.INVOKE]
    failed = {plan.office_of(row.user) for row in ended if row.error_class == UNREAD}
    served = {plan.office_of(row.user) for row in ended if row.type is OperationType.OK}
    assert (failed, served) == ({"kupang"}, {"kupang", "belakang_padang"})
    run.assert_whole()
