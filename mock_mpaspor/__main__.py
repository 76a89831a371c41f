"""`python -m mock_mpaspor serve|jobs --host H --port P`: one process of the reference service."""

import argparse
import os
import sys
from collections.abc import Mapping, Sequence
from typing import TextIO

USAGE_ERROR = 2


def main(args: Sequence[str], environ: Mapping[str, str], err: TextIO) -> int:
    """Run until told to end: 0; 2 and one line on `err` for settings, an address or a database that cannot be used."""
    flags = _flags().parse_args(args)
    # Imported here, so that a wrong flag is told at once.
    from mock_mpaspor.server import AddressTakenError
    from mock_mpaspor.serving import run_jobs, serve
    from mock_mpaspor.settings import SettingsError, read_settings
    from mock_mpaspor.store.opening import DatabaseUnusableError

    try:
        settings = read_settings(environ)
        run = serve if flags.process == "serve" else run_jobs
        run(settings, flags.host, flags.port)
    except (SettingsError, AddressTakenError, DatabaseUnusableError) as error:
        err.write(f"mock_mpaspor {flags.process}: {error}\n")
        return USAGE_ERROR
    return 0


def _flags() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m mock_mpaspor", description=__doc__)
    parser.add_argument("process", choices=("serve", "jobs"))
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument("--port", type=int, required=True)
    return parser


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:], os.environ, sys.stderr))
