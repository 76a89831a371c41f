"""What is counted of a proxy beyond the lives of its connections."""

from collections import Counter
from dataclasses import dataclass, field

from chaos.engine.toxic import Direction


@dataclass
class Traffic:
    """What a proxy has carried on connections that are gone, and how many it ever accepted or had no room for."""

    opened: int = 0
    refused: int = 0
    dials_failed: int = 0
    resets: int = 0
    bytes: Counter[Direction] = field(default_factory=Counter)
    sent: Counter[Direction] = field(default_factory=Counter)
    # (type of toxic, whether it applies) → connections
    decisions: Counter[tuple[str, bool]] = field(default_factory=Counter)
