"""Loket, the judge: starts the parts, runs an experiment, audits what happened and gives the verdict."""

__version__ = "0.1.0"
