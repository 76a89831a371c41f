"""The page: what it says of a run, in words that a machine reads as well."""

import re
from collections.abc import Callable
from html.parser import HTMLParser
from pathlib import Path

import msgspec
import pytest

from loket.report.page import write_report
from loket.run_directory import RunDirectory
from loket.verdict import (
    CheckResult,
    CheckVerdict,
    Doubt,
    FaultSpan,
    FunnelStep,
    GateResult,
    GateVerdict,
    MissingCode,
    Resolved,
    Verdict,
    Violation,
)

HOSTILE = "<img src=x onerror=alert(1)></script><script>alert(2)</script>'\"&{{ 7*7 }}"
SIZE_LIMIT = 2_000_000


class Page(HTMLParser):
    """Every start tag with its attributes, and the text outside scripts and styles."""

    def __init__(self, path: Path) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.text = ""
        self._silent = False
        self.feed(path.read_text(encoding="utf-8"))

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))
        self._silent = tag in ("script", "style")

    def handle_endtag(self, tag: str) -> None:
        self._silent = False

    def handle_data(self, data: str) -> None:
        if not self._silent:
            self.text += " " + " ".join(data.split())

    def column(self, key: str, value: str) -> dict[str | None, str | None]:
        """`value` by `key` over all tags that carry both attributes."""
        return {found[key]: found[value] for _, found in self.tags if key in found and value in found}

    def all(self, attribute: str) -> list[str | None]:
        """The attribute's value on each tag that carries it."""
        return [found[attribute] for _, found in self.tags if attribute in found]


def test_the_verdict_and_the_key_figures_stand_in_the_page(wrong_report: Path) -> None:
    """A reader and a test find the word, the exit code and every key figure of the run."""
    page = Page(wrong_report)
    assert page.all("data-verdict") == ["wrong"]
    assert page.all("data-exit-code") == ["3"]
    figures = page.column("data-figure", "data-value")
    assert figures["people"] == "2000"
    assert figures["places"] == "200"
    assert figures["taken"] == "188"
    assert figures["paid"] == "186"
    assert figures["billing_code.missing"] == "2"
    assert figures["billing_code.wait.max"] == "51.2"
    assert 700 < float(figures["hold_slot.p95"] or 0) < 1000


def test_every_missing_code_gate_invariant_and_fault_is_told(wrong_report: Path) -> None:
    """Each row of the verdict has its place in the page, with its own verdict."""
    page = Page(wrong_report)
    assert page.column("data-missing", "data-fate") == {"a0198": "never_issued", "a0199": "never_issued"}
    assert page.column("data-gate", "data-gate-verdict") == {
        "hold_slot.p95[rush] < 800ms": "failed",
        "billing_code.missing == 0": "failed",
        "billing_code.wait.p99[fault] < 30s": "failed",
        "recovery(simponi_slow) < 30s": "passed",
    }
    assert page.column("data-check", "data-check-verdict")["code_liveness"] == "violated"
    assert page.all("data-fault") == ["simponi_slow"]
    assert "bill_attempt_failed attempt 1: timeout" in page.text


def test_the_funnel_counts_who_fell_out_at_each_step(wrong_report: Path) -> None:
    """People lost at a step are those past the step before and not past it."""
    page = Page(wrong_report)
    assert page.column("data-step", "data-lost")["hold_slot"] == "1758"
    assert page.column("data-outcome", "data-people")["no_code"] == "2"


def test_a_run_without_missing_codes_says_so_gladly(held_run: RunDirectory) -> None:
    """`held` shows no table of missing codes but a sentence."""
    page = Page(write_report(held_run))
    assert page.all("data-verdict") == ["held"]
    assert page.all("data-missing") == []
    assert "Nobody is missing a code" in page.text


def test_the_longest_wait_is_the_one_that_people_felt(altered: Callable[..., RunDirectory]) -> None:
    """Where the verdict knows how long people waited, the service's own record does not stand in for it."""
    page = Page(write_report(altered(missing_codes=(), longest_code_wait_s=21.5)))
    assert page.column("data-figure", "data-value")["billing_code.wait.max"] == "21.5"


