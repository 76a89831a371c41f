"""The reference service: M-Paspor, correct by construction, with plantable defects."""

__version__ = "0.1.0"
