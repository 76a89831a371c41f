"""The people: one runnable Locust scenario a file; what they share lives in files named `_name.py`."""
