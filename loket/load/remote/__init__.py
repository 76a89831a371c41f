"""Workers of other hosts: how they find the run, what time it is there, and how their rows get home."""
