"""The key of a chart: what each mark stands for. The page shows it as buttons that hide and show the marks."""

from dataclasses import dataclass
from typing import Literal


@dataclass(frozen=True)
class Mark:
    """`series` is the name of the marks on the plot, `shape` how the key draws them."""

    series: str
    label: str
    colour: str
    shape: Literal["line", "area", "dashes", "dots", "cross"]
