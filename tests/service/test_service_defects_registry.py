"""The registry of defects: what may be planted together, how a wrong wish is refused, and its document."""

import io
from pathlib import Path

import pytest

from mock_mpaspor.__main__ import main
from mock_mpaspor.defects import DEFECTS, Defect, clashes, plant
from mock_mpaspor.defects.registry import parts_of
from mock_mpaspor.kinds import Kinds
from tests.service.planting import parts_of as parts_of_service

ROOT = Path(__file__).parents[2]
DOCUMENT = ROOT / "docs" / "defects.md"
INVARIANTS = ROOT / "docs" / "invariants.md"


def rows_of(document):
    """The cells of each row of the document's table."""
    lines = [line for line in document.read_text(encoding="utf-8").splitlines() if line.startswith("| ")]
    return [[cell.strip() for cell in line.strip("|").split("|")] for line in lines][1:]


def test_every_defect_has_a_description_and_a_change():
    """The registry is whole."""
    assert set(DEFECTS) == set(Defect)


@pytest.mark.parametrize("defect", DEFECTS)
def test_every_defect_changes_a_part(defect):
    """None of them is a name only."""
    assert plant(Kinds(), {defect}) != Kinds()
    assert parts_of(defect)


def test_nothing_is_planted_unless_asked_for(service):
    """The service of an empty setting is made of the correct parts."""
    assert service.settings.defects == frozenset()
    assert plant(Kinds(), service.settings.defects) == Kinds()
    assert type(parts_of_service(service).holds) is Kinds().holds


def test_defects_of_different_parts_go_together():
    """A place sold twice and a relay that dies: both at once."""
    both = {Defect.M1, Defect.M15}
    assert clashes(both) == []
    kinds = plant(Kinds(), both)
    assert kinds.holds is plant(Kinds(), {Defect.M1}).holds
    assert kinds.relay is plant(Kinds(), {Defect.M15}).relay


@pytest.mark.parametrize("process", ["serve", "jobs"])
@pytest.mark.parametrize(
    ("wish", "told"),
    [
        ("M2,M1", "MPASPOR_DEFECTS cannot plant M1 and M2 together: each substitutes the part `holds`"),
        ("M1,M77", "not M77"),
        ("m1", "not m1"),
    ],
)
def test_a_wish_that_cannot_be_granted_ends_the_process(environ, process, wish, told):
    """Exit 2 and one line that says why."""
    err = io.StringIO()
    code = main([process, "--port", "0"], {**environ, "MPASPOR_DEFECTS": wish}, err)
    assert code == 2
    assert err.getvalue().count("\n") == 1
    assert told in err.getvalue()


def test_nobody_is_told_what_is_planted(start):
    """Health and metrics look the same."""
    client = start(MPASPOR_DEFECTS="M1,M15").app.test_client()
    assert client.get("/healthz").json == {"name": "mpaspor", "instance": "test"}
    assert "M15" not in client.get("/metrics").get_data(as_text=True)


def test_the_document_lists_every_defect_in_order():
    """Neither a defect without a row nor a row without a defect."""
    assert [row[0] for row in rows_of(DOCUMENT)] == [str(defect) for defect in Defect]


@pytest.mark.parametrize("row", rows_of(DOCUMENT), ids=lambda row: row[0])
def test_a_row_of_the_document_repeats_the_registry(row):
    """What it is, the parts and the files are the registry's own; harm and finder are told."""
    defect = Defect(row[0])
    planted = DEFECTS[defect].change(Kinds())
    parts = sorted(parts_of(defect))
    modules = {getattr(planted, part).__module__.rsplit(".", 1)[-1] for part in parts if part != "schema"}
    assert row[1] == DEFECTS[defect].what
    assert row[2] == ", ".join(f"`{part}`" for part in parts)
    assert row[3] == ", ".join(f"`{module}.py`" for module in sorted(modules))
    assert row[4]
    assert row[5]


@pytest.mark.parametrize("row", rows_of(DOCUMENT), ids=lambda row: row[0])
def test_the_checks_named_are_those_of_the_invariants(row):
    """A number and a name of docs/invariants.md, or a gate."""
    known = {f"{cells[0]}, {cells[1]}" for cells in rows_of(INVARIANTS)}
    finders = row[5].split("; ")
    assert all(finder in known or finder.startswith("gate") for finder in finders)
