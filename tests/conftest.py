"""What holds for every test: on a machine that promises every tool, a test skipped for want of one has failed."""

import os
from collections.abc import Generator

import pytest

REQUIRE = "LOKET_REQUIRE_TOOLS"


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Turn a skip into a failure where the environment says that nothing may be missing."""
    report = yield
    if report.skipped and not hasattr(report, "wasxfail") and os.environ.get(REQUIRE):
        reason = report.longrepr[2] if isinstance(report.longrepr, tuple) else str(report.longrepr)
        report.outcome = "failed"
        report.longrepr = f"{item.nodeid}: {REQUIRE} is set, and this was {reason[:1].lower()}{reason[1:]}"
    return report
