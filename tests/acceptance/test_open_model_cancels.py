"""A cancel in each phase of a render, with tiny models of all families, in one process."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path
from typing import Any

import pytest

from hinode.engines.diffusers.rendering.adapters import BY_CLASS
from tests.support.open_models import ROOT, TORCH_PYTHON

pytestmark = pytest.mark.full

SECONDS = 3000
BOTH = ("text", "picture")
ALL = (*BOTH, "mask")
WAYS = {
    "wan21": ("text",), "wan21_i2v": ("picture",), "wan22_a14b": ("text",),
    "wan22_i2v": ("picture",), "wan22_5b": BOTH, "ltx2": BOTH, "ltx23": BOTH, "ltx25": BOTH,
    "hunyuan15": ("text",), "hunyuan15_i2v": ("picture",), "cogvideox": ("text",),
    "cogvideox_i2v": ("picture",), "cogvideox15": ("text",), "cogvideox15_i2v": ("picture",),
    "mochi": ("text",), "sana": ("text",), "sana_i2v": ("picture",), "kandinsky5": ("text",),
    "kandinsky5_i2v": ("picture",), "kandinsky6": BOTH, "kandinsky6_silent": BOTH,
    "minimax_h3": BOTH, "zimage": ALL, "qwen_image": ALL, "qwen_edit": ("picture",),
    "qwen_edit_plus": ("picture",), "klein": BOTH, "sdxl": ALL,
}  # fmt: skip
CASES = [f"{model} {way}" for model, ways in WAYS.items() for way in ways]


@pytest.fixture(scope="module")
def ended(tiny_models: Path) -> Any:
    """What each cancel led to, by the model and what it renders from."""
    command = [str(TORCH_PYTHON), "-m", "tests.support.canceled_renders", str(tiny_models)]
    done = subprocess.run(
        command, capture_output=True, text=True, timeout=SECONDS, check=True, cwd=ROOT
    )
    return json.loads(done.stdout)


@pytest.mark.parametrize("case", CASES)
def test_a_cancel_ends_the_job_where_it_is_and_spoils_no_other(ended: Any, case: str) -> None:
    found = ended[case]
    assert "error" not in found, found["error"]
    steps = found["steps_of_whole"]
    calls_per_step = found["calls"] // steps
    for phase in ("encoding", "steps", "decoding"):
        left = found[phase]
        assert (left["heard"], left["canceled"], left["failure"]) == (True, True, None), phase
        assert left["files"] == [], phase
        assert left["same"], phase  # the render after it has the frames and sound of the one before
    encoding, middle, decoding = (found[phase] for phase in ("encoding", "steps", "decoding"))
    assert (encoding["denoised"], encoding["decoded"]) == (0, 0)
    # Canceled in its third step, which is the last one.
    assert (middle["steps"], middle["denoised"], middle["decoded"]) == (2, 3 * calls_per_step, 0)
    assert (decoding["steps"], decoding["decoded"]) == (steps, 1)


def test_every_family_and_class_was_canceled(ended: Any) -> None:
    assert set(ended) == set(CASES)
    # This class is rendered by the two others of its family.
    assert {one["class"] for one in ended.values()} == BY_CLASS.keys() - {"LTX2ConditionPipeline"}
