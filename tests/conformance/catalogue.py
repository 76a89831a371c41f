"""All that both servers are held to: recorded exchanges, and behaviours in the order that the document has them in."""

from pathlib import Path

import yaml

from tests.conformance.behaviours.changes import CHANGES
from tests.conformance.behaviours.delays import DELAYS
from tests.conformance.behaviours.hardships import HARDSHIPS
from tests.conformance.behaviours.quantities import QUANTITIES
from tests.conformance.behaviours.relaying import RELAYING
from tests.conformance.behaviours.resets import RESETS
from tests.conformance.behaviours.shares import SHARES
from tests.conformance.behaviours.silences import SILENCES

BEHAVIOURS = (*RELAYING, *CHANGES, *DELAYS, *QUANTITIES, *SILENCES, *RESETS, *SHARES, *HARDSHIPS)

# Name → exchanges, as `exchanges.yaml` explains them.
CONVERSATIONS = yaml.safe_load((Path(__file__).parent / "exchanges.yaml").read_text(encoding="utf-8"))
