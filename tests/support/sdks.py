"""Versions of the SDKs that the full tier runs, each by a script in an environment of its own.

`make sdks` installs them. Where one is missing its tests are skipped with that remedy; in CI they
fail.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from tests.support.clock import true_clock

_ROOT = Path(__file__).parent.parent.parent
SCRIPTS = _ROOT / "tests" / "conformance" / "sdks"
PACKAGES = SCRIPTS / "node_modules"
_ENVIRONMENTS = _ROOT / ".venv-sdks"
# They are many calls each, on a machine that may be busy.
_SECONDS = 400
# LiteLLM fetches its table of prices when it is imported, unless it is told not to.
_OFFLINE = {"LITELLM_LOCAL_MODEL_COST_MAP": "True", "LITELLM_LOG": "ERROR"}


@dataclass(frozen=True, slots=True)
class Sdk:
    """A version of an SDK: its script, what runs it, and the parts of Hinode that it calls."""

    name: str
    command: tuple[str, ...]
    installed: Path
    parts: frozenset[str]

    def __str__(self) -> str:
        return self.name


_COMMON = frozenset({"videos", "images", "chat", "files", "errors"})
_OPENAI = _COMMON | {"official"}
_NEWER = _OPENAI | {"actions"}


def _python(name: str, script: str, parts: frozenset[str]) -> Sdk:
    python = _ENVIRONMENTS / name / "bin" / "python"
    return Sdk(name, (str(python), script), python, parts)


def _node(name: str, package: str, parts: frozenset[str]) -> Sdk:
    return Sdk(name, ("node", "openai_node.mjs", package), PACKAGES / package, parts)


def _ai(major: str) -> Sdk:
    parts = frozenset({"chat", "ai"})
    return Sdk(f"ai-{major}", ("node", "ai_sdk.mjs", major), PACKAGES / f"ai-{major}", parts)


SDKS = (
    _python("openai-2.2", "openai_python.py", _OPENAI),
    _python("openai-2", "openai_python.py", _NEWER),
    _python("openai-3", "openai_python.py", _NEWER | {"webhooks"}),
    _node("node-6", "openai-6", _NEWER),
    _node("node-7", "openai-7", _NEWER | {"webhooks"}),
    _python("litellm", "litellm_sdk.py", _COMMON),
    _ai("6"),
    _ai("7"),
)


def with_part(part: str) -> list[Sdk]:
    """Return the SDKs that call a part of Hinode."""
    return [sdk for sdk in SDKS if part in sdk.parts]


def run(sdk: Sdk, base_url: str, key: str, *files: Path) -> Any:
    """Run the script of an SDK and return what it saw."""
    need(sdk.installed.exists() and shutil.which(sdk.command[0]) is not None, str(sdk), "make sdks")
    with true_clock():
        done = subprocess.run(
            [*sdk.command, base_url, key, *map(str, files)],
            cwd=SCRIPTS,
            env=os.environ | _OFFLINE,
            capture_output=True,
            text=True,
            timeout=_SECONDS,
            check=False,
        )
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def need(here: bool, what: str, remedy: str) -> None:
    """Skip the test where a program is not installed; in CI it fails instead."""
    if here:
        return
    message = f"{what} is not installed; install it with: {remedy}"
    if os.environ.get("CI"):
        pytest.fail(message)
    pytest.skip(message)
