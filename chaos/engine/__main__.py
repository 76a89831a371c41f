"""`python -m chaos.engine`."""

import os
import sys

from chaos.engine.main import main

sys.exit(main(sys.argv[1:], os.environ, sys.stdout))
