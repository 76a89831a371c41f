"""Defects that can be planted, to see whether Loket finds them: each puts another part in the place of a right one.

`registry.py` lists them; `create_app` and `create_jobs` ask for `plant`, and nothing else knows that defects exist.
"""

from mock_mpaspor.defects.registry import DEFECTS, Defect, clashes, plant

__all__ = ["DEFECTS", "Defect", "clashes", "plant"]
