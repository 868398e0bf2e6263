"""Models of one class that differ by their weights: LTX-2's successors, Kandinsky, MiniMax-H3."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path

import pytest

from hinode.engines.base import ArtifactRole, RenderParameters
from hinode.engines.diffusers.rendering.adapters import distilled_arguments
from hinode.engines.diffusers.weights.inspection import inspect
from tests.support.model_studio import SECONDS, Studio
from tests.support.open_models import ROOT, TORCH_PYTHON

pytestmark = pytest.mark.full


@pytest.mark.parametrize(("model", "rules"), [("ltx23", "LTX-2"), ("ltx25", "LTX-2.5")])
@pytest.mark.parametrize("starts_on", ["text", "picture"])
def test_the_successors_of_ltx2_render_with_sound(
    studio: Studio, picture: Path, model: str, rules: str, starts_on: str
) -> None:
    facts = inspect(studio.models / model)
    assert (facts.checkpoint and facts.checkpoint.name) == rules
    assert (facts.sound, facts.sample_rate, facts.missing) == (True, 48_000, ())
    given = {"first_frame": picture} if starts_on == "picture" else {}
    # Twenty frames are no legal count, and become one; nine are.
    for frames, fps in ((20, 10), (9, 24)):
        heard = studio.video(model, frames=frames, fps=fps, **given)
        assert (heard.frames, heard.fps, heard.has_audio) == (frames, float(fps), True)
        assert heard.audio_seconds == pytest.approx(frames / fps, abs=0.05)


def test_what_writes_prompts_anew_is_neither_counted_nor_loaded(studio: Studio) -> None:
    parts = {one.name for one in inspect(studio.models / "ltx25").components}
    assert "connectors" in parts
    assert not parts & {"duration_head", "prompt_enhancer"}


def test_a_distilled_model_sees_its_own_noise_levels(tiny_models: Path) -> None:
    # Its scheduler would shift them by the size of the clip.
    folder = tiny_models / "ltx25"
    config = json.loads((folder / "scheduler/scheduler_config.json").read_text())
    assert config["use_dynamic_shifting"] is True
    command = [str(TORCH_PYTHON), "-m", "tests.support.distilled_renders", str(folder)]
    done = subprocess.run(command, capture_output=True, timeout=SECONDS, check=True, cwd=ROOT)
    usual, named, same_scheduler = json.loads(done.stdout)
    # One call for each step: no guidance of any kind.
    assert usual == pytest.approx(distilled_arguments("LTX-2.5")["sigmas"])
    assert len(named) == 2
    assert same_scheduler


def test_kandinsky_6_without_its_parts_for_sound_is_silent(studio: Studio, picture: Path) -> None:
    assert not inspect(studio.models / "kandinsky6_silent").sound
    for given in ({}, {"first_frame": picture}):
        info = studio.video("kandinsky6_silent", **given)
        assert (info.frames, info.fps, info.has_audio) == (20, 10.0, False)


def test_sound_that_nobody_wants_is_not_rendered(studio: Studio) -> None:
    silent = RenderParameters(num_inference_steps=2, generate_audio=False)
    assert not studio.video("kandinsky6", parameters=silent).has_audio


@pytest.mark.parametrize("model", ["wan21_i2v", "cogvideox_i2v", "kandinsky5_i2v"])
@pytest.mark.parametrize("frames", [5, 20])
def test_short_and_long_clips_start_on_a_picture(
    studio: Studio, picture: Path, model: str, frames: int
) -> None:
    assert studio.video(model, first_frame=picture, frames=frames).frames == frames


def test_one_step_is_rendered_in_the_least_that_there_are(studio: Studio) -> None:
    one = RenderParameters(num_inference_steps=1)
    made = studio.render("minimax_h3", fps=24, frames=124, parameters=one)
    assert made[ArtifactRole.VIDEO].frames == 124
