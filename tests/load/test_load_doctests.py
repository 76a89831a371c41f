"""The examples in the documentation of the load's pure modules are true."""

import doctest
import importlib

import pytest

MODULES = [
    "loket.experiment.arrivals",
    "loket.experiment.offices",
    "loket.load.arrivals.pattern",
    "loket.load.arrivals.rates",
    "loket.load.arrivals.schedule",
    "loket.load.arrivals.wave",
    "loket.load.ledger",
    "loket.load.room",
    "loket.load.target",
    "locustfiles._demand",
    "locustfiles._document",
    "locustfiles._family",
    "locustfiles._moving",
    "locustfiles._people",
]


@pytest.mark.parametrize("name", MODULES)
def test_the_examples_are_true(name):
    """Every module named has examples, and all of them hold."""
    result = doctest.testmod(importlib.import_module(name))
    assert result.attempted > 0
    assert result.failed == 0
