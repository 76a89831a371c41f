"""The experiment file: load, faults and gates in one place, and every problem with it found before anything starts."""

from loket.experiment.catalogue import built_in
from loket.experiment.model import Experiment
from loket.experiment.problems import ExperimentError

__all__ = ["Experiment", "ExperimentError", "built_in"]