def test_codes_that_nobody_could_count_are_not_called_present(altered: Callable[..., RunDirectory]) -> None:
    """An empty list from an audit that could not read how people fared is no joy."""
    page = Page(write_report(altered(missing_codes=(), outcomes={})))
    assert "Nobody is missing a code" not in page.text
    assert page.column("data-figure", "data-value")["billing_code.missing"] == ""


def test_a_ledger_that_does_not_add_up_is_shown_as_such(altered: Callable[..., RunDirectory]) -> None:
    """The sum is written out and marked false; a missing column is marked unknown."""
    whole = {"scheduled": 10, "sent": 8, "dropped": 1, "cancelled": 0, "ok": 8, "failed": 0, "unknown": 0}
    run = altered(ledgers={"requests": whole, "arrivals": {"scheduled": 3}})
    page = Page(write_report(run))
    assert page.all("data-holds") == ["false", "true", "unknown", "unknown"]
    assert "= 8 sent + 1 dropped + 0 cancelled" in page.text


def test_a_refused_fault_needs_no_healing(altered: Callable[..., RunDirectory]) -> None:
    """It is told, and nothing is said to be still in the network."""
    refused = FaultSpan(fault="simponi_slow", link="simponi", what="slow", requested_s=22.0, refused=True)
    page = Page(write_report(altered(faults=(refused,))))
    assert "nothing to heal" in page.text
    assert "none injected" in page.text
    assert "not healed" not in page.text


def test_writes_without_an_answer_are_shown_as_what_became_of_them(altered: Callable[..., RunDirectory]) -> None:
    """Recovered, void and unresolved stand in the page, with the number of writes they are part of."""
    page = Page(write_report(altered(resolved=Resolved(ok=90, refused=4, recovered=3, void=2, unresolved=1))))
    assert page.column("data-fate-of-writes", "data-writes") == {"recovered": "3", "void": "2", "unresolved": "1"}
    assert "Of 100 holds, billing requests and payments, 6 ended without an answer." in page.text


@pytest.mark.parametrize(("resolved", "told"), [(None, False), (Resolved(ok=9), True)])
def test_an_audit_that_could_not_count_resolves_nothing(
    altered: Callable[..., RunDirectory], resolved: Resolved | None, told: bool
) -> None:
    """Where nobody could count, the page does not say that every write was answered."""
    page = Page(write_report(altered(resolved=resolved)))
    assert ("0 ended without an answer" in page.text) is told
    assert ("could not read every history" in page.text) is not told
    assert page.all("data-fate-of-writes") == []


def test_an_interrupted_run_tells_what_it_has_and_what_it_has_not(interrupted_run: RunDirectory) -> None:
    """Half files give charts of the half that is there, and each gap is named."""
    page = Page(write_report(interrupted_run))
    assert page.all("data-verdict") == ["not recorded"]
    assert "places" in page.all("data-chart")
    assert page.column("data-figure", "data-value")["billing_code.missing"] == ""
    assert page.all("data-fault") == ["simponi_slow"]
    assert "verdict.json: not recorded" in page.text
    assert "events.ndjson: unreadable after row 150" in page.text
    assert "Never signed off: w1" in page.text


def test_an_empty_directory_still_has_a_page(empty_run: RunDirectory) -> None:
    """With nothing recorded the page says "not recorded" and carries no chart and no script of charts."""
    path = write_report(empty_run)
    page = Page(path)
    assert page.all("data-verdict") == ["not recorded"]
    assert page.all("data-chart") == []
    assert set(page.column("data-figure", "data-value").values()) == {""}
    assert path.stat().st_size < 100_000


@pytest.mark.parametrize("name", ["plan.json", "verdict.json", "origin.json", "events.ndjson", "faults.ndjson"])
@pytest.mark.parametrize("content", [b"", b"{", b'{"x": \xff}\n', b"[]\n"])
def test_no_single_broken_file_hinders_the_page(short_run: RunDirectory, name: str, content: bytes) -> None:
    """Whatever one file holds, the page is written."""
    (short_run.root / name).write_bytes(content)
    assert len(Page(write_report(short_run)).all("data-verdict")) == 1


