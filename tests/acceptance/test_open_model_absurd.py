"""Configurations of other weights than those beside them, which only a load can tell."""

from __future__ import annotations

import asyncio
import json
import shutil
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from hinode.engines.base import EngineError
from tests.support.model_studio import Studio, opened_studio

pytestmark = pytest.mark.full

MEGABYTES = 700
"""What a load of a tiny model may take at most."""


@pytest.fixture(scope="module")
def studio(tiny_models: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Studio]:
    with opened_studio(tiny_models, tmp_path_factory.mktemp("renders")) as made:
        yield made


def peak(pid: int | None) -> int:
    """Return the most memory that a process has had, in megabytes."""
    lines = Path(f"/proc/{pid}/status").read_text().splitlines()
    (told,) = (line.split()[1] for line in lines if line.startswith("VmHWM"))
    return int(told) // 1024


def refusal(studio: Studio, folder: Path) -> str:
    with pytest.raises(EngineError) as refused:
        asyncio.run(studio.collect(replace(studio.spec("wan21"), model=str(folder))))
    assert refused.value.code == "model_unusable"
    assert not refused.value.host_suspected
    assert str(folder.parent) not in str(refused.value)
    return str(refused.value)


@pytest.mark.parametrize(
    ("file", "changes", "why"),
    [
        ("transformer", {"ffn_dim": 64}, "ffn.net.0.proj.weight would be 64x32, and is 32x32"),
        ("transformer", {"ffn_dim": 100_000}, "would be 100000x32, and is 32x32"),
        ("transformer", {"num_attention_heads": 100_000}, "does not fit the weights"),
        ("transformer", {"patch_size": [10**5, 10**5, 2]}, "does not fit the weights"),
        ("transformer", {"rope_max_seq_len": 10**9}, "asks for tables of 119 GiB"),
        ("transformer", {"qk_norm": "none of these"}, "Get the model again"),
        ("vae", {"dim_mult": [1] * 100_000, "temperal_downsample": [False] * 99_999},
         "has too many parts"),
        ("vae", {"z_dim": -(10**9), "dim_mult": ["one"]}, "is no configuration of Auto"),
        ("text_encoder", {"relative_attention_num_buckets": 10**9}, "Get the model again"),
        ("text_encoder", {"d_model": "wide", "layer_norm_epsilon": "small"}, "Get the model again"),
    ],
)  # fmt: skip
def test_a_configuration_of_other_weights_costs_its_own_job_only(
    studio: Studio, tmp_path: Path, file: str, changes: dict[str, Any], why: str
) -> None:
    assert studio.video("wan21").frames == 20
    before, pid = peak(studio.pid), studio.pid
    folder = tmp_path / "absurd"
    shutil.copytree(studio.models / "wan21", folder)
    config = folder / file / "config.json"
    config.write_text(json.dumps({**json.loads(config.read_text()), **changes}))
    assert why in refusal(studio, folder)
    assert peak(studio.pid) < before + MEGABYTES
    assert studio.video("wan21").frames == 20
    assert studio.pid == pid
