"""Gives a Python process the monotonic clock of another host: OTHER_CLOCK is `seconds ahead:speed`, as in `-500:1.03`.

Python imports this by itself where this folder is in PYTHONPATH.
"""

import os
import time

ahead_s, speed = map(float, os.environ["OTHER_CLOCK"].split(":"))
true_ns = time.monotonic_ns
began_ns = int(os.environ.get("OTHER_CLOCK_BEGAN") or true_ns())
# The process that this one becomes goes on with the same clock.
os.environ["OTHER_CLOCK_BEGAN"] = str(began_ns)


def monotonic_ns() -> int:
    now_ns = true_ns()
    return now_ns + int(ahead_s * 1e9) + int((now_ns - began_ns) * (speed - 1))


def monotonic() -> float:
    return monotonic_ns() / 1e9


time.monotonic_ns = monotonic_ns
time.monotonic = monotonic
