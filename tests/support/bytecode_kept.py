"""Python keeps what it compiles, whatever the environment says, from the import of this module on.

Each worker reads all tests, and tests start many interpreters. With `PYTHONDONTWRITEBYTECODE` each
of them would compile every module anew: 20 seconds for a worker, five for an interpreter.
"""

from __future__ import annotations

import os
import sys

sys.dont_write_bytecode = False
os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
