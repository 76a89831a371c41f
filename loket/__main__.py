"""`python -m loket`: the same as the `loket` command, and quiet about a Ctrl-C that comes before it can answer."""

import sys

if __name__ == "__main__":
    try:
        from loket.cli import main

        main()
    except KeyboardInterrupt:
        sys.exit(130)
