"""Attempts of one key are one operation, resolved as far as anybody can know."""

import pytest

from loket.audit.operations import Resolution
from loket.audit.resolution import doubt
from loket.audit.sources import Unreadable
from loket.verdict import Resolved


@pytest.mark.parametrize(
    ("attempts", "resolution"),
    [
        (["ok"], Resolution.OK),
        (["fail"], Resolution.FAIL),
        (["info"], Resolution.INFO),
        ([None], Resolution.INFO),
        (["info", "ok"], Resolution.OK),
        (["ok", "info"], Resolution.OK),
        (["fail", "fail"], Resolution.FAIL),
        (["info", "fail"], Resolution.INFO),
        (["fail", None], Resolution.INFO),
        (["fail", "ok"], Resolution.OK),
    ],
)
def test_resolution_is_three_valued(story, attempts, resolution):
    """Any ok is ok; fail only if every attempt was refused; everything else may have happened."""
    for number, result in enumerate(attempts, start=1):
        story.attempt("hold_slot", result, key="k1", attempt=number)
    operation = story.history().journal.operations["k1"]
    assert (operation.resolution, operation.attempts) == (resolution, len(attempts))


def test_a_write_without_a_key_is_an_operation_of_its_own(story):
    """Two writes without keys are never folded together."""
    story.attempt("hold_slot", "fail").attempt("hold_slot", "info")
    assert len(story.history().journal.operations) == 2


def test_reads_are_not_kept(story):
    """Memory grows with writes, not with requests."""
    story.attempt("status", "ok", key="k1").attempt("availability", "info")
    assert story.history().journal.operations == {}


def test_an_answer_to_nothing_is_unreadable(story):
    """A journal that lost a request line cannot be trusted."""
    story.attempt("hold_slot", "ok", key="k1")
    lines = story.write().journal / "operations-w1.ndjson"
    lines.write_bytes(lines.read_bytes().splitlines(keepends=True)[1])
    with pytest.raises(Unreadable, match=r"operations-w1.ndjson, seq 2: an answer to hold_slot that was never asked"):
        _ = story.history_again().journal


def test_unknown_outcomes_are_recovered_or_void(story):
    """The events know holds and billing requests, the ledger knows payments."""
    story.attempt("hold_slot", "info", key="h1").held("a1", key="h1").attempt("hold_slot", "info", key="h2")
    story.attempt("request_billing", None, key="r1").asked("a1", key="r1")
    story.attempt("pay", "info", key="p1", billing_code="81").entry("debited", "81")
    story.attempt("pay", "info", key="p2", billing_code="82").attempt("pay", "ok", key="p3", billing_code="83")
    story.attempt("hold_slot", "fail", key="h3")
    resolved = story.audit().resolved
    assert resolved == Resolved(ok=1, refused=1, recovered=3, void=2, unresolved=0)
    assert resolved.writes == 7


def test_an_unknown_payment_is_resolved_by_the_code_its_payer_saw(story):
    """The bank's request names no code in the journal; the poll before it did."""
    for user, code in ((1, "81"), (2, "82")):
        application = f"a{user}"
        story.attempt("billing_code", "ok", user=user, application_id=application, billing_code=code)
        story.attempt("pay", "info", user=user, key=f"p{user}", application_id=application)
    story.attempt("pay", "info", user=3, key="p3", application_id="a3")
    assert story.entry("debited", "81").audit().resolved == Resolved(recovered=1, void=1, unresolved=1)


@pytest.mark.parametrize("trouble", [{"unhealed": ["edge_cut"]}, {"quiesced_at_unix_ns": None}])
def test_without_rest_what_left_no_trace_stays_unresolved(story, trouble):
    """A request under way may still arrive."""
    story.attempt("hold_slot", "info", key="h1").attempt("hold_slot", "info", key="h2").held("a1", key="h2")
    assert story.rested(**trouble).audit().resolved == Resolved(recovered=1, unresolved=1)


@pytest.mark.parametrize("trouble", ["missing", "unread"])
def test_without_whole_events_nobody_can_tell(story, trouble):
    """Events that were not read to their end resolve nothing."""
    story.attempt("hold_slot", "info", key="h1").held("a1", key="h1")
    story = story.without("events.ndjson") if trouble == "missing" else story.unread("events")
    assert story.audit().resolved == Resolved(unresolved=1)


@pytest.mark.parametrize(("unresolved", "doubtful"), [(1, False), (2, True)])
def test_more_than_one_in_a_hundred_is_too_many(unresolved, doubtful):
    """The limit itself is still trusted."""
    assert bool(doubt(Resolved(ok=100 - unresolved, unresolved=unresolved))) is doubtful
