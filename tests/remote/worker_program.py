"""`loket worker` for a scenario of the tests: the same question to the master, the same process afterwards.

Arguments: port, scenario's file, MiB for the buffer; then `foreign`, to say that it is of another edition.
"""

import os
import sys
from pathlib import Path

import msgspec

from loket.cli.worker import become_worker
from loket.load.remote.edition import own_edition
from loket.load.remote.introduction import NoAnswer, ask_for_place

PATIENCE_S = 60.0


def main(arguments: list[str]) -> None:
    port, path, buffer_mib, *foreign = arguments
    edition = msgspec.structs.replace(own_edition(), sources="another") if foreign else own_edition()
    try:
        welcome = ask_for_place("127.0.0.1", int(port), edition, PATIENCE_S)
    except NoAnswer as error:
        sys.exit(str(error))
    if welcome.refused:
        sys.exit(welcome.refused)
    become_worker(Path(path), "127.0.0.1", int(port), welcome.ticket, float(buffer_mib), os.environ)


if __name__ == "__main__":
    main(sys.argv[1:])
