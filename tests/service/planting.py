"""The same steps with a defect planted and without it."""

import pytest

from mock_mpaspor.web.parts import EXTENSION, Parts
from tests.service.house import Service

PATIENCE_S = 10


def either(defect: str) -> pytest.MarkDecorator:
    """With the defect planted, and without: `harmed` says which."""
    cases = [(defect, True), ("", False)]
    return pytest.mark.parametrize(("defects", "harmed"), cases, ids=[defect, "correct"])


def parts_of(service: Service) -> Parts:
    """The parts that the service was made of."""
    parts = service.app.extensions[EXTENSION]
    assert isinstance(parts, Parts)
    return parts
