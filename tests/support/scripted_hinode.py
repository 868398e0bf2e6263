"""The command `hinode`, whose engine is the scripted one: a job takes a while and no effort."""

from __future__ import annotations

from collections.abc import Mapping

from hinode import EngineRegistry, services
from hinode.cli.main import main
from hinode.testing.scripted import ScriptedEngine

RENDER_SECONDS = 2.0


def scripted_only(_settings: Mapping[str, object] | None = None) -> EngineRegistry:
    return EngineRegistry([ScriptedEngine(seconds=RENDER_SECONDS)])


if __name__ == "__main__":
    vars(services).update(installed_engines=scripted_only)
    main()
