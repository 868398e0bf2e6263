"""The five commands from a bare machine to a model: shell that parses, settings that load."""

from __future__ import annotations

import re
import shlex
import subprocess
from pathlib import Path

import pytest

from hinode import load_settings
from hinode.engines.diffusers.settings import DiffusersSettings
from hinode.engines.diffusers.weights.names import parse_name

HOWTO = Path(__file__).parents[2] / "docs" / "howto"
PAGES = ("local-models.md", "local-models.zh-CN.md")
PEAKS = re.compile(r"^\| (\d+ GB) \| (.+?) \| (.+?) \| .+? \| (\d+, \d+) \|", re.MULTILINE)


def commands(page: str) -> list[str]:
    """The lines of a page's first block."""
    text = (HOWTO / page).read_text(encoding="utf-8")
    (block, *_) = re.findall(r"^```bash\n(.*?)^```", text, re.MULTILINE | re.DOTALL)
    return [str(line) for line in block.splitlines()]


def test_the_card_memory_is_the_same_in_both_languages() -> None:
    english, chinese = (PEAKS.findall((HOWTO / one).read_text("utf-8")) for one in PAGES)
    assert english == chinese
    assert len(english) > 10


@pytest.mark.parametrize("page", PAGES)
def test_five_commands_lead_to_a_model(page: str, tmp_path: Path) -> None:
    lines = commands(page)
    assert len(lines) == 5
    checked = subprocess.run(
        ["bash", "-n"], input="\n".join(lines), capture_output=True, text=True, check=False
    )
    assert (checked.returncode, checked.stderr) == (0, "")
    subprocess.run(["bash", "-ec", lines[1]], cwd=tmp_path, check=True)
    settings = load_settings(data=tmp_path / "data")
    model = settings.models["sora-2"]
    assert isinstance(settings.engine_settings("local"), DiffusersSettings)
    assert model.engine == "local"
    pull, check = (shlex.split(line, comments=True) for line in lines[2:4])
    assert pull == ["hinode", "model", "pull", model.upstream, "--data", "data"]
    assert check == ["hinode", "model", "check", model.upstream, "--data", "data"]
    assert parse_name(str(model.upstream)) is not None
    assert shlex.split(lines[4], comments=True) == ["hinode", "serve", "--data", "data"]
