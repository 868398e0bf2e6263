"""The command `hinode`, with the scripted engine instead of the installed ones."""

from __future__ import annotations

from hinode import services
from hinode.cli.main import main
from hinode.engines.registry import EngineRegistry
from hinode.testing.scripted import ScriptedEngine

SECONDS = 0.5

if __name__ == "__main__":
    engines = EngineRegistry([ScriptedEngine(seconds=SECONDS)])
    vars(services).update(installed_engines=lambda *_: engines)
    main()
