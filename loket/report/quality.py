"""Which quality a gate stands for: in ISO 9126's words (the service) and SERVQUAL's (what people feel).

The studies of M-Paspor measure satisfaction in these terms, so a gate's figure can be set beside their findings.
"""

from dataclasses import dataclass

from loket.gate.threshold import CodeWait, MissingCodes, Recovery, Stat, StepFigure, Subject
from loket.gate.vocabulary import STAYS_UP


@dataclass(frozen=True)
class Quality:
    """ISO 9126: characteristic and subcharacteristic. SERVQUAL: dimension."""

    iso_9126: str
    servqual: str


TIME = Quality("efficiency: time behaviour", "responsiveness")
UNKNOWN = Quality("not classified", "not classified")
# Assumption: neither model names these figures; the mapping follows the sense of their definitions.
# `WORDED` holds the gates that are no figure of the load.
WORDED = {STAYS_UP: Quality("reliability: maturity", "reliability")}
OF_STAT = {
    Stat.ERRORS: Quality("reliability: maturity", "reliability"),
    Stat.RATE: Quality("efficiency: time behaviour", "responsiveness"),
    Stat.COUNT: Quality("functionality: suitability", "reliability"),
}


def quality(subject: Subject) -> Quality:
    """The quality that a gate's figure stands for."""
    match subject:
        case Recovery():
            return Quality("reliability: recoverability", "reliability")
        case MissingCodes():
            return Quality("reliability: fault tolerance", "reliability")
        case StepFigure(stat=Stat() as stat):
            return OF_STAT.get(stat, TIME)
        case CodeWait() | StepFigure():
            return TIME
