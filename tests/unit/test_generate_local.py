"""`hinode generate` without a server tells the engine which model to render with."""

from __future__ import annotations

from pathlib import Path

import pytest

from hinode import load_settings
from hinode.cli import generate_local
from hinode.cli.generate_options import GenerateOptions
from hinode.engines.base import EngineError


def test_the_engine_is_told_the_model_of_the_settings(tmp_path: Path) -> None:
    settings = load_settings(
        data=tmp_path,
        engines={"local": {"kind": "diffusers", "devices": "cpu"}},
        models={"sora-2": {"engine": "local", "upstream": "owner/absent"}},
    )
    opts = GenerateOptions("a boat", tmp_path / "video.mp4", {})
    # It is looked for by its name, and is not here.
    with pytest.raises(EngineError, match="'owner/absent' is not on this server"):
        generate_local.render_local(settings, opts)
