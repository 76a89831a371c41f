"""A run: its phases from the first process to the verdict, and what it does when things go wrong."""