def test_a_histogram_that_cannot_be_decoded_is_a_gap(short_run: RunDirectory) -> None:
    """A spoilt histogram costs its figure, not the page."""
    series = short_run.series / "load-w1.ndjson"
    lines = series.read_bytes().splitlines(keepends=True)
    spoilt = re.sub(rb'"response":"[^"]*"', b'"response":"AAAA"', lines[-1])
    series.write_bytes(b"".join([*lines[:-1], spoilt]))
    page = Page(write_report(short_run))
    assert "a histogram could not be decoded" in page.text
    assert "latency.hold_slot" in page.all("data-chart")


def _hostile_verdict(verdict: Verdict) -> Verdict:
    """The verdict with the hostile text wherever a text can stand."""
    return msgspec.structs.replace(
        verdict,
        title=HOSTILE,
        scenario=HOSTILE,
        started_at=HOSTILE,
        sentences=(HOSTILE,),
        gates=(GateResult(gate=HOSTILE, verdict=GateVerdict.FAILED, figure=HOSTILE, samples=1, note=HOSTILE),),
        checks=(
            CheckResult(
                number=1,
                name=HOSTILE,
                promise=HOSTILE,
                verdict=CheckVerdict.VIOLATED,
                examined=1,
                violations=(Violation(sentence=HOSTILE, witness=(HOSTILE,)),),
                violation_count=1,
                note=HOSTILE,
            ),
        ),
        doubts=(Doubt(reason=HOSTILE, second=1.0),),
        missing_codes=(
            MissingCode(
                application_id=HOSTILE,
                applicant=HOSTILE,
                asked_s=1.0,
                last_step=HOSTILE,
                fate=HOSTILE,
                last_error=HOSTILE,
                faults_active=(HOSTILE,),
            ),
        ),
        faults=(FaultSpan(fault=HOSTILE, link=HOSTILE, what=HOSTILE, requested_s=22.0),),
        funnel=(FunnelStep(step=HOSTILE, people=1),),
        outcomes={HOSTILE: 1},
        ledgers={HOSTILE: {HOSTILE: 1}},
        unhealed=(HOSTILE,),
        defects=(HOSTILE,),
        versions={HOSTILE: HOSTILE},
        overhead_s={HOSTILE: 1.0},
    )


@pytest.fixture
def hostile_run(short_run: RunDirectory) -> RunDirectory:
    """A run in which every free text tries to become markup."""
    verdict = msgspec.json.decode(short_run.verdict.read_bytes(), type=Verdict)
    short_run.verdict.write_bytes(msgspec.json.encode(_hostile_verdict(verdict)))
    return short_run


def test_no_text_of_a_run_becomes_markup(hostile_run: RunDirectory) -> None:
    """Names and errors are shown as they are: no tag, script or template comes of them."""
    page = Page(write_report(hostile_run))
    assert [tag for tag, _ in page.tags if tag == "img"] == []
    assert len([tag for tag, _ in page.tags if tag == "script"]) == 3
    assert HOSTILE in page.all("data-missing")
    assert "{{ 7*7 }}" in page.text


def test_the_page_fetches_nothing_and_lets_only_its_own_scripts_run(wrong_report: Path) -> None:
    """No tag refers to anything outside, and the policy forbids what a tag could have missed."""
    page = Page(wrong_report)
    policy = next(found["content"] for _, found in page.tags if found.get("http-equiv") == "Content-Security-Policy")
    assert policy is not None
    assert policy.startswith("default-src 'none'; script-src 'sha256-")
    assert "unsafe-eval" not in policy
    assert page.all("src") == []
    assert all(link is not None and link.startswith("#") for link in page.all("href"))


def test_the_page_of_a_one_minute_run_stays_small(wrong_report: Path) -> None:
    """A page is sent by mail and kept by CI: at most 2 MB."""
    assert wrong_report.stat().st_size <= SIZE_LIMIT


def test_the_page_can_be_written_again(short_run: RunDirectory) -> None:
    """A second report of the same directory says the same."""
    first = Page(write_report(short_run)).text
    assert Page(write_report(short_run)).text == first
