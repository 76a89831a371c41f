"""What a run would do, told without doing it: phases, faults with their links and times, what would be judged."""

from chaos.durations import format_duration
from chaos.timeline import Timeline
from loket.audit.checks import CHECKS
from loket.experiment import Experiment
from loket.run.carriage import Server
from loket.run.gathering import Gathering
from loket.run.session import OWN_NETWORK

NOTHING = "  none"


def rehearsal(experiment: Experiment, server: Server | None, gathering: Gathering | None = None) -> list[str]:
    """The lines, for a person: times are seconds of the run, as the report's are."""
    load = experiment.load
    offices = ", ".join(experiment.office_shares)
    workers = f"{load.workers} load worker{'s' * (load.workers > 1)}"
    if gathering:
        workers = f"{gathering.workers} that come to {gathering.host}:{gathering.port}"
    networks = str(experiment.networks) or "a perfect network"
    return [
        f"{experiment.title}  (seed {experiment.seed})",
        f"Nothing is started. The run would take about {format_duration(load.ends_s)}, and the start of the stack.",
        "",
        "Who comes:",
        f"  {experiment.people} people for {experiment.places} places at {offices}, as {experiment.scenario} says",
        f"  over {networks}, through {server.name if server else OWN_NETWORK}, from {workers}",
        "When:",
        *(f"{at_s:7.1f} s  {what}" for at_s, what in _phases(experiment)),
        "What is done to the network:",
        *(Timeline.plan(experiment.faults, load.opens_at_s) or [NOTHING]),
        "What is judged:",
        *(f"  {gate}" for gate in experiment.gates),
        *(f"  invariant {number}, {CHECKS[number].name}" for number in experiment.check_numbers),
    ]


def _phases(experiment: Experiment) -> list[tuple[float, str]]:
    load = experiment.load
    return [
        (0.0, "the first people come; the quota is closed"),
        (load.opens_at_s, "the quota opens, and the rush begins"),
        (load.opens_at_s + load.rush_s, "nobody comes any more; those inside go on"),
        (load.ends_s, "the run ends, the network is healed, the service gets "
         f"{format_duration(experiment.service.quiesce_s)} to finish"),
    ]  # fmt: skip
