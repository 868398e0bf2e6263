"""Weights that are moved while a model renders: where they go, and how a render ends early."""

from __future__ import annotations

import json
import os
import subprocess
from pathlib import Path
from typing import Any

import pytest

from hinode.engines.diffusers.weights.inspection import inspect
from hinode.engines.diffusers.weights.load_options import LoadOptions, Placement
from hinode.engines.diffusers.weights.memory import Memory, plan_memory
from tests.support.open_models import ROOT, TORCH_PYTHON

pytestmark = pytest.mark.full

SCRIPT = ROOT / "tests" / "support" / "interrupted_renders.py"
GROUPED, CALLS = "tests.support.grouped_renders", "tests.support.encoder_calls"
SECONDS = 300
PLENTY = 1 << 40


def run(*arguments: object) -> Any:
    done = subprocess.run(
        [TORCH_PYTHON, SCRIPT, *map(str, arguments)],
        capture_output=True, text=True, timeout=SECONDS, check=True,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
    )  # fmt: skip
    return json.loads(done.stdout)


@pytest.fixture(scope="module")
def ended(tiny_models: Path) -> Any:
    """How each render ended, by its name."""
    return run(tiny_models / "wan21")


@pytest.mark.parametrize(
    ("name", "canceled", "failure", "freed"),
    [
        ("whole", False, None, 1),
        ("canceled", True, None, 1),
        ("failed", False, ["render_failed", False], 1),
        # Its process ends, and all that it holds with it.
        ("out of memory", False, ["out_of_memory", True], 0),
        ("kernel", False, ["render_failed", True], 0),
        ("convolution", False, ["render_failed", True], 0),
        ("no handle", False, ["out_of_memory", True], 0),
    ],
)
def test_weights_go_back_however_a_render_ends(
    ended: Any, name: str, canceled: bool, failure: list[Any] | None, freed: int
) -> None:
    found, whole = ended[name], ended["whole"]
    assert (found["canceled"], found["failure"], found["freed"]) == (canceled, failure, freed)
    assert bool(found["frames"]) == (name == "whole")
    assert found["after"] == whole["frames"]
    assert found["moved"] == ["text_encoder", "transformer", "vae"]


def test_parts_of_pipelines_that_share_them_are_prepared_once(tiny_models: Path) -> None:
    command = [str(TORCH_PYTHON), "-m", GROUPED, str(tiny_models / "wan22_5b")]
    done = subprocess.run(
        command, capture_output=True, text=True, timeout=SECONDS, check=True, cwd=ROOT
    )
    found = json.loads(done.stdout)
    # Pipelines call the inner parts of text encoders, whose blocks are too deep to be found.
    assert found["prepared"] == [["text_encoder", "leaf_level"], ["transformer", "block_level"]]
    # The picture to start from is encoded, and frames are decoded; never beside a denoiser.
    assert found["vae"] == {"text": ["host", "device"], "first": ["device", "host", "device"]}
    assert found["frames"]["offloaded"] == found["frames"]["whole"]


def test_the_free_memory_says_where_the_weights_go(tiny_models: Path) -> None:
    folder = tiny_models / "hunyuan15"
    facts, free = inspect(folder), Memory(PLENTY, PLENTY)
    whole, parts, blocks = (
        plan_memory(facts, free, LoadOptions(placement=one)).card_peak
        for one in (Placement.RESIDENT, Placement.MODEL_OFFLOAD, Placement.GROUP_OFFLOAD)
    )
    found = run(folder, whole, whole - 1, parts - 1, blocks - 1)
    assert found[:3] == [
        ["resident", "to"],
        ["model_offload", "enable_model_cpu_offload"],
        ["group_offload", "apply_group_offloading"],
    ]
    assert found[3][0] == "refused"
    assert "does not fit" in found[3][1]


def test_a_card_that_torch_cannot_use_is_told_instead_of_rendering_without(
    tiny_models: Path,
) -> None:
    command = [str(TORCH_PYTHON), "-m", CALLS, str(tiny_models / "wan21"), "0", "x"]
    done = subprocess.run(
        command, capture_output=True, text=True, timeout=SECONDS, check=False, cwd=ROOT,
        env={**os.environ, "CUDA_VISIBLE_DEVICES": "GPU-none"},
    )  # fmt: skip
    assert "NotLoadable: The card 'GPU-none' cannot be used: " in done.stderr
    assert done.returncode == 1
