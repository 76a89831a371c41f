"""Which stage an experiment plays on: the embedded reference system, or a target of one's own."""

from collections.abc import Callable, Mapping
from dataclasses import replace

from loket.experiment import Experiment
from loket.run_directory import RunDirectory
from loket.stack.embedded import EmbeddedStack
from loket.stack.keeper import Keeper
from loket.stack.postgres import NAME, find_programs
from loket.stack.probe import LOOPBACK
from loket.stack.stage import Stage
from loket.stack.target import TargetSettings, TargetStage

# The tokens of a target come from the environment: an experiment file is for everybody's eyes.
ADMIN_TOKEN = "LOKET_ADMIN_TOKEN"
AUDIT_TOKEN = "LOKET_AUDIT_TOKEN"
OFFICE_TOKEN = "LOKET_OFFICE_TOKEN"


def require_programs(experiment: Experiment, environ: Mapping[str, str]) -> None:
    """Raise PostgresError where the experiment wants a PostgreSQL and this machine has none."""
    if experiment.target is None and experiment.service.database == NAME:
        find_programs(environ)


def stage_of(
    experiment: Experiment,
    run: RunDirectory,
    keeper: Keeper,
    interrupted: Callable[[], bool],
    environ: Mapping[str, str],
    toxiproxy_url: str | None,
    host: str = LOOPBACK,
) -> Stage:
    """The experiment's stage, not yet started; people find the ways in at `host`."""
    target = experiment.target
    if target is None:
        settings = replace(experiment.stack_settings(), host=host)
        return EmbeddedStack(run.root, settings, keeper, run.root.name, run.faults_file, interrupted, 0, toxiproxy_url)
    own = TargetSettings(
        service=target.service,
        bank=target.bank,
        admin_token=environ.get(ADMIN_TOKEN, ""),
        audit_token=environ.get(AUDIT_TOKEN),
        office_token=environ.get(OFFICE_TOKEN, ""),
        seed=experiment.seed,
        host=host,
    )
    return TargetStage(run.root, own, keeper, run.root.name, run.faults_file, interrupted, toxiproxy_url)
