"""The end of every run: the verdict and its reports, from the directory alone."""

from loket.judgement import judge
from loket.report.junit import write_junit
from loket.report.page import write_report
from loket.report.summary import write_summary
from loket.run_directory import RunDirectory
from loket.verdict import Verdict


def conclude(run: RunDirectory) -> Verdict:
    """Judge the run and write every report. Raises as `judge` does."""
    verdict = judge(run)
    write_junit(run, verdict)
    write_summary(run, verdict)
    write_report(run)
    return verdict
