"""`junit.xml`: each gate and each invariant as a test case, so that any CI server shows what failed and why."""

import re
from pathlib import Path
from xml.etree import ElementTree
from xml.etree.ElementTree import Element, SubElement

from loket.run_directory import RunDirectory, write_whole
from loket.verdict import CheckResult, CheckVerdict, GateResult, GateVerdict, Verdict, Word

FILE_NAME = "junit.xml"
# What XML 1.0 cannot carry, escaped or not.
FORBIDDEN = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def write_junit(run: RunDirectory, verdict: Verdict) -> Path:
    """Write `junit.xml` and return its path. An undecided check is skipped; the verdict's own case still fails."""
    suites = Element("testsuites", name=xml_safe(verdict.title))
    _suite(suites, "verdict", [_of_verdict(verdict)])
    _suite(suites, "gates", [_of_gate(gate) for gate in verdict.gates])
    _suite(suites, "invariants", [_of_check(check) for check in verdict.checks])
    for name in ("tests", "failures", "skipped"):
        suites.set(name, str(sum(int(suite.get(name, "0")) for suite in suites)))
    suites.set("time", f"{verdict.duration_s:.3f}")
    ElementTree.indent(suites)
    path = run.root / FILE_NAME
    write_whole(path, ElementTree.tostring(suites, encoding="utf-8", xml_declaration=True) + b"\n")
    return path


def xml_safe(text: str) -> str:
    r"""The text with each character that XML forbids written as its number.

    >>> xml_safe("a\x1bb")
    'a\\x1bb'
    """
    return FORBIDDEN.sub(lambda found: f"\\x{ord(found[0]):02x}", text)


def _suite(suites: Element, name: str, cases: list[Element]) -> None:
    failures = sum(case.find("failure") is not None for case in cases)
    skipped = sum(case.find("skipped") is not None for case in cases)
    counts = {"tests": str(len(cases)), "failures": str(failures), "skipped": str(skipped), "errors": "0"}
    SubElement(suites, "testsuite", {"name": name, **counts}).extend(cases)


def _case(suite: str, name: str) -> Element:
    return Element("testcase", {"classname": f"loket.{suite}", "name": xml_safe(name)})


def _tell(case: Element, outcome: str, message: str, text: str = "") -> None:
    SubElement(case, outcome, message=xml_safe(message)).text = xml_safe(text) or None


def _of_verdict(verdict: Verdict) -> Element:
    case = _case("verdict", f"{verdict.scenario}, seed {verdict.seed}")
    if verdict.verdict is not Word.HELD:
        lines = [*verdict.sentences, *(f"doubt: {doubt.reason}" for doubt in verdict.doubts)]
        lines += [f"not healed: {fault}" for fault in verdict.unhealed]
        _tell(case, "failure", f"{verdict.verdict.value} (exit code {verdict.exit_code})", "\n".join(lines))
    return case


def _of_gate(gate: GateResult) -> Element:
    case = _case("gates", gate.gate)
    if gate.verdict is not GateVerdict.PASSED:
        message = f"{gate.verdict.value}: {gate.figure} from {gate.samples:,} samples, the gate is {gate.gate}"
        _tell(case, "failure", message, gate.note)
    return case


def _of_check(check: CheckResult) -> Element:
    case = _case("invariants", f"{check.number} {check.name}")
    if check.verdict is CheckVerdict.VIOLATED:
        lines = [check.promise]
        for violation in check.violations:
            lines += ["", violation.sentence, *(f"    {line}" for line in violation.witness)]
        _tell(case, "failure", f"violated {check.violation_count:,} times", "\n".join(lines))
    elif check.verdict is not CheckVerdict.HOLDS:
        _tell(case, "skipped", f"{check.verdict.value}: {check.note}")
    return case
