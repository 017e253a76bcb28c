"""``python -m d2vbench``."""

import sys

from d2vbench.cli.main import main

if __name__ == "__main__":
    sys.exit(main())
