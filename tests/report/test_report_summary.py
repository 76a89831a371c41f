"""`summary.md`: what a pull request shows of a run."""

import msgspec

from loket.report.summary import write_summary
from loket.run_directory import RunDirectory
from loket.verdict import MissingCode, Verdict


def _verdict(run: RunDirectory) -> Verdict:
    return msgspec.json.decode(run.verdict.read_bytes(), type=Verdict)


def test_the_summary_says_verdict_gates_and_missing_codes(wrong_run: RunDirectory) -> None:
    """The word first, then each gate with its figure, each violated invariant, each missing code."""
    text = write_summary(wrong_run, _verdict(wrong_run)).read_text(encoding="utf-8")
    assert text.startswith("## WRONG: The quota opens while SIMPONI answers slowly")
    assert "| ❌ failed | hold\\_slot.p95\\[rush\\] \\< 800ms | 1243 ms | 1,140 |" in text
    assert "**Invariant 11** violated 2 times" in text
    assert "- a0198, asked at 24.2 s: never issued, last known step bill\\_attempt\\_failed" in text
    assert "./loketw run quota_rush --seed 20230130 --people 2000 --places 200 --defect M15" in text


def test_a_held_run_needs_no_list_of_missing_codes(held_run: RunDirectory) -> None:
    """What did not happen is not told."""
    text = write_summary(held_run, _verdict(held_run)).read_text(encoding="utf-8")
    assert text.startswith("## HELD")
    assert "missing:" not in text


def test_a_hostile_text_stays_text(wrong_run: RunDirectory) -> None:
    """No table is broken, no markup made and nobody called by what an applicant is named."""
    hostile = "a|b\n# c <script> [x](http://y) `d` @everyone"
    text = write_summary(wrong_run, msgspec.structs.replace(_verdict(wrong_run), title=hostile)).read_text(
        encoding="utf-8"
    )
    first = text.splitlines()[0]
    assert first == "## WRONG: a\\|b \\# c \\<script\\> \\[x\\](http://y) \\`d\\` @\u200beveryone"


def test_many_missing_codes_are_cut_short(wrong_run: RunDirectory) -> None:
    """A summary stays short: ten codes, then how many more there are."""
    codes = tuple(
        MissingCode(application_id=f"a{n}", applicant="p", asked_s=1.0, last_step="held", fate="never_issued")
        for n in range(25)
    )
    verdict = msgspec.structs.replace(_verdict(wrong_run), missing_codes=codes)
    text = write_summary(wrong_run, verdict).read_text(encoding="utf-8")
    assert text.count("never issued") == 10
    assert "and 15 more in the report" in text
