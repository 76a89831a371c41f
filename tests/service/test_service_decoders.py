"""Threads that meet a type for the first time together."""

import subprocess
import sys

# Each thread is interrupted as often as can be, while the type is being described. Without one maker at a time the
# process ends by a segmentation fault, in the first dozens of these types.
PROGRAM = """
import sys, threading
from datetime import datetime
from typing import Annotated
import msgspec
from mock_mpaspor.decoders import decoder

sys.setswitchinterval(1e-6)
FIELDS = [
    ("a", Annotated[str, msgspec.Meta(max_length=80)]),
    ("b", int | None, None),
    ("c", Annotated[datetime, msgspec.Meta(tz=True)] | None, None),
]
for number in range(200):
    kind = msgspec.defstruct(f"Kind{number}", FIELDS, frozen=True)
    together = threading.Barrier(4)

    def decode():
        together.wait()
        assert decoder(kind).decode(b'{"a": "x", "b": 1}').b == 1

    threads = [threading.Thread(target=decode) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
print("done")
"""


def test_many_threads_may_meet_a_type_for_the_first_time():
    """Two hundred types, four threads each: the process lives."""
    done = subprocess.run([sys.executable, "-c", PROGRAM], capture_output=True, text=True, check=False, timeout=120)
    assert (done.returncode, done.stdout) == (0, "done\n"), done.stderr
