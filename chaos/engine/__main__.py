"""`python -m chaos.engine`."""

import sys

from chaos.engine.main import main

sys.exit(main(sys.argv[1:], sys.stdout))
