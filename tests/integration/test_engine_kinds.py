"""A kind of engine from an installed package of a third party."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

MODULE = """
from typing import Literal

from hinode.engines.base import Capabilities, DigitalSourceType, MediaKind
from hinode.engines.kinds import EngineKind, KindSettings


class FilmSettings(KindSettings):
    kind: Literal["film"]
    reels: int = 2


class FilmEngine:
    def __init__(self, name, reels, accounts):
        self.name, self.reels, self.accounts = name, reels, accounts

    def capabilities(self):
        kinds = frozenset({MediaKind.VIDEO})
        return Capabilities(kinds, False, False, "Films.", "?", DigitalSourceType.ALGORITHM)


KIND = EngineKind(
    FilmSettings, lambda name, given, accounts: FilmEngine(name, given.reels, accounts), True
)
"""

PROGRAM = """
import sys
from pathlib import Path

from hinode import load_settings
from hinode.components import engines_with_accounts
from hinode.engines.registry import installed_engines

settings = load_settings(data=Path(sys.argv[1]))
engine = installed_engines(settings.engines, lambda name: f"pool of {name}").get("studio")
print(engine.reels, engine.accounts, engines_with_accounts(settings))
"""


def run(folder: Path, entry: str = "film_engine:KIND") -> subprocess.CompletedProcess[str]:
    package = folder / "film_engine-1.0.dist-info"
    package.mkdir()
    (package / "METADATA").write_text("Metadata-Version: 2.1\nName: film-engine\nVersion: 1.0\n")
    (package / "entry_points.txt").write_text(f"[hinode.engine_kinds]\nfilm = {entry}\n")
    (folder / "film_engine.py").write_text(MODULE)
    (folder / "hinode.toml").write_text('[engines.studio]\nkind = "film"\nreels = 7\n')
    return subprocess.run(
        [sys.executable, "-c", PROGRAM, str(folder)],
        env={**os.environ, "PYTHONPATH": str(folder)},
        capture_output=True,
        text=True,
        check=False,
    )


def test_a_third_party_kind_has_its_settings_its_engine_and_its_accounts(tmp_path: Path) -> None:
    done = run(tmp_path)
    assert done.stdout == "7 pool of studio ('studio',)\n", done.stderr


def test_a_broken_kind_is_named_with_its_package(tmp_path: Path) -> None:
    done = run(tmp_path, "film_engine:FilmSettings")
    assert "The engine kind 'film' of film-engine is not an EngineKind" in done.stderr
