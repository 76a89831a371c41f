"""Everything that a report is made of, read once from the run's directory; what is not there is a gap, not an error."""

from dataclasses import dataclass, replace

import msgspec

from loket.fault_windows import windows_of
from loket.records import Origin
from loket.report.bookings import Bookings, sweep
from loket.report.generator import Generator
from loket.report.planned import Plan, read_plan
from loket.report.salvage import Gaps
from loket.report.series import LoadSeries
from loket.report.timeline import Timeline
from loket.run_directory import RunDirectory
from loket.verdict import Verdict

POINTS_A_BUCKET = 4  # curves of events may bend this often within one bucket


@dataclass(frozen=True)
class Evidence:
    """One run as read. `bookings` is None where no event, or no origin to date them by, was recorded."""

    root_name: str
    plan: Plan
    verdict: Verdict | None
    origin: Origin | None
    timeline: Timeline
    load: LoadSeries
    bookings: Bookings | None
    generator: Generator
    gaps: Gaps

    @property
    def codes_counted(self) -> bool:
        """Whether an empty list of missing codes means that none is missing: the audit read how people fared."""
        return self.verdict is not None and bool(self.verdict.missing_codes or self.verdict.outcomes)


def gather(run: RunDirectory) -> Evidence:
    """Read the run, streaming what is long; operations are not read at all."""
    gaps = Gaps()
    plan = read_plan(run, gaps)
    verdict = gaps.whole("verdict.json", lambda: msgspec.json.decode(run.verdict.read_bytes(), type=Verdict))
    origin = gaps.whole("origin.json", run.origin)
    load = LoadSeries(gaps.rows("series/", run.seconds()), gaps.add)
    timeline = _timeline(run, plan, verdict, origin, load, gaps)
    bookings = _bookings(run, origin, timeline, gaps)
    if bookings is not None:
        timeline = replace(timeline, end_s=max(timeline.end_s, bookings.last_second))
    return Evidence(
        root_name=run.root.name,
        plan=plan,
        verdict=verdict,
        origin=origin,
        timeline=timeline,
        load=load,
        bookings=bookings,
        generator=_generator(run, origin, timeline, gaps),
        gaps=gaps,
    )


def _timeline(
    run: RunDirectory,
    plan: Plan,
    verdict: Verdict | None,
    origin: Origin | None,
    load: LoadSeries,
    gaps: Gaps,
) -> Timeline:
    if verdict is not None:
        faults = verdict.faults
    elif origin is not None:
        rows = gaps.rows("faults.ndjson", run.faults())
        faults = tuple(window.span(origin.mono_ns) for window in windows_of(rows))
    else:
        faults = ()
    healed = [span.healed_s for span in faults if span.healed_s is not None]
    return Timeline(
        end_s=float(max(load.last_second() + 1, *healed, 1)),
        opens_at_s=plan.experiment.load.opens_at_s,
        rush_s=plan.experiment.load.rush_s,
        faults=faults,
    )


def _bookings(run: RunDirectory, origin: Origin | None, timeline: Timeline, gaps: Gaps) -> Bookings | None:
    if origin is None:
        return None
    grid_s = timeline.bucket_s / POINTS_A_BUCKET
    bookings = sweep(gaps.rows("events.ndjson", run.events()), origin.unix_ns, grid_s)
    return bookings if bookings.places.curve or bookings.codes.curve else None


def _generator(run: RunDirectory, origin: Origin | None, timeline: Timeline, gaps: Gaps) -> Generator:
    generator = Generator(timeline.bucket_s)
    for worker in run.workers() if origin else ():
        rows = gaps.rows(f"journal/shift-{worker}.ndjson", run.shifts(worker))
        generator.see(worker, rows, origin.mono_ns if origin else 0)
    return generator
