"""The end of every run: the verdict and its reports, from the directory alone."""

from loket.judgement import judge
from loket.report.junit import write_junit
from loket.report.page import write_report
from loket.report.summary import write_summary
from loket.run.load_processes import LOAD_PLAN
from loket.run.reserve import RESERVE
from loket.run_directory import RunDirectory
from loket.verdict import Verdict


def conclude(run: RunDirectory) -> Verdict:
    """Judge the run and write every report. Raises as `judge` does."""
    verdict = judge(run)
    for left_by_a_killed_runner in (RESERVE, LOAD_PLAN):
        (run.root / left_by_a_killed_runner).unlink(missing_ok=True)
    write_junit(run, verdict)
    write_summary(run, verdict)
    write_report(run)
    return verdict
