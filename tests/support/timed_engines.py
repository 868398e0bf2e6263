"""The command of a worker whose engines take a second and no core: ``steady`` and ``other``."""

from __future__ import annotations

from typing import Any

import hinode.core_builder
from hinode import EngineRegistry
from hinode.cli.main import main
from hinode.testing.scripted_engine import ScriptedEngine

COMMAND = "tests.support.timed_engines"
SECONDS = 1.0


class SteadyEngine(ScriptedEngine):
    name = "steady"


class OtherEngine(ScriptedEngine):
    name = "other"


def _engines(*_: Any) -> EngineRegistry:
    return EngineRegistry([SteadyEngine(seconds=SECONDS), OtherEngine(seconds=SECONDS)])


if __name__ == "__main__":
    hinode.core_builder.installed_engines = _engines  # type: ignore[attr-defined, assignment]
    main()
