"""Rupiah as the outside systems accept them: more than nothing, less than their books can hold."""

from typing import Annotated

import msgspec

# Far above any fee, far below a database's largest number.
LARGEST_IDR = 10**15

AmountIdr = Annotated[int, msgspec.Meta(gt=0, le=LARGEST_IDR)]
