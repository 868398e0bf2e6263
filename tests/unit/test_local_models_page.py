"""The five commands from a bare machine to a model: shell that parses, settings that load."""

from __future__ import annotations

import re
import shlex
import subprocess
from pathlib import Path

from hinode import load_settings
from hinode.engines.diffusers.settings import DiffusersSettings
from hinode.engines.diffusers.weights.names import parse_name

PAGE = Path(__file__).parents[2] / "docs" / "howto" / "local-models.md"


def commands() -> list[str]:
    """The lines of the page's first block."""
    (block, *_) = re.findall(r"^```bash\n(.*?)^```", PAGE.read_text(), re.MULTILINE | re.DOTALL)
    return [str(line) for line in block.splitlines()]


def test_five_commands_lead_to_a_model(tmp_path: Path) -> None:
    lines = commands()
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
