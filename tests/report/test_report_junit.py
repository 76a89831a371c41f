"""`junit.xml`: what a CI server reads of a run."""

from xml.etree import ElementTree
from xml.etree.ElementTree import Element

import msgspec
import pytest

from loket.report.junit import write_junit
from loket.run_directory import RunDirectory
from loket.verdict import CheckResult, CheckVerdict, GateResult, GateVerdict, Verdict, Violation


def _verdict(run: RunDirectory) -> Verdict:
    return msgspec.json.decode(run.verdict.read_bytes(), type=Verdict)


def _cases(run: RunDirectory, verdict: Verdict) -> dict[str, Element]:
    root = ElementTree.parse(write_junit(run, verdict)).getroot()
    return {case.get("name", ""): case for case in root.iter("testcase")}


def _outcome(case: Element) -> str:
    return next((child.tag for child in case), "passed")


def test_gates_and_invariants_are_cases_with_their_outcome(wrong_run: RunDirectory) -> None:
    """A failed gate and a violated invariant fail; what was not checked is skipped, never passed."""
    cases = _cases(wrong_run, _verdict(wrong_run))
    assert {name: _outcome(case) for name, case in cases.items()} == {
        "quota_rush, seed 20230130": "failure",
        "hold_slot.p95[rush] < 800ms": "failure",
        "billing_code.missing == 0": "failure",
        "billing_code.wait.p99[fault] < 30s": "failure",
        "recovery(simponi_slow) < 30s": "passed",
        "1 no_overbooking": "passed",
        "11 code_liveness": "failure",
        "13 money_honoured": "passed",
        "20 queue_order": "skipped",
    }


def test_a_failure_carries_the_figure_and_the_witness(wrong_run: RunDirectory) -> None:
    """Who reads only the CI server's page knows what was measured and what happened."""
    cases = _cases(wrong_run, _verdict(wrong_run))
    gate = cases["hold_slot.p95[rush] < 800ms"].find("failure")
    check = cases["11 code_liveness"].find("failure")
    assert gate is not None
    assert "1243 ms from 1,140 samples" in (gate.get("message") or "")
    assert check is not None
    assert "91.020 s  audit    no code, place still held" in (check.text or "")


def test_the_counts_add_up(wrong_run: RunDirectory) -> None:
    """The sums at the top are those of the cases below."""
    root = ElementTree.parse(write_junit(wrong_run, _verdict(wrong_run))).getroot()
    assert (root.get("tests"), root.get("failures"), root.get("skipped")) == ("9", "5", "1")


def test_a_held_run_has_no_failure(held_run: RunDirectory) -> None:
    """`held` is green."""
    assert "failure" not in {_outcome(case) for case in _cases(held_run, _verdict(held_run)).values()}


@pytest.mark.parametrize("text", ["\x00\x1b[31m", "<&>\"'", "]]>", "\ufffe\uffff", "\U0001f6c2", "\x85\r\n\t"])
def test_any_character_gives_well_formed_xml(wrong_run: RunDirectory, text: str) -> None:
    """What XML cannot carry is written as its number; the file always parses."""
    violation = Violation(sentence=text, witness=(text,))
    verdict = msgspec.structs.replace(
        _verdict(wrong_run),
        title=text,
        sentences=(text,),
        gates=(GateResult(gate=f"gate {text}", verdict=GateVerdict.NO_DATA, figure=text, samples=0, note=text),),
        checks=(
            CheckResult(
                number=1,
                name=text,
                promise=text,
                verdict=CheckVerdict.VIOLATED,
                examined=1,
                violations=(violation,),
                violation_count=1,
            ),
        ),
    )
    assert len(_cases(wrong_run, verdict)) == 3
