"""The reference service: M-Paspor, correct by construction, with plantable defects."""
