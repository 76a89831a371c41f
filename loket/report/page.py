"""The report: one HTML file that needs nothing else, computed from a run's directory alone.

Its content security policy lets only the three scripts written here run, and nothing at all be fetched.
"""

import base64
import hashlib
from datetime import UTC, datetime
from importlib.resources import files
from pathlib import Path

from jinja2 import Environment, PackageLoader, StrictUndefined

from loket.report import journey, judgement, quantities
from loket.report.charts import codes, latency, outcomes, places, strain
from loket.report.drawings import draw
from loket.report.evidence import Evidence, gather
from loket.report.headline import headline
from loket.report.keyfigures import key_figures
from loket.report.ledgers import sums
from loket.report.patterns import patterns
from loket.report.planned import rerun_command
from loket.run_directory import RunDirectory, write_whole

TEMPLATES = files("loket.report") / "templates"


def write_report(run: RunDirectory) -> Path:
    """Write `report.html` from what the directory holds, however little, and return its path."""
    write_whole(run.report, render(gather(run)).encode("utf-8"))
    return run.report


def render(evidence: Evidence) -> str:
    """The whole page as HTML."""
    drawings = draw(evidence)
    page_script = (TEMPLATES / "page.js").read_text(encoding="utf-8")
    scripts = (drawings.embedded.library, drawings.embedded.script, page_script)
    environment = Environment(
        loader=PackageLoader("loket.report"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters.update(
        count=quantities.count,
        milliseconds=quantities.milliseconds,
        seconds=quantities.seconds,
        moment=quantities.moment,
    )
    return environment.get_template("report.html").render(
        evidence=evidence,
        verdict=evidence.verdict,
        headline=headline(evidence),
        figures=key_figures(evidence),
        funnel=journey.funnel(evidence.verdict),
        outcomes=journey.outcomes(evidence.verdict),
        steps=journey.steps(evidence),
        patterns=patterns(evidence.verdict.missing_codes if evidence.verdict else ()),
        gates=judgement.gates(evidence.verdict),
        checks=judgement.checks(evidence.verdict),
        sums=sums(evidence.verdict.ledgers if evidence.verdict else {}),
        drawings=drawings,
        legends={
            "latency": latency.LEGEND,
            "outcomes": outcomes.LEGEND,
            "places": places.LEGEND,
            "codes": codes.LEGEND,
            "strain": strain.LEGEND,
        },
        started=_started(evidence),
        again=rerun_command(evidence.plan, evidence.verdict),
        style=(TEMPLATES / "report.css").read_text(encoding="utf-8"),
        scripts=[script for script in scripts if script],
        policy=_policy(scripts),
    )


def _policy(scripts: tuple[str, ...]) -> str:
    hashes = " ".join(f"'sha256-{_sha256(script)}'" for script in scripts if script)
    # Bokeh and the gauges set styles of their own; no style can fetch, because no source but data: is allowed.
    return (
        f"default-src 'none'; script-src {hashes}; style-src 'unsafe-inline'; img-src data:; "
        "base-uri 'none'; form-action 'none'"
    )


def _sha256(script: str) -> str:
    return base64.b64encode(hashlib.sha256(script.encode("utf-8")).digest()).decode("ascii")


def _started(evidence: Evidence) -> str | None:
    """The wall-clock instant of second 0; the verdict's own start where the load never began."""
    if evidence.origin is not None:
        instant = datetime.fromtimestamp(evidence.origin.unix_ns / 1e9, UTC)
        return f"{instant:%Y-%m-%d %H:%M:%S} UTC"
    return evidence.verdict.started_at if evidence.verdict else None
