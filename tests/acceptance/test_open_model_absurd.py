"""Configurations of other weights than those beside them, which only a load can tell."""

from __future__ import annotations

import asyncio
import json
import shutil
import subprocess
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from hinode.engines.base import EngineError
from tests.support.model_studio import Studio
from tests.support.open_models import ROOT, TORCH_PYTHON

pytestmark = pytest.mark.full

SECONDS = 1200
MEGABYTES = 1000
"""What all loads may take at most; a class of too many parts takes the most."""
CASES: list[tuple[str, dict[str, Any], str]] = [
    ("transformer", {"ffn_dim": 64}, "ffn.net.0.proj.weight would be 64x32, and is 32x32"),
    ("transformer", {"ffn_dim": 100_000}, "would be 100000x32, and is 32x32"),
    ("transformer", {"num_attention_heads": 100_000}, "does not fit the weights"),
    ("transformer", {"patch_size": [10**5, 10**5, 2]}, "does not fit the weights"),
    ("transformer", {"rope_max_seq_len": 10**9}, "asks for tables of 119 GiB"),
    ("vae", {"z_dim": 1, "dim_mult": ["one"]}, "is no configuration of AutoencoderKLWan"),
    ("vae", {"dim_mult": [1] * 100_000, "temperal_downsample": [False] * 99_999},
     "has too many parts"),
    ("text_encoder", {"relative_attention_num_buckets": 10**9}, "does not fit the weights"),
    ("text_encoder", {"layer_norm_epsilon": "small"}, "Get the model again"),
]  # fmt: skip


def test_a_configuration_of_other_weights_is_told_before_it_takes_memory(tiny_models: Path) -> None:
    cases = json.dumps([[component, changes] for component, changes, _ in CASES])
    command = [TORCH_PYTHON, "-m", "tests.support.absurd_loads", tiny_models / "wan21"]
    done = subprocess.run(
        [*map(str, command)],
        input=cases.encode(), capture_output=True, timeout=SECONDS, check=True, cwd=ROOT,
    )  # fmt: skip
    told, megabytes = json.loads(done.stdout)
    for (component, changes, why), message in zip(CASES, told, strict=True):
        assert why in message, (component, list(changes))
    assert megabytes < MEGABYTES


def test_what_the_libraries_have_by_themselves_is_not_absurd(tiny_models: Path) -> None:
    command = [str(TORCH_PYTHON), "-m", "tests.support.usual_configs"]
    done = subprocess.run(command, capture_output=True, timeout=SECONDS, check=True, cwd=ROOT)
    seen, told = json.loads(done.stdout)
    assert seen > 500
    assert told == []


def test_it_costs_its_own_job_only(studio: Studio, tmp_path: Path) -> None:
    folder = tmp_path / "absurd"
    shutil.copytree(studio.models / "wan21", folder)
    config = folder / "transformer/config.json"
    config.write_text(json.dumps({**json.loads(config.read_text()), "ffn_dim": 100_000}))
    with pytest.raises(EngineError) as refused:
        asyncio.run(studio.collect(replace(studio.spec("wan21"), model=str(folder))))
    assert refused.value.code == "model_unusable"
    assert not refused.value.host_suspected
    assert "does not fit the weights" in str(refused.value)
    assert str(tmp_path) not in str(refused.value)
    assert studio.video("wan21").frames == 20
