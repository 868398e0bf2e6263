"""The tests, by kind; `CONTRIBUTING.md` says which is which.

Bytecode is kept even where the environment says otherwise: tests start hundreds of processes, and
without it each would compile all of Hinode, for a second or two.
"""

from __future__ import annotations

import os
import sys

os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
sys.dont_write_bytecode = False
