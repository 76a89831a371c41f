"""What a person, a pull request and a CI server read of a run, each computed from the run's directory alone."""
