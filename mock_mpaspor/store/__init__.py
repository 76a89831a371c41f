"""What the service remembers: every write is one transaction, and the event that tells of it is part of it."""
