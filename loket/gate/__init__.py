"""Gates: thresholds written as text, judged on what a run measured. No data is a failure, not a pass."""
