"""The command `hinode`, with the scripted engine instead of the installed ones.

A job takes as many seconds as ``SCRIPTED_SECONDS`` says, and no effort.
"""

from __future__ import annotations

import os

from hinode import core_builder
from hinode.cli.main import main
from hinode.engines.registry import EngineRegistry
from hinode.testing.scripted_engine import ScriptedEngine

if __name__ == "__main__":
    seconds = float(os.environ.get("SCRIPTED_SECONDS", "0.5"))
    engines = EngineRegistry([ScriptedEngine(seconds=seconds)])
    vars(core_builder).update(installed_engines=lambda *_: engines)
    main()
